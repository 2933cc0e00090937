import { randomUUID } from 'node:crypto';
import type { EventResult, MeteringEvent, Principal } from '@nefos/contracts';
import { createMetrics, openDatabase, sql, type Db, listUndeclaredAnswers } from '@nefos/service-kit';
import { cloneDatabase, fakeVerifier, frozenClock } from '@nefos/testing';
import type { Express } from 'express';
import pino from 'pino';
import request, { type Test } from 'supertest';
import { buildApp } from '../src/app.js';
import type { MeteringCtx } from '../src/ctx.js';
import { DEMO_VERSION } from '../src/demo-data.js';
import { loadDemo } from '../src/demo.js';
import { entities } from '../src/entities.js';
import { loadBuiltInTypes } from '../src/runs/domain/instance-types.js';
import { createUsers } from '../src/access/domain/users.js';
import { migrations } from '../src/migrations/index.js';

const log = pino({ level: process.env.NEFOS_TEST_LOG ?? 'silent' });
/** When the documents' answers were written (contract metering §17.2). */
export const SEED_NOW = '2019-07-18T19:17:08.611Z';
export const CUSTOMER = '1337';
export const SUPERUSER = '1000001';
export const TOKENS = { component: 'component-token', person: 'person-token' };
export const PERSON = 'c18088be-16b1-4263-8180-043c54e22903';
const principal = (kind: Principal['kind'], uuid: string): Principal => ({
  kind,
  uuid,
  displayName: uuid,
  roles: [],
  via: 'x-auth-token',
});

/** The header of an account number. */
export const rh = (number: unknown): Record<string, string> => ({
  'X-RH-IDENTITY': Buffer.from(JSON.stringify({ identity: { account_number: number } })).toString('base64'),
});

export interface Service {
  readonly app: Express;
  readonly db: Db;
  readonly ctx: MeteringCtx;
  readonly clock: ReturnType<typeof frozenClock>;
  readonly tokens: Map<string, Principal>;
  /** A call under /v2/ for an account number. */
  call(method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options', path: string, number?: string): Test;
  /** Tells events as compute does. */
  tell(...events: (MeteringEvent | object)[]): Promise<EventResult[]>;
  /** Runs of an instance of our own cloud, as [start, end, type], in order. */
  runsOf(uuid: string): Promise<[string, string | null, string | null][]>;
}

/** The true app on its own clone of the migrated database, with the demo's rows, for one test file. */
export const useService = (): Service => {
  const service = {} as { -readonly [K in keyof Service]: Service[K] };
  let close = async (): Promise<void> => undefined;
  beforeAll(async () => {
    const clone = await cloneDatabase({
      name: 'metering',
      entities,
      migrations,
      log,
      more: async (db) => {
        await loadBuiltInTypes(db);
        await loadDemo(db);
      },
    });
    const db = await openDatabase({ url: clone.url, entities, migrations, log, applicationName: 'test' });
    close = async () => {
      await db.close();
      await clone.drop();
    };
    const metrics = createMetrics('metering', false);
    const clock = frozenClock(SEED_NOW);
    const tokens = new Map([
      [TOKENS.component, { ...principal('component', 'component:nefos-compute'), roles: ['service', 'events.send'] }],
      [TOKENS.person, principal('user', PERSON)],
    ]);
    const ctx: MeteringCtx = {
      db,
      log,
      metrics,
      clock,
      checkResponses: true,
      verifier: fakeVerifier(tokens),
      users: createUsers(db),
      ingested: metrics.counter('events', 'events', ['status']),
      trustedPeers: ['127.0.0.0/8', '::1'],
      awsAccountId: 128765022890,
      version: DEMO_VERSION,
    };
    const app = buildApp(ctx);
    Object.assign(service, {
      app,
      db,
      ctx,
      clock,
      tokens,
      call: (method: 'get', path: string, number = CUSTOMER) => request(app)[method](`/v2/${path}`).set(rh(number)),
      tell: async (...events: object[]) => {
        const res = await request(app)
          .post('/internal/v1/events')
          .set('X-Auth-Token', TOKENS.component)
          .send({ events });
        if (res.status !== 200) throw new Error(`${res.status} ${res.text}`);
        return res.body.results as EventResult[];
      },
      runsOf: async (uuid: string) =>
        (
          await sql<{ s: string; e: string | null; t: string | null }>(
            db,
            `select to_char(r.start_time, 'YYYY-MM-DD HH24:MI:SS') s, to_char(r.end_time, 'YYYY-MM-DD HH24:MI:SS') e, r.instance_type t
        from run r join instance i on i.id = r.instance_id join nefos_instance n on n.id = i.nefos_instance_id where n.instance_uuid = $1 order by r.start_time, r.id`,
            [uuid],
          )
        ).map(({ s, e, t }) => [s, e, t]),
    } satisfies Service);
  });
  afterAll(() => close());
  afterAll(() => expect(listUndeclaredAnswers()).toEqual([]));
  return service;
};

/** Facts of one instance's life, in the order in which they are made. */
export const makeLife = ({
  account = `client-${randomUUID().slice(0, 8)}`,
  instance = randomUUID(),
  identities = [] as string[],
} = {}) => {
  let sequence = 0;
  return {
    account,
    instance,
    event: (
      type: 'power_on' | 'power_off' | 'attribute_change' | 'deleted',
      at: string,
      size: { type?: string | null; image?: string | null; region?: string } = {},
    ): MeteringEvent => ({
      id: randomUUID(),
      type: `instance.${type}`,
      sequence: (sequence += 1),
      occurred_at: at,
      account: { number: account, name: `Client ${account}`, identities },
      instance: {
        id: instance,
        region: size.region ?? 'RegionOne',
        instance_type: size.type === undefined ? 'm1.small' : size.type,
        vcpu: size.type === null ? null : 1,
        memory: size.type === null ? null : 2,
        image: size.image === null ? null : { id: size.image ?? 'debian-12', name: 'Debian 12', os_distro: 'debian' },
      },
    }),
  };
};
export const accountEvent = (
  type: 'updated' | 'deleted',
  number: string,
  sequence: number,
  at: string,
  more: { name?: string; identities?: string[] } = {},
): MeteringEvent => ({
  id: randomUUID(),
  type: `account.${type}`,
  sequence,
  occurred_at: at,
  account: { number, name: more.name ?? `Client ${number}`, identities: more.identities ?? [] },
});
