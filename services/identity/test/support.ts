import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createFastServer,
  createMetrics,
  migrateJobs,
  openDatabase,
  sql,
  strayAnswers,
  type Db,
} from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { Logger, runOnce } from 'graphile-worker';
import { pino } from 'pino';
import request from 'supertest';
import { hotPaths } from '../src/keystone/api/hot.js';
import { buildApp } from '../src/app.js';
import { readIdentityConfig } from '../src/config.js';
import { asRequest, type IdentityCtx, type IdentityRequest } from '../src/ctx.js';
import { loadPrincipals } from '../src/accounts/domain/bootstrap.js';
import { ensureOwnServices } from '../src/catalog/domain/own-services.js';
import { forget } from '../src/access/domain/changes.js';
import { loadDemoFixture } from '../src/accounts/domain/fixture.js';
import { tasks } from '../src/jobs.js';
import { fakeMailer } from '../src/ports/mail.js';
import { makeCtx } from '../src/start.js';
import { migrations } from '../src/migrations/index.js';
import { listenStale } from '../src/access/store/notifications.js';

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
  ctx: IdentityCtx;
  act: IdentityRequest;
  db: Db;
  base: string;
  port: number;
  api: () => request.Agent;
  mail: ReturnType<typeof fakeMailer>;
  stop: () => Promise<void>;
}

/** The true service, hot paths included, on its own connections; two of them on one database are two replicas. */
export const startInstance = async (url: string, env: Record<string, string> = {}): Promise<Instance> => {
  const config = readIdentityConfig({
    NEFOS_IDENTITY_DATABASE_URL: url,
    NEFOS_PUBLIC_URL: 'http://gateway.test',
    NEFOS_IDENTITY_USER_ADMIN: 'on',
    ...env,
  });
  const db = await openDatabase({ url, migrations, applicationName: 'test', log, poolSize: 6 });
  const mail = fakeMailer();
  const ctx: IdentityCtx = {
    ...(await makeCtx(config, { db, log, metrics: createMetrics('identity', false), actor: 'test' })),
    checkResponses: true,
    mail,
  };
  const ears = await listenStale({ url, log, onStale: (what) => forget(ctx, what), onGap: () => forget(ctx, 'all') });
  const app = buildApp(ctx);
  const server: http.Server = createFastServer(app, {}, hotPaths(ctx, app));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  return {
    ctx,
    act: asRequest(ctx),
    db,
    base,
    port,
    mail,
    api: () => request.agent(base),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await ears.stop();
      await db.close();
    },
  };
};
export interface Service extends Instance {
  url: string;
  replica: (env?: Record<string, string>) => Promise<Instance>;
  as: (token: string) => Record<'get' | 'post' | 'put' | 'patch' | 'delete' | 'head', (path: string) => request.Test>;
  rows: <R extends object>(text: string, values?: unknown[]) => Promise<R[]>;
  /** Runs every job, also one that waits for another attempt, once. */ work: () => Promise<void>;
}

/** One service with its own database per test file: people with tokens and a password, a component, the guide's fixture when wanted. */
export const useService = (options: { fixture?: boolean; env?: Record<string, string> } = {}): Service => {
  const made = {} as Service;
  let drop: () => Promise<void>;
  const replicas: Instance[] = [];
  beforeAll(async () => {
    const clone = await cloneDatabase({ name: 'identity', migrations, log, more: migrateJobs });
    drop = clone.drop;
    const instance = await startInstance(clone.url, options.env);
    if (options.fixture) await loadDemoFixture(instance.ctx);
    await ensureOwnServices(instance.ctx);
    await loadPrincipals(instance.ctx, bootstrap);
    Object.assign(made, instance, {
      url: clone.url,
      replica: async (env = {}) => {
        const one = await startInstance(clone.url, { ...options.env, ...env });
        replicas.push(one);
        return one;
      },
      as: (token: string) =>
        Object.fromEntries(
          (['get', 'post', 'put', 'patch', 'delete', 'head'] as const).map((method) => [
            method,
            (path: string) => request(instance.base)[method](path).set('X-Auth-Token', token),
          ]),
        ),
      rows: (text: string, values: unknown[] = []) => sql(instance.db, text, values),
      work: async () => {
        await sql(
          instance.db,
          'select graphile_worker.reschedule_jobs(array(select id from graphile_worker.jobs), run_at := now())',
        );
        const context = { signal: new AbortController().signal, attempt: 1, maxAttempts: 25, log };
        const taskList = Object.fromEntries(
          Object.entries(tasks(instance.ctx)).map(([name, run]) => [
            name,
            (payload: unknown) => run(payload as Record<string, string>, context),
          ]),
        );
        await runOnce({
          pgPool: instance.db.pool,
          taskList,
          logger: new Logger(() => () => undefined),
          noHandleSignals: true,
        });
      },
    });
  }, 60_000);
  afterAll(async () => {
    await Promise.all(replicas.map((one) => one.stop()));
    await made.stop();
    await drop();
  });
  afterAll(() => expect(strayAnswers()).toEqual([]));
  return made;
};
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
