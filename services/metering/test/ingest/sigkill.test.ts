import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createMeteringClient, type MeteringClient } from '@nefos/client';
import type { MeteringEvent } from '@nefos/contracts';
import { openDatabase, sql, type Db } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import pino from 'pino';
import { migrations } from '../../src/migrations/index.js';
import { makeLife } from '../support.js';

const log = pino({ level: 'silent' });
const TOKEN = 'component-token-of-metering-test';
/** Says of every token that it is compute's. */
const identity = http.createServer((_req, res) =>
  res
    .writeHead(200, { 'Content-Type': 'application/json' })
    .end(
      JSON.stringify({
        token: {
          expires_at: null,
          audit_ids: ['a'],
          user: { id: 'component:nefos-compute', name: 'nefos-compute' },
          roles: ['service', 'events.send'].map((name) => ({ id: name, name })),
        },
      }),
    ),
);

/** Needs the build: it is the true process that is killed. */
describe('SIGKILL while events arrive', () => {
  let db: Db;
  let url: string;
  let drop: () => Promise<void>;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    ({ url, drop } = await cloneDatabase({ name: 'metering_bare', migrations, log }));
    db = await openDatabase({ url, migrations, log, applicationName: 'test' });
    identity.listen(0, '127.0.0.1');
    await once(identity, 'listening');
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    identity.closeAllConnections();
    identity.close();
    await db.close();
    await drop();
  });

  const start = async (port: number): Promise<void> => {
    const env = {
      PATH: process.env.PATH,
      NEFOS_METERING_DATABASE_URL: url,
      NEFOS_METERING_TOKEN: TOKEN,
      NEFOS_METERING_PORT: String(port),
      NEFOS_IDENTITY_URL: `http://127.0.0.1:${(identity.address() as AddressInfo).port}`,
      NEFOS_LOG_LEVEL: 'error',
    };
    child = fork(path.join(__dirname, '../../dist/main.js'), { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`metering ended with ${String(code)}: is it built?`);
      }),
    ]);
  };
  const freePort = async (): Promise<number> => {
    const probe = http.createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    return port;
  };
  /** As compute's relay: again and again until the batch is acknowledged. */
  const tellAll = async (client: MeteringClient, batches: MeteringEvent[][]): Promise<void> => {
    for (const batch of batches)
      for (;;)
        try {
          expect((await client.ingestEvents(batch)).every((r) => r.status !== 'refused')).toBe(true);
          break;
        } catch (err) {
          if (!(err as { name?: string }).name?.startsWith('ApiError')) throw err;
          await new Promise((r) => setTimeout(r, 20));
        }
  };

  it('nothing is lost and nothing counts twice', async () => {
    const lives = Array.from({ length: 40 }, (_, i) => makeLife({ account: `client-${i % 3}` }));
    const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();
    const events = Array.from({ length: 15 }, (_, n) =>
      lives.map(({ event }) => event(n % 2 ? 'power_off' : 'power_on', minute(n))),
    ).flat();
    const batches = Array.from({ length: 60 }, (_, i) => events.slice(i * 10, i * 10 + 10));
    const port = await freePort();
    await start(port);
    const client = createMeteringClient({
      baseURL: `http://127.0.0.1:${port}`,
      token: TOKEN,
      retries: 0,
      timeoutMs: 2000,
    });
    let kills = 0;
    let done = false;
    const telling = tellAll(client, batches).finally(() => {
      done = true;
    });
    while (!done && kills < 3) {
      const [{ stored } = { stored: 0 }] = await sql<{ stored: number }>(
        db,
        'select count(*)::int stored from instance_event',
      );
      if (stored < kills * 150 + 60) {
        await new Promise((r) => setTimeout(r, 5));
        continue;
      } // in the middle of the next stretch
      const gone = once(child as ChildProcess, 'exit');
      child?.kill('SIGKILL');
      await gone;
      kills += 1;
      await start(port);
    }
    await telling;
    client.close();
    expect(kills).toBe(3);
    const [found] = await sql<{ events: number; runs: number; open: number; minutes: number }>(
      db,
      `select (select count(*) from instance_event)::int events, count(*)::int runs, count(*) filter (where end_time is null)::int open,
      count(*) filter (where end_time = start_time + interval '1 minute')::int minutes from run`,
    );
    expect(found).toEqual({ events: events.length, runs: 40 * 8, open: 40, minutes: 40 * 7 });
  }, 60_000);
});
