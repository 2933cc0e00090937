import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  createComputeClient,
  createIdentityClient,
  createIntrospectionClient,
  createMeteringClient,
} from '@nefos/client';
import pg from 'pg';

const root = path.resolve(__dirname, '../../..');
const SERVICES = ['identity', 'compute', 'metering', 'introspection'] as const;
export type ServiceName = (typeof SERVICES)[number];
type Env = Record<string, string>;
/** The answer of prepare.mjs. */
interface Prepared {
  pid: number;
  port: number;
  urls: Record<ServiceName, string>;
  bootstrap: object;
  components: { compute: string; metering: string; introspection: string };
  credentials: {
    identity: { admin: Person; user: Person; service: { token: string } };
    compute: { staff: { username: string; token: string }; user: { username: string; token: string } };
    metering: { account_number: string; superuser_account_number: string };
    introspection: { token: string };
  };
}
interface Person {
  uuid: string;
  email: string;
  password: string;
  token: string;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = net
      .createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const { port } = server.address() as net.AddressInfo;
        server.close(() => resolve(port));
      });
  });
/** One plain request, without repetitions or redirects; status 0 when there was no answer. */
export const ask = (
  url: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }> =>
  new Promise((resolve) => {
    const gone = (): void => resolve({ status: 0, headers: {}, text: '' });
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const req = http.request(
      url,
      {
        method,
        agent: false,
        timeout: 10_000,
        headers: {
          ...(sent !== undefined && {
            'Content-Type': 'application/json',
            'Content-Length': String(Buffer.byteLength(sent)),
          }),
          ...headers,
        },
      },
      (res) => {
        let text = '';
        res
          .setEncoding('utf8')
          .on('data', (part: string) => {
            text += part;
          })
          .on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text }))
          .on('error', gone);
      },
    );
    req
      .on('timeout', () => req.destroy())
      .on('error', gone)
      .end(sent);
  });
/** Repeats `check` until it finds something. @throws after `seconds`, with its last result */
export const eventually = async <T>(
  what: string,
  check: () => Promise<T | undefined | null | false>,
  seconds = 20,
): Promise<T> => {
  let last: unknown;
  for (const end = Date.now() + seconds * 1000; ;) {
    try {
      const found = await check();
      if (found) return found;
      last = found;
    } catch (err) {
      last = err instanceof Error ? err.message : err;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s (last: ${JSON.stringify(last)})`);
    await sleep(50);
  }
};

const run = promisify(execFile);
const prepare = async (options: { dir: string; port?: number; gateway: string }): Promise<Prepared> => {
  const { stdout } = await run(
    process.execPath,
    [path.join(__dirname, 'prepare.mjs'), JSON.stringify({ ...options, owner: process.pid, services: SERVICES })],
    { cwd: root },
  );
  return JSON.parse(stdout) as Prepared;
};
const exitOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/**
 * A Nefos of one test file's own: PostgreSQL that keeps what it acknowledged, and the services as processes from their
 * built code, each on its own port. Everything ends with `close`, or with this process: a service whose channel closes
 * stops itself.
 */
export const startStack = async () => {
  for (const name of SERVICES)
    if (!existsSync(path.join(root, 'services', name, 'dist/main.js')))
      throw new Error(`services/${name} is not built: run \`npm run build\` first`);
  const dir = mkdtempSync(path.join(process.getuid?.() === 0 ? '/var/tmp' : os.tmpdir(), 'nefos-e2e-'));
  chmodSync(dir, 0o755); // the user that PostgreSQL runs as must reach it
  const ports: Record<string, number> = {};
  for (const name of SERVICES) ports[name] = await freePort();
  const origin = (name: ServiceName): string => `http://127.0.0.1:${ports[name]}`;
  const gateway = origin('identity');
  const prepared = await prepare({ dir, gateway }).catch((err: unknown) => {
    rmSync(dir, { recursive: true, force: true });
    throw err;
  });
  const { credentials, components } = prepared;
  let postmaster = prepared.pid;
  const bootstrapFile = path.join(dir, 'bootstrap.json');
  writeFileSync(bootstrapFile, JSON.stringify(prepared.bootstrap), { mode: 0o600 });
  const shared: Env = {
    PATH: process.env.PATH ?? '',
    NEFOS_LOG_LEVEL: 'warn',
    NEFOS_PUBLIC_URL: gateway,
    NEFOS_FIXTURE: 'demo',
    NEFOS_BOOTSTRAP_FILE: bootstrapFile,
    NEFOS_DRAIN_SECONDS: '1',
    ...Object.fromEntries(
      SERVICES.flatMap((name) => {
        const N = name.toUpperCase();
        return [
          [`NEFOS_${N}_URL`, origin(name)],
          [`NEFOS_${N}_PORT`, String(ports[name])],
          [`NEFOS_${N}_DATABASE_URL`, prepared.urls[name]],
        ];
      }),
    ),
    NEFOS_COMPUTE_IMAGE_DIR: path.join(dir, 'images'),
    NEFOS_COMPUTE_TOKEN: components.compute,
    NEFOS_SECRET_KEYS: Buffer.alloc(32, 'test').toString('base64'),
    NEFOS_METERING_TOKEN: components.metering,
    NEFOS_INTROSPECTION_TOKEN: components.introspection,
  };
  const children = new Map<ServiceName, ChildProcess>();
  const logFile = (name: ServiceName): string => path.join(dir, `${name}.log`);
  const logs = (name: ServiceName): string =>
    existsSync(logFile(name)) ? readFileSync(logFile(name), 'utf8').slice(-3000) : '';

  const stack = {
    credentials,
    components,
    urls: prepared.urls,
    /** Where the data of images is. */
    imageDir: path.join(dir, 'images'),
    origin,
    logs,
    /** The whole log of a service. */
    log: (name: ServiceName): string => readFileSync(logFile(name), 'utf8'),
    /** The requests that a service answered with 500, by its log. */
    unexpected: (name: ServiceName): unknown[] =>
      readFileSync(logFile(name), 'utf8')
        .split('\n')
        .filter((line) => line.includes('"msg":"unexpected error"'))
        .map((line) => JSON.parse(line) as unknown),
    pid: (name: ServiceName): number | undefined => children.get(name)?.pid,
    /** Whether the service's process is the one that was started, and lives. */
    alive: (name: ServiceName): boolean => {
      const child = children.get(name);
      return child !== undefined && child.exitCode === null && child.signalCode === null;
    },
    /** Starts a service and waits until it is ready. */
    start: async (name: ServiceName, env: Env = {}): Promise<void> => {
      if (stack.alive(name)) throw new Error(`${name} runs already`);
      const log = openSync(logFile(name), 'a', 0o600);
      const child = spawn(
        process.execPath,
        ['--enable-source-maps', path.join(root, 'services', name, 'dist/main.js')],
        { cwd: root, env: { ...shared, ...env }, stdio: ['ignore', log, log, 'ipc'] },
      );
      closeSync(log);
      children.set(name, child);
      await eventually(
        `${name} is ready`,
        async () => {
          if (!stack.alive(name)) throw new Error(`it ended:\n${logs(name)}`);
          const { status, text } = await ask(`${origin(name)}/readyz`);
          if (status === 200) return true;
          throw new Error(text || 'no answer');
        },
        60,
      );
    },
    /** SIGKILL. */
    kill: async (name: ServiceName): Promise<void> => {
      const child = children.get(name);
      if (child) {
        child.kill('SIGKILL');
        await exitOf(child);
      }
    },
    /** SIGTERM, as the supervisor does; SIGKILL when that does not help. */
    stop: async (name: ServiceName): Promise<void> => {
      const child = children.get(name);
      if (!child) return;
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 8000);
      await exitOf(child);
      clearTimeout(hard);
    },
    /** Stops the process (SIGSTOP): its connections stay open and nothing is answered. */
    freeze: (name: ServiceName): void => {
      children.get(name)?.kill('SIGSTOP');
    },
    thaw: (name: ServiceName): void => {
      children.get(name)?.kill('SIGCONT');
    },
    killPostgres: (): void => {
      process.kill(postmaster, 'SIGKILL');
    },
    startPostgres: async (): Promise<void> => {
      postmaster = (await prepare({ dir, port: prepared.port, gateway })).pid;
    },
    /** The operator's command, in a process of its own. @returns what it printed, as JSON */
    nefos: async (...args: string[]): Promise<unknown> => {
      const env = { ...shared, NEFOS_BOOTSTRAP_FILE: undefined };
      const { stdout } = await run(
        process.execPath,
        [path.join(root, 'services/identity/dist/cli.js'), '--json', ...args],
        { cwd: root, env },
      );
      return JSON.parse(stdout) as unknown;
    },
    /** One query in a service's database, on a connection of its own. */
    query: async <R extends pg.QueryResultRow>(
      name: ServiceName,
      text: string,
      values: unknown[] = [],
    ): Promise<R[]> => {
      const client = new pg.Client({ connectionString: prepared.urls[name] });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.query<R>(text, values)).rows;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    /** Compute as demoadmin. No retries: a test checks the first answer. */
    staff: createComputeClient({
      baseURL: origin('compute'),
      token: credentials.compute.staff.token,
      retries: 0,
      timeoutMs: 15_000,
    }),
    /** Identity with compute's token: the operator's own token manages no users. */
    identity: createIdentityClient({ baseURL: origin('identity'), serviceToken: components.compute, retries: 0 }),
    /** Metering as the account of a compute client, by the trusted header. */
    metering: (accountNumber: string) =>
      createMeteringClient({ baseURL: origin('metering'), accountNumber, retries: 0 }),
    /** Metering with compute's token, for sending events. */
    events: createMeteringClient({
      baseURL: origin('metering'),
      token: components.compute,
      retries: 0,
      timeoutMs: 5000,
    }),
    /** Introspection as the administrator. */
    introspection: createIntrospectionClient({
      baseURL: origin('introspection'),
      token: credentials.introspection.token,
      retries: 0,
    }),
    close: async (): Promise<void> => {
      for (const client of [stack.staff, stack.identity, stack.events, stack.introspection]) client.close();
      await Promise.all(SERVICES.map((name) => stack.stop(name)));
      try {
        process.kill(postmaster, 'SIGQUIT');
      } catch {
        /* a test killed it */
      }
      for (let i = 0; i < 200; i += 1) {
        try {
          process.kill(postmaster, 0);
        } catch {
          break;
        }
        if (zombie(postmaster)) break;
        await sleep(25);
      }
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
  try {
    await stack.start('identity');
    await Promise.all(SERVICES.slice(1).map((name) => stack.start(name)));
  } catch (err) {
    await stack.close();
    throw err;
  }
  return stack;
};
export type Stack = Awaited<ReturnType<typeof startStack>>;

/** Whether it is a zombie, which its parent may never reap. */
const zombie = (pid: number): boolean => {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
