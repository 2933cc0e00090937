import type { Principal } from '@nefos/contracts';
import {
  aloneAnyway,
  createMetrics,
  createSecretBox,
  listUndeclaredAnswers,
  migrateJobs,
  openDatabase,
  parseSecretKeys,
  sql,
  type Db,
} from '@nefos/service-kit';
import { cloneDatabase, fakeVerifier } from '@nefos/testing';
import type { Express } from 'express';
import { Logger, runOnce } from 'graphile-worker';
import pino from 'pino';
import request, { type Test } from 'supertest';
import { buildApp } from '../src/app.js';
import { readIntrospectionConfig } from '../src/config.js';
import type { IntrospectionCtx } from '../src/ctx.js';
import { entities } from '../src/entities.js';
import { tasks } from '../src/jobs.js';
import { makeCtx } from '../src/make-ctx.js';
import { migrations } from '../src/migrations/index.js';
import { reconcilers } from '../src/reconcilers.js';

const log = pino({ level: process.env.NEFOS_TEST_LOG ?? 'silent' });
/** A key for secrets, of this run's tests only. */
const SECRET_KEY = Buffer.alloc(32, 7).toString('base64');
export const TOKENS = {
  admin: 'admin-token',
  observer: 'observer-token',
  person: 'person-token',
  component: 'component-token',
};
const principal = (kind: Principal['kind'], uuid: string, roles: string[]): Principal => ({
  kind,
  uuid,
  displayName: uuid,
  roles,
  via: 'x-auth-token',
});
const PRINCIPALS = new Map<string, Principal>([
  [TOKENS.admin, principal('user', '0f7e1c1e-3f6b-4a4e-9a55-6f1c2f0e9d01', ['reader', 'member', 'admin'])],
  [TOKENS.observer, principal('user', '1f7e1c1e-3f6b-4a4e-9a55-6f1c2f0e9d02', ['member', 'baremetal_observer'])],
  [TOKENS.person, principal('user', 'c18088be-16b1-4263-8180-043c54e22903', ['reader', 'member'])],
  [TOKENS.component, principal('component', 'component:nefos-compute', ['service'])],
]);
type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options';

export interface Service {
  readonly app: Express;
  readonly db: Db;
  readonly ctx: IntrospectionCtx;
  /** Where its database is, for a worker of its own. */
  readonly url: string;
  /** A call with the administrator's token, or another's; '' for none. */
  call(method: Verb, path: string, token?: string): Test;
  /** The same at the registry: `path` begins after /baremetal, at a version that knows all fields. */
  registry(method: Verb, path: string, token?: string): Test;
  /**
   * Runs every job, also those that wait, and what they add, until there is none; a job that comes again and again,
   * such as one that waits for a machine, so many times at most.
   */
  work(rounds?: number): Promise<void>;
  /** One round of a reconciler. */
  sweep(name: string): Promise<unknown>;
}
const quiet = new Logger(() => () => undefined);
const makeWork = (db: Db, ctx: IntrospectionCtx) => {
  const context = { signal: new AbortController().signal, attempt: 1, maxAttempts: 25, log, alone: aloneAnyway };
  const taskList = Object.fromEntries(
    Object.entries(tasks(ctx)).map(([name, run]) => [
      name,
      (payload: unknown) => run(payload as Record<string, string>, context),
    ]),
  );
  const hurry = () =>
    sql(
      db,
      `select graphile_worker.reschedule_jobs(
        array(select id from graphile_worker.jobs where attempts < max_attempts), run_at := now())`,
    );
  const count = async (): Promise<number> =>
    (await sql(db, 'select from graphile_worker.jobs where attempts < max_attempts')).length;
  return async (rounds = 30): Promise<void> => {
    for (let round = 0; round < rounds && (await count()) > 0; round += 1) {
      await hurry();
      await runOnce({ pgPool: db.pool, taskList, logger: quiet, noHandleSignals: true });
    }
  };
};

/** The true app on its own clone of the migrated database, for one test file. @param env settings of this file */
export const useService = (env: Record<string, string> = {}): Service => {
  const service = {} as { -readonly [K in keyof Service]: Service[K] };
  let close = async (): Promise<void> => undefined;
  beforeAll(async () => {
    const clone = await cloneDatabase({ name: 'introspection', entities, migrations, log, more: migrateJobs });
    const db = await openDatabase({ url: clone.url, entities, migrations, log, applicationName: 'test' });
    close = async () => {
      await db.close();
      await clone.drop();
    };
    const config = readIntrospectionConfig({
      NEFOS_INTROSPECTION_DATABASE_URL: clone.url,
      NEFOS_INTROSPECTION_TOKEN: 'component-token-of-introspection',
      NEFOS_SECRET_KEYS: SECRET_KEY,
      ...env,
    });
    const ctx: IntrospectionCtx = {
      ...makeCtx(config, {
        db,
        log,
        metrics: createMetrics('introspection', false),
        verifier: fakeVerifier(PRINCIPALS),
      }),
      secrets: createSecretBox(parseSecretKeys(SECRET_KEY)),
      checkResponses: true,
    };
    const app = buildApp(ctx);
    const call = (method: Verb, path: string, token: string = TOKENS.admin): Test => {
      const test = request(app)[method](path);
      return token === '' ? test : test.set('X-Auth-Token', token);
    };
    Object.assign(service, {
      app,
      db,
      ctx,
      url: clone.url,
      call,
      work: makeWork(db, ctx),
      sweep: (name) => {
        const found = reconcilers.find((one) => one.name === name);
        if (!found) throw new Error(`no reconciler ${name}`);
        return found.work(ctx);
      },
      registry: (method, path, token) =>
        call(method, `/baremetal${path}`, token).set('X-OpenStack-Ironic-API-Version', '1.96'),
    } satisfies Service);
  });
  afterAll(() => close());
  afterAll(() => expect(listUndeclaredAnswers()).toEqual([]));
  return service;
};
