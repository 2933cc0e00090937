import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const gone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
};

/** A PostgreSQL of one test's own, durable as in production, so that killing its processes harms no other test. */
export const ownPostgres = async (): Promise<{ url: string; close: () => Promise<void> }> => {
  const dir = mkdtempSync(path.join(process.getuid?.() === 0 ? '/var/tmp' : os.tmpdir(), 'nefos-kit-'));
  chmodSync(dir, 0o755); // the user that PostgreSQL runs as must reach it
  const { stdout } = await promisify(execFile)(process.execPath, [
    path.join(__dirname, 'postgres.mjs'),
    JSON.stringify({ dir, owner: process.pid }),
  ]);
  const { pid, url } = JSON.parse(stdout) as { pid: number; url: string };
  return {
    url,
    close: async () => {
      if (!gone(pid)) process.kill(pid, 'SIGQUIT');
      for (let i = 0; !gone(pid) && i < 200; i += 1) await sleep(25);
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
};
