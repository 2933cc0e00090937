import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Logs of ramdisks, as archives in one directory that is ours alone (contract introspection §7.4). */
export interface RamdiskLogs {
  /** @param uuid of the node; nothing of a name comes from the ramdisk */
  keep(uuid: string, archive: Uint8Array): Promise<void>;
  /** The newest of a node. */
  newest(uuid: string): Promise<string | undefined>;
}
const NAME = /^[0-9a-f-]{36}_\d{8}T\d{9}Z\.tar\.gz$/;
const stamp = (at: Date): string => at.toISOString().replaceAll(/[-:.]/g, '');
/** Files of one sweep; more are left to the next. */
const MOST_FILES = 100_000;

export const ramdiskLogsIn = (directory: string, mostBytes: number): RamdiskLogs => {
  const names = async (): Promise<string[]> =>
    (await readdir(directory).catch(() => [])).filter((name) => NAME.test(name)).slice(0, MOST_FILES);
  /** The oldest go until all take no more than they may. */
  const makeRoom = async (): Promise<void> => {
    // The time stands in the name, behind the node.
    const byAge = (await names()).sort((a, b) => (a.slice(36) < b.slice(36) ? 1 : -1));
    let total = 0;
    for (const name of byAge) {
      const file = path.join(directory, name);
      const found = await stat(file).catch(() => undefined);
      total += found?.size ?? 0;
      if (total > mostBytes) await rm(file, { force: true });
    }
  };
  return {
    keep: async (uuid, archive) => {
      if (archive.length > mostBytes) return;
      await mkdir(directory, { recursive: true, mode: 0o750 });
      const part = path.join(directory, `.${randomBytes(8).toString('hex')}.part`);
      try {
        const file = await open(part, 'wx', 0o640);
        await file.writeFile(archive).finally(() => file.close());
        await rename(part, path.join(directory, `${uuid}_${stamp(new Date())}.tar.gz`));
      } finally {
        await rm(part, { force: true });
      }
      await makeRoom();
    },
    newest: async (uuid) => {
      const [name] = (await names())
        .filter((one) => one.startsWith(`${uuid}_`))
        .sort()
        .reverse();
      return name === undefined ? undefined : path.join(directory, name);
    },
  };
};
