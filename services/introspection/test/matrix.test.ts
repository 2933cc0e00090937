import { randomUUID } from 'node:crypto';
import { createTokenVerifier } from '@nefos/auth';
import type { Contract, Principal } from '@nefos/contracts';
import { createFastServer, createMetrics, sql } from '@nefos/service-kit';
import { call, checksums, describeMatrix, isSafe, listening, type Asked, type Ids, type Outcome } from '@nefos/testing';
import { buildApp } from '../src/app.js';
import { byToken } from '../src/authentication.js';
import { endpoints } from '../src/endpoints.js';
import { newMac } from './registry-seed.js';
import { useService } from './support.js';

const ANONYMOUS = ['none', 'garbage', 'expired', 'inactive'] as const;
const CALLERS = [
  ...ANONYMOUS,
  'person',
  'observer',
  'read-only',
  'stranger',
  'component',
  'operator',
  'admin',
] as const;
type Who = (typeof CALLERS)[number];
const deletesAll = ({ method, path }: Contract): boolean =>
  method === 'delete' && (path === '/v1/rules' || path === '/baremetal/v1/inspection_rules');
/** What deletes all rules comes last: others need theirs. */
const contracts: readonly Contract[] = endpoints
  .map((one) => one.contract)
  .sort((a, b) => Number(deletesAll(a)) - Number(deletesAll(b)));
/** Contract introspection §1.4: the roles that pass. */
const ROLES: Partial<Record<Who, string[]>> = {
  person: ['reader', 'member'],
  observer: ['member', 'baremetal_observer'],
  'read-only': ['admin'],
  stranger: ['administrators', 'Admin', 'baremetal'],
  component: ['service'],
  operator: ['baremetal_admin'],
  admin: ['reader', 'member', 'admin'],
};
const outcome = (contract: Contract, who: Who): Outcome => {
  if (contract.access === 'public') return 'allowed';
  if ((ANONYMOUS as readonly string[]).includes(who)) return 401;
  if (who === 'person' || who === 'stranger') return 403;
  if (who === 'observer') return contract.access === 'user' ? 'allowed' : 403;
  if (who === 'read-only') return isSafe(contract) ? 'allowed' : 403;
  return 'allowed';
};
const rule = () => ({ actions: [{ action: 'fail', message: 'no' }] });
const patch = [{ op: 'add', path: '/extra/a', value: 1 }];
const BODIES: Record<string, (ids: Ids) => unknown> = {
  'put /v1/introspection/:node/schedule': () => ({ every_seconds: 86_400 }),
  'post /v1/rules': rule,
  'post /v1/introspection/:node/dry-run': () => ({}),
  'post /baremetal/v1/inspection_rules': () => ({ actions: [{ op: 'fail', args: { msg: 'no' } }] }),
  'patch /baremetal/v1/inspection_rules/:inspection_rule_uuid': () => [{ op: 'replace', path: '/priority', value: 1 }],
  'post /baremetal/v1/nodes': () => ({ driver: 'fake-hardware' }),
  'patch /baremetal/v1/nodes/:node_ident': () => patch,
  'put /baremetal/v1/nodes/:node_ident/maintenance': () => ({ reason: 'why' }),
  'put /baremetal/v1/nodes/:node_ident/traits': () => ({ traits: ['CUSTOM_A'] }),
  'put /baremetal/v1/nodes/:node_ident/traits/:trait': () => ({}),
  'post /baremetal/v1/ports': ({ node_ident: node }) => ({ node_uuid: node, address: newMac() }),
  'patch /baremetal/v1/ports/:port_uuid': () => patch,
  'put /baremetal/v1/nodes/:node_ident/states/power': () => ({ target: 'power on' }),
  'put /baremetal/v1/nodes/:node_ident/management/boot_device': () => ({ boot_device: 'pxe' }),
  'put /baremetal/v1/nodes/:node_ident/states/provision': () => ({ target: 'provide' }),
};

describe('who may do what: every endpoint with every kind of caller', () => {
  const service = useService();
  const principals = new Map<string, Principal>();
  let server: Awaited<ReturnType<typeof listening>>;
  let owned: Ids;

  /** A node with a port, a trait, a run that has ended, its data and history, a schedule; and a rule. */
  const things = async (): Promise<Ids> => {
    const [node, port, run, before, rules, inspection] = Array.from({ length: 6 }, () => randomUUID()) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const body = JSON.stringify({ inventory: { interfaces: [], disks: [] }, all_interfaces: {}, cpus: 1 });
    const statements: [string, unknown[]][] = [
      [
        `insert into node (uuid, driver, provision_state, traits, driver_info)
          values ($1, 'fake-hardware', 'manageable', '{CUSTOM_B}', '{"ipmi_address":"10.9.8.7"}')`,
        [node],
      ],
      // Made when it is first looked at, otherwise.
      ['insert into simulated_machine (node_uuid) values ($1)', [node]],
      [`insert into port (uuid, node_uuid, address) values ($1, $2, $3)`, [port, node, newMac()]],
      [
        `insert into run (node_uuid, id, cause, state, started_at, finished_at, manage_boot)
          values ($1, $2, 'request', 'finished', now(), now(), true)`,
        [node, run],
      ],
      [`insert into run_data (node_uuid, processed, body) values ($1, true, $2), ($1, false, $2)`, [node, body]],
      [
        `insert into run_history (id, node_uuid, cause, state, started_at, finished_at, body)
          values ($1, $3, 'request', 'finished', now(), now() - interval '1 hour', $4),
            ($2, $3, 'request', 'finished', now(), now(), $4)`,
        [before, run, node, body],
      ],
      [
        `insert into inspection_schedule (node_uuid, every_seconds, next_at) values ($1, 86400, now() + interval '1 day')`,
        [node],
      ],
      [
        `insert into rule (uuid, form, conditions, actions)
          values ($1, 'inspector', '[]', '[{"action":"fail","message":"no"}]'),
            ($2, 'inspection', '[]', '[{"op":"fail","args":{"msg":"no"}}]')`,
        [rules, inspection],
      ],
    ];
    for (const [text, values] of statements) await sql(service.db, text, values);
    const names = { trait: 'CUSTOM_B', driver_name: 'redfish' };
    return { node, node_ident: node, port_uuid: port, run, rule: rules, inspection_rule_uuid: inspection, ...names };
  };
  const send = (who: Who, { method, path, body }: Asked) =>
    call(server.base + path, {
      method,
      body,
      headers: { ...(who !== 'none' && { 'X-Auth-Token': who }), 'X-OpenStack-Ironic-API-Version': '1.96' },
    });
  beforeAll(async () => {
    owned = await things();
    for (const [who, roles] of Object.entries(ROLES))
      principals.set(who, {
        kind: who === 'component' ? 'component' : 'user',
        uuid: randomUUID(),
        displayName: who,
        roles,
        via: 'x-auth-token',
        ...(who === 'read-only' && { readOnly: true }),
      });
    principals.set('expired', { ...(principals.get('admin') as Principal), tokenExpires: '2019-01-01T00:00:00Z' });
    // The true verifier over identity's answers: an unknown or inactive holder is null there.
    const { verify } = createTokenVerifier({ validate: async (token) => principals.get(token) ?? null });
    const verifier = { verify, reachable: async () => true, stop: () => undefined };
    const metrics = createMetrics('introspection', false);
    const app = buildApp({ ...service.ctx, metrics, verifier, authenticate: byToken(verifier) });
    server = await listening(createFastServer(app));
  });
  afterAll(() => server.close());

  describeMatrix<Who>({
    contracts,
    callers: CALLERS,
    outcome,
    send,
    owned: () => owned,
    unknown: () => owned,
    fresh: async (contract) => {
      if (isSafe(contract)) return owned;
      const made = await things();
      if (contract.path.endsWith('/token'))
        await sql(service.db, `update run set state = 'waiting', finished_at = null where node_uuid = $1`, [made.node]);
      return made;
    },
    bodies: BODIES,
    answers: {
      // A report that is none: what it says is judged, not who sends it.
      'post /v1/continue': 400,
      'post /baremetal/v1/continue_inspection': 400,
      // No logs are kept without a directory for them.
      'get /v1/introspection/:node/logs': 404,
    },
    // To read a BMC takes a turn at it.
    state: () => checksums(service.db, ['bmc_turn']),
  });
});
