import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, eventually } from './stack.js';

const root = path.resolve(__dirname, '../../..');
const NAMES = ['GATEWAY', 'IDENTITY', 'COMPUTE', 'METERING', 'INTROSPECTION'] as const;
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** `npm start`'s own program with a state directory and ports of its own. */
export const supervisor = async () => {
  const dir = mkdtempSync(path.join(process.getuid?.() === 0 ? '/var/tmp' : os.tmpdir(), 'nefos-start-'));
  chmodSync(dir, 0o755);
  const state = path.join(dir, 'state');
  const ports = {} as Record<(typeof NAMES)[number], number>;
  for (const name of NAMES) ports[name] = await freePort();
  const gateway = `http://127.0.0.1:${ports.GATEWAY}`;
  let child: ChildProcess | undefined;
  let output = '';
  const run = (args: string[] = [], env: Record<string, string> = {}): Promise<number | string> => {
    output = '';
    const own = (child = spawn(process.execPath, ['scripts/start.mjs', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, as in a terminal: Ctrl-C there reaches every process of it.
      detached: true,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '',
        NEFOS_START_STATE: state,
        NEFOS_LOG_LEVEL: 'warn',
        ...Object.fromEntries(NAMES.map((name) => [`NEFOS_${name}_PORT`, String(ports[name])])),
        ...env,
      },
    }));
    for (const stream of [own.stdout, own.stderr])
      stream?.on('data', (part: Buffer) => {
        output += part.toString();
      });
    // When this process is killed the next run of the tests ends it. Its directory may be gone already.
    const told = JSON.stringify({ dir, owner: process.pid, leader: own.pid });
    execFile(process.execPath, [path.join(__dirname, 'claim.mjs'), told], () => undefined);
    return new Promise((resolve) => {
      own.once('exit', (code, signal) => resolve(signal ?? code ?? 0));
    });
  };
  return {
    dir,
    state,
    ports,
    gateway,
    run,
    output: () => output,
    pid: () => child?.pid ?? 0,
    kill: (signal: NodeJS.Signals): void => {
      child?.kill(signal);
    },
    /** Sends SIGINT to the whole group, as a terminal does at Ctrl-C. */
    interrupt: (): void => {
      if (child?.pid) process.kill(-child.pid, 'SIGINT');
    },
    ready: (seconds = 60) =>
      eventually(
        'npm start is ready',
        async () => {
          if (child?.exitCode !== null) throw new Error(output);
          return (await ask(`${gateway}/healthz`)).status === 200;
        },
        seconds,
      ),
    credentials: () =>
      JSON.parse(readFileSync(path.join(state, 'credentials.json'), 'utf8')) as {
        identity: { user: { uuid: string; token: string }; service: { token: string } };
        compute: { staff: { token: string } };
        metering: { account_number: string };
        introspection: { token: string };
      },
    postmaster: (): number => {
      const at = path.join(state, 'postgres/data-18/postmaster.pid');
      return existsSync(at) ? Number(readFileSync(at, 'utf8').split('\n')[0]) : 0;
    },
    close: async (): Promise<void> => {
      if (child && child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => {
          child?.once('exit', resolve);
        });
        child.kill('SIGTERM');
        await gone;
      }
      const at = path.join(state, 'postgres/data-18/postmaster.pid');
      if (existsSync(at)) {
        try {
          process.kill(Number(readFileSync(at, 'utf8').split('\n')[0]), 'SIGINT');
        } catch {
          /* it is gone */
        }
        await sleep(500);
      }
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
};
/** Living processes (zombies aside) whose command line or working directory names `text`. */
export const livingWith = async (text: string): Promise<string[]> => {
  const { readdir, readFile, readlink } = await import('node:fs/promises');
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((p) => /^\d+$/.test(p) && Number(p) !== process.pid)) {
    try {
      if (/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) continue;
      const about = [
        await readFile(`/proc/${pid}/cmdline`, 'utf8'),
        await readlink(`/proc/${pid}/cwd`),
        await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      ];
      if (about.join(' ').includes(text)) found.push(pid);
    } catch {
      /* it has ended meanwhile */
    }
  }
  return found;
};
/** SIGKILL of all of them. One that ended meanwhile, because its parent is gone, is as wanted. */
export const killLivingWith = async (text: string): Promise<void> => {
  for (const pid of await livingWith(text))
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'ESRCH') throw err;
    }
};
