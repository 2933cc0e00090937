import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  aloneAnyway,
  createMetrics,
  migrateJobs,
  openDatabase,
  sql,
  listUndeclaredAnswers,
  type Db,
} from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { Logger, runOnce } from 'graphile-worker';
import { pino } from 'pino';
import request from 'supertest';
import { readIdentityConfig } from '../src/config.js';
import { asRequest, type IdentityCtx, type IdentityRequest } from '../src/ctx.js';
import { loadPrincipals } from '../src/accounts/domain/bootstrap.js';
import { ensureOwnServices } from '../src/catalog/domain/own-services.js';
import { loadDemoFixture } from '../src/accounts/domain/fixture.js';
import { tasks } from '../src/jobs.js';
import { fakeMailer } from '../src/ports/mail.js';
import { entities } from '../src/entities.js';
import { makeCtx } from '../src/make-ctx.js';
import { followInvalidations, makeServer } from '../src/start.js';
import { migrations } from '../src/migrations/index.js';

const log = pino({ level: 'silent' });
export const PASSWORD = 'a right long password';
export const people = {
  admin: {
    uuid: '0f7e1c1e-3f6b-4a4e-9a55-6f1c2f0e9d01',
    email: 'admin@example.com',
    token: 'admin-token-000000000000000000000000000000000',
  },
  user: {
    uuid: 'c18088be-16b1-4263-8180-043c54e22903',
    email: 'user@example.com',
    token: 'user-token-0000000000000000000000000000000000',
  },
  other: {
    uuid: '3c9e7d52-64c1-4b0f-9d1a-2f6b8a7c5e02',
    email: 'other@example.com',
    token: 'other-token-000000000000000000000000000000000',
  },
};
export const service = { name: 'nefos-operator', token: 'service-token-00000000000000000000000000000' };
const bootstrap = {
  users: Object.entries(people).map(([key, p]) => ({
    uuid: p.uuid,
    email: p.email,
    first_name: 'Firstname',
    last_name: key === 'user' ? 'Lastname' : 'Other',
    password: PASSWORD,
    superuser: key === 'admin',
    groups: key === 'admin' ? ['admin-api'] : [],
    tokens: [p.token],
  })),
  components: [
    { name: service.name, url: 'http://gateway.test', token: service.token, rights: ['users.manage' as const] },
  ],
};
export interface Instance {
  /** The true server, hot paths included. */
  app: http.Server;
  ctx: IdentityCtx;
  act: IdentityRequest;
  db: Db;
  base: string;
  port: number;
  api: () => request.Agent;
  mail: ReturnType<typeof fakeMailer>;
  stop: () => Promise<void>;
}

/** One process of the service; two of them on one database are two replicas. */
export const startInstance = async (url: string, env: Record<string, string> = {}): Promise<Instance> => {
  const config = readIdentityConfig({
    NEFOS_IDENTITY_DATABASE_URL: url,
    NEFOS_PUBLIC_URL: 'http://gateway.test',
    NEFOS_IDENTITY_USER_ADMIN: 'on',
    ...env,
  });
  const db = await openDatabase({
    url,
    entities: [...entities],
    migrations,
    applicationName: 'test',
    log,
    poolSize: 6,
  });
  const mail = fakeMailer();
  const ctx: IdentityCtx = {
    ...(await makeCtx(config, { db, log, metrics: createMetrics('identity', false), actor: 'test' })),
    checkResponses: true,
    mail,
  };
  const invalidations = await followInvalidations(ctx, { url, log });
  const app = makeServer(ctx);
  await new Promise<void>((resolve) => {
    app.listen(0, '127.0.0.1', resolve);
  });
  const { port } = app.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  return {
    app,
    ctx,
    act: asRequest(ctx),
    db,
    base,
    port,
    mail,
    api: () => request.agent(base),
    stop: async () => {
      app.closeAllConnections();
      await new Promise((resolve) => {
        app.close(resolve);
      });
      await invalidations.stop();
      await db.close();
    },
  };
};
type Requests = Record<'get' | 'post' | 'put' | 'patch' | 'delete' | 'head', (path: string) => request.Test>;
export interface Service extends Instance {
  url: string;
  /** Another process on the same database. */
  replica: (env?: Record<string, string>) => Promise<Instance>;
  /** Requests with this token. */
  as: (token: string) => Requests;
  rows: <R extends object>(text: string, values?: unknown[]) => Promise<R[]>;
  /** Runs every job once, also those that wait for another attempt. */
  work: () => Promise<void>;
}

const requestsAs = (base: string, token: string): Requests =>
  Object.fromEntries(
    (['get', 'post', 'put', 'patch', 'delete', 'head'] as const).map((method) => [
      method,
      (path: string) => request(base)[method](path).set('X-Auth-Token', token),
    ]),
  ) as Requests;
const runJobs = async ({ db, ctx }: Instance): Promise<void> => {
  await sql(db, 'select graphile_worker.reschedule_jobs(array(select id from graphile_worker.jobs), run_at := now())');
  const context = { signal: new AbortController().signal, attempt: 1, maxAttempts: 25, log, alone: aloneAnyway };
  const taskList = Object.fromEntries(
    Object.entries(tasks(ctx)).map(([name, run]) => [
      name,
      (payload: unknown) => run(payload as Record<string, string>, context),
    ]),
  );
  const logger = new Logger(() => () => undefined);
  await runOnce({ pgPool: db.pool, taskList, logger, noHandleSignals: true });
};

/**
 * One service with its own database for each test file: users with tokens and a password, and a component.
 * @param options.fixture also the users of the guide's examples
 */
export const useService = (options: { fixture?: boolean; env?: Record<string, string> } = {}): Service => {
  const service = {} as Service;
  let drop: () => Promise<void>;
  const replicas: Instance[] = [];
  beforeAll(async () => {
    const clone = await cloneDatabase({ name: 'identity', migrations, log, more: migrateJobs });
    drop = clone.drop;
    const instance = await startInstance(clone.url, options.env);
    if (options.fixture) await loadDemoFixture(instance.ctx);
    await ensureOwnServices(instance.ctx);
    await loadPrincipals(instance.ctx, bootstrap);
    const members: Service = {
      ...instance,
      url: clone.url,
      replica: async (env = {}) => {
        const replica = await startInstance(clone.url, { ...options.env, ...env });
        replicas.push(replica);
        return replica;
      },
      as: (token) => requestsAs(instance.base, token),
      rows: (text, values = []) => sql(instance.db, text, values),
      work: () => runJobs(instance),
    };
    Object.assign(service, members);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await service.stop();
    await drop();
  });
  afterAll(() => expect(listUndeclaredAnswers()).toEqual([]));
  return service;
};
/** A sign-in by v3 with a password. */
export const login = (s: Service, who: { email: string }, scope?: unknown, password = PASSWORD) =>
  s
    .api()
    .post('/identity/v3/auth/tokens')
    .send({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: who.email, domain: { id: 'default' }, password } },
        },
        ...(scope !== undefined && { scope }),
      },
    });
export const until = async (what: () => Promise<boolean>, seconds = 5): Promise<void> => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    if (await what()) return;
    await new Promise((r) => {
      setTimeout(r, 20);
    });
  }
  throw new Error(`not within ${seconds} s`);
};
