import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeQemuImg, hostUnder } from '../../../test/ports/qemu-host.js';
import { beginKept, lookAtCopy, removeCopy } from './qemu-copies.js';
import type { QemuHost } from './qemu-host.js';
import { keptGb } from './qemu-kept.js';
import { runDetached } from './qemu-img.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-qemu-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
/** A host whose qemu-img says that an image has 3 GB, and copies it as soon as the file `go` is there. */
const hostWith = (): QemuHost => {
  const convert = `for part in "$@"; do :; done; echo >"$part"; while [ ! -e ${dir}/go ]; do sleep 0.05; done`;
  const host = hostUnder(path.join(dir, 'region'), {
    settings: { vcpus: 100, memory_mb: 100_000, disk_gb: 1000 },
    qemuImg: fakeQemuImg(dir, 3, `convert) ${convert} ;;`),
  });
  mkdirSync(host.places.backups, { recursive: true });
  return host;
};
const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 10_000; !(await isSo()); await sleep(20))
    if (Date.now() > end) throw new Error('it has not come to that');
};
const copies = (): number => readFileSync(path.join(dir, 'asked'), 'utf8').split('convert').length - 1;
/** A process begins a copy, and dies before it could write down who makes it. */
const beginAndDie = async (host: QemuHost, target: string): Promise<void> => {
  const part = `${target}.part`;
  const at = { part, file: target, failed: `${target}.failed`, job: `${target}.job` };
  writeFileSync(at.job, JSON.stringify({ gb: 3 }));
  runDetached([host.qemuImg, 'convert', '--', 'disk', part], at, { gb: 3 });
  await until(() => existsSync(part));
};

describe('a copy whose process died when it had begun it', () => {
  it('is known, is not begun twice, counts once, and ends whole', async () => {
    const host = hostWith();
    const target = path.join(host.places.backups, randomUUID());
    await beginAndDie(host, target);
    expect(await lookAtCopy(host, target)).toBe('busy');
    await beginKept(host, { file: 'disk' }, target);
    expect([copies(), await keptGb(host, [])]).toEqual([1, 3]);
    writeFileSync(path.join(dir, 'go'), '');
    await until(async () => (await lookAtCopy(host, target)) === 'ready');
    // The note of the copy goes a moment after it is whole.
    await until(() => readdirSync(host.places.backups).length === 1);
    expect(readdirSync(host.places.backups)).toEqual([path.basename(target)]);
  });
  it('is ended when it is taken away, and does not come back', async () => {
    const host = hostWith();
    const target = path.join(host.places.backups, randomUUID());
    await beginAndDie(host, target);
    await removeCopy(host, target);
    writeFileSync(path.join(dir, 'go'), '');
    await sleep(300);
    expect(readdirSync(host.places.backups)).toEqual([]);
  });
});
