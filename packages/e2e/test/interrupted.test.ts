import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './stack.js';

const root = path.resolve(__dirname, '../../..');
const base = process.getuid?.() === 0 ? '/var/tmp' : os.tmpdir();
const THROW_AWAY = path.join(root, 'scripts/postgres/throw-away.mjs');
const POSTGRES = path.join(root, 'scripts/local-postgres.mjs');
const livesAt = (data: string): boolean => {
  try {
    const pid = Number(readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
const dataOf = (dir: string): string =>
  path.join(dir, readdirSync(dir).find((name) => /^data-\d+$/.test(name)) ?? 'data');
/** A process that has a throw-away PostgreSQL, and waits. */
const holder = async () => {
  const code = `const { startThrowAwayPg } = await import(${JSON.stringify(POSTGRES)});
    const { dir } = await startThrowAwayPg('interrupted');
    console.log(dir);
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (part: Buffer) => {
    output += part.toString();
  });
  const gone = new Promise<number | string>((resolve) => {
    child.once('exit', (status, signal) => resolve(signal ?? status ?? 0));
  });
  await eventually('the server runs', () => Promise.resolve(output.endsWith('\n')));
  const dir = output.trim();
  return { child, gone, dir, data: dataOf(dir) };
};
const endLeftovers = async (): Promise<string[]> => {
  const code = `const { endLeftovers } = await import(${JSON.stringify(THROW_AWAY)});
    console.log(JSON.stringify(await endLeftovers()));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
  return JSON.parse(stdout) as string[];
};

describe('a PostgreSQL that was started for a test', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)(
    'goes with the process that %s ends',
    async (signal, code) => {
      const { child, gone, dir, data } = await holder();
      expect(livesAt(data)).toBe(true);
      child.kill(signal);
      expect(await gone).toBe(code);
      expect(livesAt(data)).toBe(false);
      expect(existsSync(dir)).toBe(false);
    },
    60_000,
  );
  it('is ended by the next run when its process was killed; those of the living and of strangers are left alone', async () => {
    const [killed, living] = [await holder(), await holder()];
    const stranger = mkdtempSync(path.join(base, 'nefos-stranger-'));
    const elsewhere = mkdtempSync(path.join(base, 'nefos-elsewhere-'));
    writeFileSync(
      path.join(elsewhere, 'owner.json'),
      JSON.stringify({ pid: 999_999_999, started: '1', machine: 'another' }),
    );
    try {
      killed.child.kill('SIGKILL');
      await killed.gone;
      expect(livesAt(killed.data)).toBe(true);
      // Another run of the tests may have been faster.
      await endLeftovers();
      expect([livesAt(killed.data), existsSync(killed.dir)]).toEqual([false, false]);
      expect([livesAt(living.data), existsSync(stranger), existsSync(elsewhere)]).toEqual([true, true, true]);
    } finally {
      for (const dir of [stranger, elsewhere]) rmSync(dir, { recursive: true });
      living.child.kill('SIGTERM');
      await living.gone;
    }
  }, 60_000);
  it('an installation of a killed test is asked to end', async () => {
    const installation = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    const gone = new Promise<unknown>((resolve) => {
      installation.once('exit', (_status, signal) => resolve(signal));
    });
    const test = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => {
      test.once('exit', resolve);
    });
    const dir = mkdtempSync(path.join(base, 'nefos-interrupted-'));
    const told = JSON.stringify({ dir, owner: test.pid, leader: installation.pid });
    await promisify(execFile)(process.execPath, [path.join(__dirname, 'claim.mjs'), told]);
    await endLeftovers();
    expect([await gone, existsSync(dir)]).toEqual(['SIGTERM', false]);
  }, 60_000);
});

it('npm test that is interrupted leaves no process and no directory behind', async () => {
  const before = new Set(readdirSync(base));
  const child = spawn('npm', ['test', '--', 'packages/service-kit/test/secrets'], {
    cwd: root,
    // A group of its own, so that what a signal does not reach is seen.
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, NEFOS_TEST_DATABASE_URL: '' },
  });
  const gone = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  const isBelow = (pid: number): boolean =>
    pid === child.pid ||
    (pid > 1 && isBelow(Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] ?? 0)));
  const mine = (): string[] =>
    readdirSync(base).filter((name) => {
      if (before.has(name) || !name.startsWith('nefos-test-')) return false;
      try {
        return isBelow((JSON.parse(readFileSync(path.join(base, name, 'owner.json'), 'utf8')) as { pid: number }).pid);
      } catch {
        return false;
      }
    });
  await eventually(
    'its PostgreSQL runs',
    () => Promise.resolve(mine().some((name) => livesAt(dataOf(path.join(base, name))))),
    120,
  );
  const dirs = mine().map((name) => path.join(base, name));
  child.kill('SIGTERM');
  await gone;
  await eventually('all is gone', () => Promise.resolve(!dirs.some((dir) => existsSync(dir))), 30);
  expect(dirs).toHaveLength(1);
}, 180_000);
