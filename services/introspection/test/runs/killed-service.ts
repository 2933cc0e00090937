import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { migrateJobs, openDatabase, sql, type Db } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import pino from 'pino';
import { entities } from '../../src/entities.js';
import { migrations } from '../../src/migrations/index.js';

const log = pino({ level: 'silent' });
export interface Answer {
  status: number;
  body: Record<string, unknown>;
}
export interface KilledService {
  rows<R extends object>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** A call of whoever is an administrator; undefined: the process died before it answered. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer | undefined>;
  /** The process dies before that many more statements to the database. */
  killAfter(statements: number): Promise<void>;
  /**
   * Kills it, unless it is dead, and starts it again. The turn of a process that died while it spoke to a BMC ends by
   * itself after a minute, for which no test waits.
   */
  restart(): Promise<void>;
  /** Looks until it is so. */
  until<T>(what: string, look: () => Promise<T | false | undefined>, seconds?: number): Promise<T>;
}

const freePort = async (): Promise<number> => {
  const probe = http.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
};
/** The true process, from the build, on a database of its own. */
export const useKilledService = (env: Record<string, string> = {}): KilledService => {
  const service = {} as KilledService;
  let db: Db;
  let url = '';
  let drop = (): Promise<void> => Promise.resolve();
  let child: ChildProcess | undefined;
  let port = 0;
  const isDead = (): boolean => !child || child.exitCode !== null || child.signalCode !== null;
  const start = async (): Promise<void> => {
    const started = fork(path.join(__dirname, '../../dist/main.js'), {
      execArgv: ['--import', path.join(__dirname, 'kill-after.mjs')],
      env: {
        PATH: process.env.PATH,
        NEFOS_INTROSPECTION_DATABASE_URL: url,
        NEFOS_INTROSPECTION_TOKEN: 'component-token-of-introspection',
        NEFOS_INTROSPECTION_AUTH: 'noauth',
        NEFOS_INTROSPECTION_PORT: String(port),
        NEFOS_INTROSPECTION_DELAY: '0',
        NEFOS_SECRET_KEYS: Buffer.alloc(32, 7).toString('base64'),
        NEFOS_LOG_LEVEL: 'fatal',
        ...env,
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child = started;
    await Promise.race([
      once(started, 'message'),
      once(started, 'exit').then(([code]) => {
        throw new Error(`introspection ended with ${String(code)}: is it built?`);
      }),
    ]);
  };
  beforeAll(async () => {
    ({ url, drop } = await cloneDatabase({ name: 'introspection', entities, migrations, log, more: migrateJobs }));
    db = await openDatabase({ url, entities, migrations, log, applicationName: 'test' });
    port = await freePort();
    await start();
  }, 60_000);
  afterAll(async () => {
    if (!isDead()) child?.kill('SIGKILL');
    await db.close();
    await drop();
  });
  Object.assign(service, {
    rows: (text, values = []) => sql(db, text, values),
    call: async (method, at, body, headers = {}) => {
      try {
        const res = await fetch(`http://127.0.0.1:${port}${at}`, {
          method,
          headers: { 'Content-Type': 'application/json', 'X-OpenStack-Ironic-API-Version': '1.78', ...headers },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(60_000),
        });
        const text = await res.text();
        return { status: res.status, body: (text ? JSON.parse(text) : {}) as Record<string, unknown> };
      } catch {
        return undefined;
      }
    },
    killAfter: async (killAfter) => {
      const counting = once(child as ChildProcess, 'message');
      child?.send({ killAfter });
      await counting;
    },
    restart: async () => {
      if (!isDead()) {
        const gone = once(child as ChildProcess, 'exit');
        child?.kill('SIGKILL');
        await gone;
      }
      await sql(db, 'delete from bmc_turn');
      await start();
    },
    until: async (what, look, seconds = 30) => {
      for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
        const found = await look();
        if (found !== false && found !== undefined) return found;
        await new Promise((again) => {
          setTimeout(again, 50);
        });
      }
      throw new Error(`never: ${what}`);
    },
  } satisfies KilledService);
  return service;
};
