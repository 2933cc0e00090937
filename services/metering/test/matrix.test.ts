import { randomUUID } from 'node:crypto';
import { createTokenVerifier } from '@nefos/auth';
import type { ComponentRight, Contract, Principal } from '@nefos/contracts';
import { createFastServer, createMetrics, sql } from '@nefos/service-kit';
import { call, checksums, describeMatrix, isSafe, listening, type Asked, type Ids, type Outcome } from '@nefos/testing';
import request from 'supertest';
import { endpoints } from '../src/endpoints.js';
import { buildApp } from '../src/app.js';
import { makeLife, rh, SUPERUSER, useService } from './support.js';

const ANONYMOUS = ['none', 'garbage', 'expired', 'inactive'] as const;
const USERS = ['read-only', 'stranger', 'stranger by header', 'superuser', 'owner', 'owner by header'] as const;
const CALLERS = [...ANONYMOUS, 'component', 'compute', ...USERS] as const;
type Who = (typeof CALLERS)[number];
const contracts: readonly Contract[] = endpoints.map((e) => e.contract);
/** The rights of the two components. */
const RIGHTS: Partial<Record<Who, ComponentRight[]>> = { component: ['users.manage'], compute: ['events.send'] };
const trusted = ({ components }: Contract, who: Who): boolean =>
  components === 'any' || (components !== undefined && (RIGHTS[who] ?? []).includes(components));

/**
 * A client's suspension is not known here, and staff are users like any other; superusers are made by the operator
 * alone.
 */
const outcome = (contract: Contract, who: Who): Outcome => {
  const anonymous = (ANONYMOUS as readonly string[]).includes(who);
  if (contract.access === 'service') {
    if (anonymous || who.endsWith('header') || who === 'superuser') return 401;
    return trusted(contract, who) ? 'allowed' : 403;
  }
  if (anonymous || who === 'component' || who === 'compute') return 403;
  if (who === 'read-only' && !isSafe(contract)) return 403;
  const strange = who.startsWith('stranger');
  if (strange && contract.path.includes(':')) return 'absent';
  if (contract.path.endsWith('/reinspect/')) return who === 'superuser' ? 'allowed' : 403;
  // An account of our own cloud ends with its client; who pays by it can not end its metering.
  if (contract.method === 'delete' && contract.path === '/v2/accounts/:id/')
    return who === 'superuser' ? 'allowed' : 403;
  return strange && isSafe(contract) ? 'unseen' : 'allowed';
};
const BODIES: Record<string, (ids: Ids) => unknown> = {
  'post /v2/accounts/': () => ({
    name: randomUUID(),
    cloud_type: 'aws',
    account_arn: 'arn:aws:iam::123456789012:role/r',
  }),
  'put /v2/accounts/:id/': () => ({ name: randomUUID(), cloud_type: 'nefos' }),
  'patch /v2/accounts/:id/': () => ({ name: randomUUID() }),
  'put /v2/images/:id/': () => ({ rhel_challenged: true }),
  'patch /v2/images/:id/': () => ({ rhel_challenged: true }),
  'post /internal/v1/events': ({ event }) => ({ events: [JSON.parse(String(event))] as object[] }),
};

describe('who may do what: every endpoint with every kind of caller', () => {
  const service = useService();
  const principals = new Map<string, Principal>();
  let server: Awaited<ReturnType<typeof listening>>;
  let owned: Ids;

  /** Gives a person an account with one instance and its image, told as compute tells it. */
  const thingsOf = async (identity: string): Promise<Ids> => {
    const { account, instance, event } = makeLife({ identities: [identity] });
    const told = event('power_on', '2019-07-01T00:00:00Z', { image: `image-${randomUUID().slice(0, 8)}` });
    await service.tell(told);
    const [row] = await sql<{ account_id: number; instance: number; image: number }>(
      service.db,
      `select i.cloud_account_id::int account_id, i.id::int "instance", i.machine_image_id::int image
       from instance i join nefos_instance n on n.id = i.nefos_instance_id where n.instance_uuid = $1`,
      [instance],
    );
    const next = event('power_off', '2019-07-02T00:00:00Z');
    return { ...row, number: account, event: JSON.stringify(next) };
  };
  const inPath = (path: string, ids: Ids): Ids => {
    const kind = path.includes('/accounts/') ? 'account_id' : path.includes('/instances/') ? 'instance' : 'image';
    return { ...ids, id: ids[kind] as number };
  };
  const headersOf = (who: Who): Record<string, string> => {
    if (who === 'none') return {};
    if (who === 'superuser') return rh(SUPERUSER);
    if (who === 'owner by header') return rh(owned.number);
    return who === 'stranger by header' ? rh('a-stranger') : { 'X-Auth-Token': who };
  };
  const send = (who: Who, { method, path, body, ids }: Asked) =>
    call(server.base + path, {
      method,
      body,
      headers: {
        ...headersOf(who),
        ...(ids.token !== undefined && { 'X-Auth-Token': String(ids.token) }),
        ...(ids.as !== undefined && rh(ids.as)),
      },
    });

  beforeAll(async () => {
    const known = (
      token: Who,
      kind: Principal['kind'],
      uuid: string,
      more: Partial<Principal> & { readOnly?: true } = {},
    ): void => {
      principals.set(token, { kind, uuid, displayName: uuid, roles: [], via: 'x-auth-token', ...more });
    };
    const owner = randomUUID();
    owned = await thingsOf(owner);
    const stranger = randomUUID();
    await thingsOf(stranger);
    known('owner', 'user', owner);
    known('read-only', 'user', owner, { readOnly: true });
    known('expired', 'user', owner, { tokenExpires: '2019-01-01T00:00:00Z' });
    known('stranger', 'user', stranger);
    known('component', 'component', 'component:another', { roles: ['service', ...(RIGHTS.component ?? [])] });
    known('compute', 'component', 'component:nefos-compute', { roles: ['service', ...(RIGHTS.compute ?? [])] });
    // The true verifier over identity's answers: an unknown or inactive holder is null there.
    const { verify } = createTokenVerifier({ validate: async (token) => principals.get(token) ?? null });
    const verifier = { verify, reachable: async () => true, stop: () => undefined };
    const app = buildApp({ ...service.ctx, metrics: createMetrics('metering', false), verifier });
    server = await listening(createFastServer(app));
    // The first sight of a person makes a user; that is no consequence of what was refused.
    for (const who of USERS) await request(app).get('/v2/accounts/').set(headersOf(who));
  });
  afterAll(() => server.close());

  describeMatrix<Who>({
    contracts,
    callers: CALLERS,
    outcome,
    send,
    owned: (_contract, path) => inPath(path, owned),
    unknown: (_contract, path) =>
      inPath(path, { ...owned, account_id: 999_999_991, instance: 999_999_992, image: 999_999_993 }),
    fresh: async (contract, path, who) => {
      if (isSafe(contract) || who === 'compute' || !path.includes(':id')) return inPath(path, owned);
      // A person's token stands for the first of the person's accounts, so each call needs a person of its own.
      const [person, token] = [randomUUID(), randomUUID()];
      const made = inPath(path, await thingsOf(person));
      principals.set(token, { kind: 'user', uuid: person, displayName: person, roles: [], via: 'x-auth-token' });
      if (who === 'owner by header') return { ...made, as: made.number as string };
      return who === 'owner' ? { ...made, token } : made;
    },
    bodies: BODIES,
    // Accounts of AWS can not be verified without AWS; who may register one is decided before that.
    answers: { 'post /v2/accounts/': 501 },
    state: () => checksums(service.db),
  });
  it('403: the header of a peer that is not trusted is not seen', async () => {
    const app = buildApp({ ...service.ctx, metrics: createMetrics('metering', false), trustedPeers: ['10.0.0.0/8'] });
    const said = '{"detail":"Authentication credentials were not provided."}';
    await request(app).get('/v2/accounts/').set(rh(owned.number)).expect(403, said);
  });
});
