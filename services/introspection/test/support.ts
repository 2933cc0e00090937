import type { Principal } from '@nefos/contracts';
import {
  createMetrics,
  createSecretBox,
  listUndeclaredAnswers,
  migrateJobs,
  openDatabase,
  parseSecretKeys,
  type Db,
} from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import type { Express } from 'express';
import pino from 'pino';
import request, { type Test } from 'supertest';
import { buildApp } from '../src/app.js';
import { readIntrospectionConfig } from '../src/config.js';
import type { IntrospectionCtx } from '../src/ctx.js';
import { entities } from '../src/entities.js';
import { makeCtx } from '../src/make-ctx.js';
import { migrations } from '../src/migrations/index.js';
import { fakeVerifier } from '../src/ports/verifier.js';

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
}

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
      registry: (method, path, token) =>
        call(method, `/baremetal${path}`, token).set('X-OpenStack-Ironic-API-Version', '1.96'),
    } satisfies Service);
  });
  afterAll(() => close());
  afterAll(() => expect(listUndeclaredAnswers()).toEqual([]));
  return service;
};
