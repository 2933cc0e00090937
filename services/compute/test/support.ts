import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createAuthenticator, createTokenVerifier } from '@nefos/auth';
import type { Principal } from '@nefos/contracts';
import {
  aloneAnyway,
  createMetrics,
  createSecretBox,
  listUndeclaredAnswers,
  migrateJobs,
  openDatabase,
  parsePeers,
  sql,
  type Db,
} from '@nefos/service-kit';
import { cloneDatabase, frozenClock } from '@nefos/testing';
import type { Express } from 'express';
import { Logger, runOnce } from 'graphile-worker';
import pino from 'pino';
import request, { type Test } from 'supertest';
import { buildApp } from '../src/app.js';
import { readComputeConfig } from '../src/config.js';
import type { ComputeCtx } from '../src/ctx.js';
import { entities } from '../src/entities.js';
import { createCallers } from '../src/access/domain/callers.js';
import { createConsoles } from '../src/consoles/domain/open-consoles.js';
import { createProjectClients } from '../src/facade/domain/project-clients.js';
import { createFeed } from '../src/events/domain/feed.js';
import { createStreams } from '../src/events/domain/streams.js';
import { createThrottle } from '../src/access/domain/throttle.js';
import { tasks } from '../src/jobs.js';
import { createDrivers } from '../src/ports/drivers.js';
import { receiversOverHttp } from '../src/ports/webhook-receiver.js';
import { createImageDirectory } from '../src/ports/image-directory.js';
import { createImageSource } from '../src/ports/image-source.js';
import { sweeps } from '../src/reconcilers.js';
import { migrations } from '../src/migrations/index.js';
import { fakeIdentity, type FakeIdentity } from './fake-identity.js';

export const log = pino({ level: process.env.NEFOS_TEST_LOG ?? 'silent' });
const quiet = new Logger(() => () => undefined);
const MORE = { name: 'compute', migrations, log, more: migrateJobs };

/** Calls with one token. */
export interface As {
  get(path: string): Test;
  post(path: string, body?: object): Test;
  put(path: string, body?: object): Test;
  patch(path: string, body?: object): Test;
  delete(path: string): Test;
}
export interface Service {
  readonly ctx: ComputeCtx;
  readonly db: Db;
  readonly app: Express;
  readonly identity: FakeIdentity;
  readonly clock: ReturnType<typeof frozenClock>;
  readonly url: string;
  /** Where the data of images is. */
  readonly imageDir: string;
  /** Calls without any credential. */
  readonly nobody: As;
  readonly staff: As;
  /** The end user of `ownClient`. */
  readonly user: As;
  /** The end user of `otherClient`. */
  readonly stranger: As;
  readonly ownClient: number;
  readonly otherClient: number;
  as(token: string): As;
  /** Makes a portal user with a token. */
  seedUser(options: {
    username: string;
    staff?: boolean;
    clients?: number[];
  }): Promise<{ id: number; uuid: string; token: string; as: As }>;
  /** Makes a client with an active OpenStack service and a project. */
  seedClient(options?: { id?: number; name?: [string, string]; service?: boolean }): Promise<number>;
  /** Runs every job that is due, until none is. */
  work(): Promise<void>;
  /** Runs one reconciler once. */
  sweep(name: string): Promise<unknown>;
  tokens: { staff: string; user: string; stranger: string; component: string };
}

const hex = (): string => randomUUID().replaceAll('-', '') + randomUUID().slice(0, 8);
export const testConfig = (url: string) =>
  readComputeConfig({
    NEFOS_COMPUTE_DATABASE_URL: url,
    NEFOS_COMPUTE_TOKEN: 'component-token-of-compute',
    NEFOS_PUBLIC_URL: 'http://cloud.test',
    NEFOS_LOG_LEVEL: 'silent',
    NEFOS_COMPUTE_SIM_LATENCY_MS: '0',
    NEFOS_SECRET_KEYS: Buffer.alloc(32, 'test').toString('base64'),
    // Receivers of the tests listen there.
    NEFOS_COMPUTE_WEBHOOK_NETWORKS: '127.0.0.1/32',
  });

/**
 * The true app on its own clone of the migrated database, for one test file. Staff, two clients and their end users
 * are there.
 */
export const useService = (): Service => {
  const service = {} as { -readonly [K in keyof Service]: Service[K] };
  let drop = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    const clone = await cloneDatabase(MORE);
    const db = await openDatabase({ url: clone.url, entities, migrations, log, applicationName: 'test' });
    const imageDir = await mkdtemp(path.join(os.tmpdir(), 'nefos-images-'));
    drop = async () => {
      await service.ctx.streams.stop();
      await service.ctx.consoles.stop();
      await db.close();
      await clone.drop();
      await rm(imageDir, { recursive: true, force: true });
    };
    const identity = fakeIdentity();
    const clock = frozenClock('2026-01-15T12:00:00.000Z');
    const config = testConfig(clone.url);
    const verifier = createTokenVerifier({ validate: identity.validate });
    const secrets = createSecretBox(config.NEFOS_SECRET_KEYS);
    const metrics = createMetrics('compute', false);
    const feed = createFeed({ db, log, zone: config.NEFOS_COMPUTE_TIME_ZONE });
    const streams = createStreams({ db, log, metrics, feed }, { perUser: 20, perProcess: 100 });
    const consoles = createConsoles(
      { db, log, metrics },
      { perInstance: config.NEFOS_COMPUTE_CONSOLES_PER_INSTANCE, perUser: 30, perProcess: 30 },
    );
    const ctx: ComputeCtx = {
      db,
      log,
      clock,
      metrics,
      checkResponses: true,
      config,
      identity,
      verifier,
      sessions: createTokenVerifier({ validate: identity.validateSession }),
      authenticator: createAuthenticator({ verifier, accept: ['token'] }),
      faceAuthenticator: createAuthenticator({ verifier, accept: ['x-auth-token'] }),
      projectClients: createProjectClients(),
      drivers: createDrivers(db, config, { secrets }),
      secrets,
      images: createImageDirectory(imageDir),
      // Tests import from servers of their own.
      imageSource: createImageSource(parsePeers('127.0.0.0/8')),
      callers: createCallers(),
      streams,
      consoles,
      receivers: receiversOverHttp(parsePeers(config.NEFOS_COMPUTE_WEBHOOK_NETWORKS)),
      failures: createThrottle(10_000),
    };
    const app = buildApp(ctx);
    const handlers = tasks(ctx);
    const context = { signal: new AbortController().signal, attempt: 1, maxAttempts: 25, log, alone: aloneAnyway };
    const taskList = Object.fromEntries(
      Object.entries(handlers).map(([name, run]) => [
        name,
        (payload: unknown) => run(payload as Record<string, string>, context),
      ]),
    );
    const work = async (): Promise<void> => {
      for (;;) {
        await runOnce({ pgPool: db.pool, taskList, logger: quiet, noHandleSignals: true });
        // A job that looks again in a moment is part of what is due; one that waits for longer is not.
        const [next] = await sql<{ ms: number | null }>(
          db,
          `select (extract(epoch from min(run_at) - now()) * 1000)::float8 ms from graphile_worker.jobs
          where attempts < max_attempts and run_at < now() + interval '400 ms'`,
        );
        if (next?.ms === null || next === undefined) return;
        await new Promise((resolve) => {
          setTimeout(resolve, Math.max(5, next.ms ?? 0));
        });
      }
    };
    const sweep = async (name: string): Promise<unknown> => {
      const found = sweeps(ctx).find((one) => one.name === name);
      if (!found) throw new Error(`no reconciler ${name}`);
      return found.work();
    };
    const as = (token?: string): As => {
      const call =
        (method: 'get' | 'post' | 'put' | 'patch' | 'delete') =>
        (path: string, body?: object): Test => {
          const one = request(app)[method](path);
          if (token !== undefined) one.set('Authorization', `Token ${token}`);
          return body === undefined ? one : one.send(body);
        };
      return { get: call('get'), post: call('post'), put: call('put'), patch: call('patch'), delete: call('delete') };
    };
    // One after the other: of random ids two are the same now and then.
    let lastClient = 100_000 + Math.floor(Math.random() * 800_000);
    const seedClient: Service['seedClient'] = async ({
      id = (lastClient += 1),
      name: [first, last] = ['Jane', 'Doe'],
      service: withService = true,
    } = {}) => {
      await sql(
        db,
        `insert into client (id, first_name, last_name, email, address1, city, country, zip_code, phone, currency,
          configuration_id)
        select $1, $2, $3, 'x@example.com', '1 Street', 'City', 'US', '1', '1', 'EUR', id
        from configuration where is_default`,
        [id, first, last],
      );
      if (withService)
        await sql(
          db,
          `with s as (
            insert into service (client_id, product_id, product_cycle_id, product_type, display_name, status,
              activated_at)
            select $1, p.id, c.id, p.product_type, p.name, 'active', now()
            from product p join product_cycle c on c.product_id = p.id and c.currency = 'EUR'
            where p.code = 'openstack' returning id)
          insert into project (id, service_id, name) select $2, id, 'project' from s`,
          [id, randomUUID().replaceAll('-', '')],
        );
      return id;
    };
    const seedUser: Service['seedUser'] = async ({ username, staff = false, clients = [] }) => {
      const uuid = randomUUID();
      const token = hex();
      const [row] = await sql<{ id: number }>(
        db,
        `insert into portal_user (uuid, username, email, first_name, last_name, is_staff)
        values ($1, $2, $3, $2, $2, $4) returning id`,
        [uuid, username, `${username}@example.com`, staff],
      );
      for (const client of clients)
        await sql(db, 'insert into client_user (client_id, user_id, is_owner) values ($1, $2, true)', [
          client,
          row?.id,
        ]);
      identity.users.set(uuid, {
        uuid,
        email: `${username}@example.com`,
        firstName: username,
        lastName: username,
        password: `password of ${username}`,
        active: true,
      });
      identity.tokens.set(token, {
        kind: 'user',
        uuid,
        displayName: username,
        roles: [],
        auditId: randomUUID(),
        via: 'token',
      } satisfies Principal);
      return { id: row?.id as number, uuid, token, as: as(token) };
    };
    const [ownClient, otherClient] = [await seedClient(), await seedClient({ name: ['John', 'Roe'] })];
    const [staff, user, stranger] = [
      await seedUser({ username: 'demoadmin', staff: true }),
      await seedUser({ username: 'demo', clients: [ownClient] }),
      await seedUser({ username: 'stranger', clients: [otherClient] }),
    ];
    const component = hex();
    identity.tokens.set(component, {
      kind: 'component',
      uuid: 'component:nefos-metering',
      displayName: 'nefos-metering',
      roles: [],
      via: 'token',
    });
    Object.assign(service, {
      ctx,
      db,
      app,
      identity,
      clock,
      url: clone.url,
      imageDir,
      nobody: as(),
      staff: staff.as,
      user: user.as,
      stranger: stranger.as,
      ownClient,
      otherClient,
      as,
      seedUser,
      seedClient,
      work,
      sweep,
      tokens: { staff: staff.token, user: user.token, stranger: stranger.token, component },
    } satisfies Service);
  });
  afterAll(() => drop());
  afterAll(() => expect(listUndeclaredAnswers()).toEqual([]));
  return service;
};
