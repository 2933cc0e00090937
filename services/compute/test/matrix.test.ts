import { randomUUID } from 'node:crypto';
import type { Contract } from '@nefos/contracts';
import { createFastServer, sql } from '@nefos/service-kit';
import { call, checksums, describeMatrix, isSafe, listening, type Ids, type Outcome } from '@nefos/testing';
import { endpoints } from '../src/endpoints.js';
import { loadCloudFixture } from '../src/catalog/store/demo.js';
import { createBody } from './cloud-support.js';
import { useService, type As } from './support.js';

const CALLERS = [
  'none',
  'garbage',
  'expired',
  'inactive',
  'read-only user',
  'read-only staff',
  'suspended',
  'stranger',
  'component',
  'staff',
  'superuser',
  'owner',
] as const;
type Who = (typeof CALLERS)[number];
const contracts: readonly Contract[] = endpoints.map((e) => e.contract);
/** What every end user may see: its objects are nobody's secret. */
const CATALOGUE = /^\/api\/openstack\/((regions|flavors|flavorgroups|volumetypes)(\/:id)?|networks|subnets)$/;
/** Never for end users (contract compute §13). */
const STAFF_ONLY = /^\/api\/openstack\/instances\/:id\/(migrate|abort[-_]migrate|move|reset[-_]state)$/;
/**
 * What the suspension of the client forbids its end users: to change compute. They read, pay and delete (contract
 * compute §2 A8).
 */
const heldBack = ({ method, path }: Contract): boolean =>
  method !== 'delete' &&
  /^\/api\/(openstack\/(instances|images|(power|backup)schedules|volumes|volumesnapshots|volumebackups|networks|subnets|ports|floatingips|securitygroups|routers)|operations\/:id|webhooks)/.test(
    path,
  );

const forEndUser = (contract: Contract, who: 'read-only user' | 'suspended' | 'stranger' | 'owner'): Outcome => {
  if (who === 'read-only user' && !isSafe(contract)) return 403;
  if (who === 'stranger' && contract.path.includes(':') && !CATALOGUE.test(contract.path)) return 'absent';
  if (STAFF_ONLY.test(contract.path)) return 403;
  if (who === 'suspended' && !isSafe(contract) && heldBack(contract)) return 403;
  if (who === 'stranger' && contract.method === 'get' && !CATALOGUE.test(contract.path)) return 'unseen';
  return 'allowed';
};
const outcome = (contract: Contract, who: Who): Outcome => {
  if (contract.access === 'public') return 'allowed';
  switch (who) {
    case 'none':
    case 'garbage':
    case 'expired':
    case 'inactive':
      return 401;
    case 'component':
      return 403;
    case 'staff':
    case 'superuser':
    case 'read-only staff':
      return contract.access !== 'staff' || (who === 'read-only staff' && !isSafe(contract)) ? 403 : 'allowed';
    default:
      return contract.access === 'staff' ? 403 : forEndUser(contract, who);
  }
};

/** The state from which an action can begin; every other one begins at `active`. */
const BEGINS: Record<string, string> = {
  start: 'stopped',
  resume: 'suspended',
  unpause: 'paused',
  'confirm-resize': 'resized',
  'revert-resize': 'resized',
  unrescue: 'rescued',
  unshelve: 'shelved_offloaded',
};
const LARGE_FLAVOR = '5d0f1c2e-7a41-4b53-9c0d-2f6a1be4a001';
/** A network that no instance uses: its subnets can be deleted. */
const QUIET_NETWORK = '5d0f1c2e-7a41-4b53-9c0d-2f6a1be4a003';
/** A network outside, for floating IPs. */
const EXTERNAL_NETWORK = '5d0f1c2e-7a41-4b53-9c0d-2f6a1be4a004';
const NOBODY = '5d0f1c2e-7a41-4b53-9c0d-2f6a1be4a009';
const ISO_IMAGE = '5d0f1c2e-7a41-4b53-9c0d-2f6a1be4a002';
const IMAGE = 'b8e54aa5-eca9-454a-adaf-00fbc659755e';

/** A project that images are shared with. */
const MEMBER = 'a'.repeat(32);
const OCTETS = { 'Content-Type': 'application/octet-stream' };
let serial = 0;
let clients = 1000;
const nextClient = (): number => (clients += 1);
const unique = (): string => `matrix-${(serial += 1)}`;
const named = () => ({ name: unique() });
const nextCidr = () => `10.${(serial += 1) >> 8}.${serial & 255}.0/24`;
const newImage = () => ({ ...named(), region: 'Region1', visibility: 'shared', disk_format: 'raw' });
const from = () => ({ url: 'http://images.example.com/one.img' });
const credentials = (ids: Ids) => ({ username: ids.username, password: `password of ${ids.username}` });
const receiver = () => ({ url: 'https://example.com/' });
const schedule = ({ id }: Ids) => ({ instance: id, action: 'stop', cron: '0 3 * * *' });
const backups = ({ id }: Ids) => ({ instance: id, type: 'daily', run_at: '03:00', rotation: 3 });
/** Bodies of the actions on instances, by the last part of their path. */
const ACTION_BODIES: Record<string, (ids: Ids) => unknown> = {
  resize: () => ({ flavor: LARGE_FLAVOR }),
  rescue: () => ({}),
  boot_from_iso: () => ({ image: ISO_IMAGE }),
  rebuild: () => ({ image: IMAGE }),
  create_snapshot: named,
  create_backup: () => ({ backup_type: 'daily', rotation: 1 }),
  'change-password': () => ({ password: 'another secret' }),
  migrate: () => ({ live: true }),
  move: ({ other_client: client = 1 }) => ({ client }),
  'attach-volume': ({ volume = '' }) => ({ volume }),
  detach_volume: ({ volume = '' }) => ({ volume }),
  console: () => ({}),
  add_port: () => ({ network: CATALOGUE_IDS.networks }),
  remove_port: ({ instance_port: port = NOBODY }) => ({ port }),
  add_ip: ({ instance_port: port = NOBODY }) => ({ port }),
  remove_ip: ({ instance_ip: ip = '10.0.0.9' }) => ({ ip }),
  add_floating_ip: () => ({ network: EXTERNAL_NETWORK }),
  remove_floating_ip: ({ instance_floating: floating_ip = NOBODY }) => ({ floating_ip }),
  associate_security_group: ({ instance_group: security_group = NOBODY }) => ({ security_group }),
  dissociate_security_group: ({ instance_group: security_group = NOBODY }) => ({ security_group }),
};
const inRegion = () => ({ ...named(), region: 'Region1' });
const portBody = () => ({ network_id: CATALOGUE_IDS.networks });
const floatingBody = () => ({ floating_network_id: EXTERNAL_NETWORK });
const ruleBody = () => ({ direction: 'ingress', protocol: 'tcp', port_range_min: 22, port_range_max: 22 });
const interfaceBody = ({ subnet = NOBODY }: Ids) => ({ subnet });
const forClient =
  (make: () => object) =>
  ({ client_id: client = 1 }: Ids) => ({ ...make(), client });
/** Bodies of ports, floating IPs, security groups, routers and networks, on both roots. */
const NETWORK_BODIES: Record<string, (ids: Ids) => unknown> = {
  ...Object.fromEntries(
    Object.entries({
      ports: portBody,
      floatingips: floatingBody,
      securitygroups: inRegion,
      routers: inRegion,
      'networks/auto-create': () => ({ region: 'Region1' }),
    }).flatMap(([path, body]) => [
      [`post /staffapi/openstack/${path}`, forClient(body)],
      [`post /api/openstack/${path}`, body],
    ]),
  ),
  ...Object.fromEntries(
    ['staffapi', 'api'].flatMap((root) =>
      Object.entries({
        'patch ports/:id': named,
        'patch securitygroups/:id': named,
        'patch routers/:id': named,
        'post securitygroups/:id/rules': ruleBody,
        'post routers/:id/add_interface': interfaceBody,
        'post routers/:id/remove_interface': interfaceBody,
        'post floatingips/:id/associate': ({ port = NOBODY }: Ids) => ({ port }),
      }).map(([name, body]) => [name.replace(' ', ` /${root}/openstack/`), body]),
    ),
  ),
  'post /api/openstack/networks': inRegion,
  'patch /api/openstack/networks/:id': named,
  'post /api/openstack/subnets': ({ network = NOBODY }) => ({ network_id: network, cidr: nextCidr() }),
  'patch /api/openstack/subnets/:id': named,
};
/** Bodies of the calls for volumes, behind their root. */
const VOLUME_BODIES: Record<string, (ids: Ids) => unknown> = {
  'patch volumes/:id': named,
  'post volumes/:id/rename': named,
  'post volumes/:id/extend': () => ({ size: 5 }),
  'post volumes/:id/upload_to_image': named,
  'post volumes/:id/revert_to_snapshot': ({ snapshot }) => ({ snapshot }),
  'post volumesnapshots': ({ volume }) => ({ ...named(), volume }),
  'patch volumesnapshots/:id': named,
  'post volumebackups': ({ volume }) => ({ ...named(), volume }),
  'patch volumebackups/:id': named,
  'post volumebackups/:id/restore': named,
};

const BODIES: Record<string, (ids: Ids) => unknown> = {
  ...NETWORK_BODIES,
  ...Object.fromEntries(
    ['staffapi', 'api'].flatMap((root) =>
      Object.entries(ACTION_BODIES).map(([action, body]) => [`post /${root}/openstack/instances/:id/${action}`, body]),
    ),
  ),
  ...Object.fromEntries(
    ['staffapi', 'api'].flatMap((root) =>
      Object.entries(VOLUME_BODIES).map(([call, body]) => [call.replace(' ', ` /${root}/openstack/`), body]),
    ),
  ),
  'post /api/openstack/volumes': () => ({ ...named(), region: 'Region1', size: 1 }),
  'post /staffapi/openstack/volumes': ({ client_id: client }) => ({ ...named(), region: 'Region1', size: 1, client }),
  'post /staffapi/openstack/volumetypes': () => ({ ...named(), region: 'Region1' }),
  'patch /staffapi/openstack/volumetypes/:id': named,
  'post /staffapi/webhooks': receiver,
  'post /api/webhooks': receiver,
  'patch /staffapi/webhooks/:id': receiver,
  'patch /api/webhooks/:id': receiver,
  'post /staffapi/openstack/powerschedules': schedule,
  'post /api/openstack/powerschedules': schedule,
  'patch /staffapi/openstack/powerschedules/:id': () => ({ cron: '0 4 * * *' }),
  'patch /api/openstack/powerschedules/:id': () => ({ cron: '0 4 * * *' }),
  'post /staffapi/openstack/backupschedules': backups,
  'post /api/openstack/backupschedules': backups,
  'patch /staffapi/openstack/backupschedules/:id': () => ({ run_at: '04:00' }),
  'patch /api/openstack/backupschedules/:id': () => ({ run_at: '04:00' }),
  'post /staffapi/openstack/instances': ({ client_id: client }) => createBody({ client }),
  'post /api/openstack/instances': () => createBody(),
  'post /staffapi/openstack/images': ({ client_id: client }) => ({ ...newImage(), client }),
  'post /staffapi/openstack/images/import': ({ client_id: client }) => ({ ...newImage(), client, ...from() }),
  'post /staffapi/openstack/images/:id/import': from,
  'post /staffapi/openstack/images/:id/members': ({ project }) => ({ project }),
  'post /api/openstack/images': newImage,
  'post /api/openstack/images/import': () => ({ ...newImage(), ...from() }),
  'post /api/openstack/images/:id/import': from,
  'post /api/openstack/images/:id/members': ({ project_id: project }) => ({ project }),
  'patch /staffapi/openstack/images/:id': named,
  'patch /api/openstack/images/:id': named,
  'post /staffapi/openstack/sshkeys': named,
  'post /api/openstack/sshkeys': named,
  'patch /staffapi/clients/:client_id': () => ({ first_name: 'Other' }),
  'patch /api/clients/:client_id': () => ({ first_name: 'Other' }),
  'post /staffapi/openstack/billing/services/create_openstack_service': (ids) => ({
    client_id: ids.bare,
    product_id: ids.product,
    product_cycle_id: ids.cycle,
  }),
  'put /staffapi/openstack/regions/:id/driver': () => ({ driver: 'sim' }),
  'post /staffapi/users': () => ({
    username: unique(),
    email: `${unique()}@example.com`,
    password: 'a right long password',
  }),
  'patch /staffapi/users/:user_id': () => ({ first_name: 'Other' }),
  'post /staffapi/clientgroups': named,
  'put /staffapi/clientgroups/:group_id': named,
  'patch /staffapi/clientgroups/:group_id': named,
  'patch /staffapi/billing/services/:service_id': () => ({ external_billing_id: unique() }),
  'patch /staffapi/openstack/quotas/:project_id': () => ({ cores: 30, force: true }),
  'post /staffapi/openstack/projects': ({ bare_service: service }) => ({ service }),
  'patch /staffapi/openstack/projects/:project_id': () => ({ name: unique(), disabled: false }),
  'post /staffapi/openstack/resellerresources': ({ bare: client }) => ({ client, name: unique() }),
  'patch /staffapi/openstack/resellerresources/:reseller_id': named,
  'post /staffapi/openstack/instances/import': ({ client_id: client, backend_id = 'none' }) => ({
    client,
    backend_id,
    region: 'Region1',
  }),
  'post /staffapi/openstack/simulator/machines': () => ({
    region: 'Region1',
    name: unique(),
    flavor: CATALOGUE_IDS.flavors,
  }),
  'post /staffapi/billing/services/:service_id/reset_service_invoiced_periods': () => ({ periods_ids: [1] }),
  'post /staffapi/get-sso-session': ({ user_id }) => ({ euid: `ext-${user_id}` }),
  'post /api/sso': ({ euid = 'x', timestamp = 1, hash_val = 'x' }) => ({ euid, timestamp, hash_val }),
  'post /staffapi/openstack/regions': () => ({ id: unique() }),
  'post /staffapi/openstack/flavors': () => ({ ...named(), region: 'Region1', vcpus: 1, memory_mb: 64 }),
  'patch /staffapi/openstack/flavors/:id': () => ({ vcpus: 2 }),
  'post /staffapi/openstack/flavorgroups': named,
  'patch /staffapi/openstack/flavorgroups/:id': named,
  'post /staffapi/openstack/networks': () => ({ ...named(), region: 'Region1' }),
  'patch /staffapi/openstack/networks/:id': named,
  'post /staffapi/openstack/subnets': () => ({
    network_id: QUIET_NETWORK,
    cidr: `10.${(serial += 1) >> 8}.${serial & 255}.0/24`,
  }),
  'patch /staffapi/openstack/subnets/:id': named,
  'post /api/login': credentials,
  'post /staffapi/login': () => ({ username: 'demoadmin', password: 'password of demoadmin' }),
};
const UNKNOWN: Ids = {
  client_id: 111_111_111,
  user_id: 111_111_112,
  service_id: 111_111_113,
  group_id: 111_111_114,
  token_id: 111_111_115,
  project_id: '0'.repeat(32),
  reseller_id: 111_111_116,
};
const CATALOGUE_IDS: Record<string, string> = {
  regions: 'Region1',
  flavors: 'fd6ebb42-f305-4eb7-b086-fcce39bc761f',
  networks: 'd9f9ca07-3ce5-435e-8aa2-a7302697025d',
  subnets: '6a1f0c52-1d6f-4b3e-8f0b-0c6f6f3f4a11',
  volumetypes: '5d0f1c2e-7a41-4b53-9c0d-2f6a1be4a004',
};
/** Where ids of things of the network are, by the kind in the path. */
const NETWORK_KINDS: Record<string, string> = {
  networks: 'network',
  subnets: 'subnet',
  ports: 'port',
  floatingips: 'floating',
  securitygroups: 'group',
  routers: 'router',
};
/** Calls that change a thing of the catalog: each that is carried out gets a new one. */
const CATALOGUE_CHANGE = /^\/staffapi\/openstack\/(regions|flavors|flavorgroups|networks|subnets|volumetypes)\/:id$/;

describe('who may do what: every endpoint with every kind of caller', () => {
  const service = useService();
  const tokens = {} as Record<Who, string | undefined>;
  type Person = Awaited<ReturnType<typeof service.seedUser>> & { username: string };
  const people = {} as Record<'owner' | 'suspended' | 'superuser' | 'other staff', Person>;
  let owned: Ids;
  let held: Ids;
  let server: Awaited<ReturnType<typeof listening>>;

  const person = async (username: string, options: { staff?: boolean; clients?: number[] }): Promise<Person> => ({
    ...(await service.seedUser({ username, ...options })),
    username,
  });
  const firstText = async (text: string, values: unknown[]): Promise<string> =>
    (await sql<{ id: string }>(service.db, text, values))[0]?.id as string;
  /** An image of the client, as the endpoint at this path needs it. */
  const imageOf = async (as: As, client: number, path: string): Promise<{ body: unknown }> => {
    const made = await as.post(`/api/openstack/images?client=${client}`, newImage()).expect(201);
    const { id } = made.body as { id: string };
    if (path.includes('/members'))
      await as.post(`/api/openstack/images/${id}/members`, { project: MEMBER }).expect(201);
    if (!/\/(import|file)$/.test(path))
      await as.put(`/api/openstack/images/${id}/file`).set(OCTETS).send(Buffer.from('data')).expect(200);
    if (path.endsWith('/reactivate'))
      await service.staff.post(`/staffapi/openstack/images/${id}/deactivate`).expect(200);
    return made;
  };
  const firstId = async (text: string, values: unknown[] = []): Promise<number> =>
    (await sql<{ id: number }>(service.db, text, values))[0]?.id as number;
  /** Its project, and where they are in the path: a service without one, a reseller's set, a machine to import. */
  const projectThings = async (client: number, path = ''): Promise<Ids> => {
    const [project] = await sql<{ id: string }>(
      service.db,
      'select p.id from project p join service s on s.id = p.service_id where s.client_id = $1',
      [client],
    );
    const ids: Record<string, string | number> = { project_id: project?.id as string, bare_service: 1, reseller_id: 1 };
    if (path.endsWith('/projects')) {
      const other = await service.seedClient({ id: nextClient() });
      ids.bare_service = await firstId('select id from service where client_id = $1', [other]);
      await sql(service.db, 'delete from project where service_id = $1', [ids.bare_service]);
    }
    if (path === '' || path.includes(':reseller_id')) {
      const other = await service.seedClient({ id: nextClient(), service: false });
      const made = await service.staff.post('/staffapi/openstack/resellerresources', { client: other, ...named() });
      ids.reseller_id = (made.body as { id: number }).id;
    }
    if (path.endsWith('/import')) {
      const body = { region: 'Region1', name: unique(), flavor: CATALOGUE_IDS.flavors };
      const made = await service.staff.post('/staffapi/openstack/simulator/machines', body).expect(201);
      ids.backend_id = (made.body as { backend_id: string }).backend_id;
    }
    return ids;
  };
  /** Things of the network that a client has, as the endpoint at this path needs them; without a path all. */
  const networkThings = async (as: As, client: number, path = ''): Promise<Ids> => {
    const make = async (kind: string, body: object): Promise<string> =>
      ((await as.post(`/api/openstack/${kind}?client=${client}`, body).expect(201)).body as { id: string }).id;
    const ids: Record<string, string> = {};
    const has = (...words: string[]): boolean => path === '' || words.some((word) => path.includes(word));
    if (has('/networks', '/subnets', '/routers')) {
      ids.network = await make('networks', inRegion());
      ids.subnet = await make('subnets', { network_id: ids.network, cidr: nextCidr() });
    }
    if (has('/ports', '/floatingips')) ids.port = await make('ports', portBody());
    if (has('/floatingips')) ids.floating = await make('floatingips', floatingBody());
    if (has('/securitygroups')) {
      ids.group = await make('securitygroups', inRegion());
      ids.rule_id = await make(`securitygroups/${ids.group}/rules`, { ...ruleBody(), protocol: 'udp' });
    }
    if (has('/routers')) {
      ids.router = await make('routers', inRegion());
      if (path.endsWith('remove_interface'))
        await as.post(`/api/openstack/routers/${ids.router}/add_interface`, { subnet: ids.subnet }).expect(200);
    }
    return ids;
  };
  /** What the interface of an instance has, as the action at this path needs it. */
  const interfaceOf = async (as: As, client: number, id: string, path: string): Promise<Ids> => {
    if (!/_(port|ip|group)$/.test(path.replaceAll('-', '_'))) return {};
    const [port] = await sql<{ id: string; ip: string; group: string }>(
      service.db,
      `select p.id, host(a.address) ip, g.security_group_id "group" from port p
        join network_address a on a.port_id = p.id join port_security_group g on g.port_id = p.id
      where p.instance_id = $1`,
      [id],
    );
    const ids: Record<string, string> = {
      instance_port: port?.id ?? NOBODY,
      instance_ip: port?.ip ?? '10.0.0.9',
      instance_group: port?.group ?? NOBODY,
    };
    // The last address stays: there is a second one.
    if (/remove_ip$/.test(path.replaceAll('-', '_')))
      await sql(
        service.db,
        `insert into network_address (network_id, address, port_id, subnet_id)
        select a.network_id, a.address + n, a.port_id, a.subnet_id
        from network_address a, generate_series(1000, 2000) n
        where a.port_id = $1 and not exists (select from network_address taken
          where taken.network_id = a.network_id and taken.address = a.address + n)
        order by n limit 1`,
        [ids.instance_port],
      );
    if (/remove_floating_ip$/.test(path.replaceAll('-', '_')))
      ids.instance_floating = (
        (
          await as
            .post(`/api/openstack/floatingips?client=${client}`, { ...floatingBody(), port_id: port?.id })
            .expect(201)
        ).body as { id: string }
      ).id;
    return ids;
  };
  /** A volume of the client with a snapshot and a backup, where they are in the path; for a detach on its instance. */
  const storageOf = async (client: number, project: string, instance: string, path = ''): Promise<Ids> => {
    const ids = { volume: randomUUID(), snapshot: '', backup: '' };
    const attached = path.endsWith('/detach_volume');
    const own = [ids.volume, client, project];
    await sql(
      service.db,
      `insert into volume (id, client_id, project_id, region_id, name, size_gb, status)
      values ($1, $2, $3, 'Region1', 'data', 1, $4)`,
      [...own, attached ? 'in-use' : 'available'],
    );
    if (attached)
      await sql(
        service.db,
        `insert into volume_attachment (id, volume_id, instance_id, state) values (gen_random_uuid(), $1, $2, 'attached')`,
        [ids.volume, instance],
      );
    for (const kind of ['snapshot', 'backup'] as const) {
      // Whoever deletes the volume has none.
      if (path !== '' && !path.includes(`volume${kind}s`) && !path.includes(`_to_${kind}`)) continue;
      ids[kind] = randomUUID();
      await sql(
        service.db,
        `insert into volume_${kind} (volume_id, client_id, project_id, id, region_id, name, size_gb, status)
        values ($1, $2, $3, $4, 'Region1', 'copy', 1, 'available')`,
        [...own, ids[kind]],
      );
    }
    return ids;
  };
  /** Gives a user a client with one thing of each kind, or of the kind in the path. */
  const thingsOf = async (
    { id, uuid, username, as }: Person,
    hold: 'suspended' | null,
    path?: string,
  ): Promise<Ids> => {
    const client = await service.seedClient({ id: nextClient() });
    await sql(service.db, 'insert into client_user (client_id, user_id, is_owner) values ($1, $2, true)', [client, id]);
    await sql(service.db, `update portal_user set external_billing_id = 'ext-' || id where id = $1`, [id]);
    service.ctx.callers.drop(uuid);
    const has = (name: string): boolean => path === undefined || path.includes(name);
    const made =
      (has(':id') || has('schedules')) &&
      (await as.post(`/api/openstack/instances?client=${client}`, createBody({ name: unique() })).expect(201));
    const project = await firstText(
      'select p.id from project p join service s on s.id = p.service_id where client_id = $1',
      [client],
    );
    const storage =
      has('volume') && (await storageOf(client, project, made ? (made.body as { id: string }).id : '', path));
    const token = has(':token_id') && (await as.post('/api/tokens', named()).expect(201));
    const group = has(':group_id') && (await service.staff.post('/staffapi/clientgroups', named()).expect(201));
    const hook =
      has('/webhooks/') &&
      (await as.post(`/api/webhooks?client=${client}`, { url: 'https://example.com/' }).expect(201));
    const timed =
      has('/powerschedules/') &&
      (await as
        .post('/api/openstack/powerschedules', schedule({ id: (made && (made.body as { id: string }).id) || 0 }))
        .expect(201));
    const saved =
      has('/backupschedules/') &&
      (await as
        .post('/api/openstack/backupschedules', backups({ id: (made && (made.body as { id: string }).id) || 0 }))
        .expect(201));
    const image = has('/images') && (await imageOf(as, client, path ?? 'with data'));
    const key = has('/sshkeys') && (await as.post('/api/openstack/sshkeys', named()).expect(201));
    const net = await networkThings(as, client, path);
    const nic = made ? await interfaceOf(as, client, (made.body as { id: string }).id, path ?? '') : {};
    if (hold) await sql(service.db, 'update client set hold = $2 where id = $1', [client, hold]);
    const idOf = (one: false | { body: unknown }): string | number =>
      one ? (one.body as { id: string | number }).id : 0;
    return {
      client_id: client,
      user_id: id,
      username,
      id: idOf(made),
      operation: made ? (made.headers['x-operation-id'] as string) : '',
      webhook: idOf(hook),
      schedule: idOf(timed),
      backups: idOf(saved),
      token_id: idOf(token),
      image: idOf(image),
      sshkey: idOf(key),
      project_id: MEMBER,
      project,
      ...(storage || {}),
      group_id: idOf(group),
      service_id: await firstId('select id from service where client_id = $1', [client]),
      bare: await service.seedClient({ id: nextClient(), service: false }),
      ...(await projectThings(client, path)),
      ...net,
      ...nic,
      ...(has('/move') && { other_client: await service.seedClient({ id: nextClient() }) }),
      product: await firstId(`select id from product where code = 'openstack'`),
      cycle: await firstId(
        `select c.id from product_cycle c join product p on p.id = c.product_id where p.code = 'openstack' and c.currency = 'EUR'`,
      ),
    };
  };
  /** The ids by the names in this path. */
  const inPath = (path: string, ids: Ids): Ids => {
    const kind = /openstack\/(\w+)\/:id(\/driver)?$/.exec(path)?.[1] ?? '';
    if (path.includes('/hypervisors/')) return { ...ids, id: owned.hypervisor as string };
    if (ids.made !== undefined) return { ...ids, id: ids.made };
    if (path.includes('flavorgroups')) return { ...ids, id: owned.flavorgroup as number };
    if (path.includes('/webhooks/')) return { ...ids, id: ids.webhook as string };
    if (path.includes('/powerschedules/')) return { ...ids, id: ids.schedule as string };
    if (path.includes('/backupschedules/')) return { ...ids, id: ids.backups as string };
    for (const [word, name] of Object.entries(NETWORK_KINDS))
      if (path.includes(`/${word}/:id`) && !(CATALOGUE_IDS[kind] !== undefined && path.startsWith('/staffapi')))
        return { ...ids, id: ids[name] as string };
    if (path.includes('/operations/')) return { ...ids, id: ids.operation as string };
    if (path.includes('/volumes/')) return { ...ids, id: ids.volume as string };
    if (path.includes('/volumesnapshots/')) return { ...ids, id: ids.snapshot as string };
    if (path.includes('/volumebackups/')) return { ...ids, id: ids.backup as string };
    if (path.includes('/members/')) return { ...ids, id: ids.image as string, project_id: MEMBER };
    if (path.includes('/images/')) return { ...ids, id: ids.image as string };
    if (path.includes('/sshkeys/')) return { ...ids, id: ids.sshkey as string };
    return CATALOGUE_IDS[kind] === undefined ? ids : { ...ids, id: CATALOGUE_IDS[kind] };
  };
  const rest = (id: string, path: string): Promise<unknown> =>
    sql(
      service.db,
      `update instance set vm_state = $2, task_state = $3, power_state = 1, operation_id = null, launched_at = now()
      where id = $1`,
      [
        id,
        BEGINS[(path.split('/').at(-1) ?? '').replace('_', '-')] ?? 'active',
        /abort[-_]migrate$/.test(path) ? 'migrating' : null,
      ],
    );
  /** Staff have keys of their own, too. */
  const keyOfStaff = async (who: Who): Promise<string> => {
    const { as } = who === 'superuser' ? people.superuser : { as: service.staff };
    return ((await as.post('/staffapi/openstack/sshkeys', named()).expect(201)).body as { id: string }).id;
  };
  const staffKeys: Partial<Record<Who, string>> = {};
  const fresh = async (contract: Contract, who: Who): Promise<Ids> => {
    const { path } = contract;
    if (path === '/api/sso') {
      const made = await service.staff
        .post('/staffapi/get-sso-session', { euid: `ext-${people.owner.id}` })
        .expect(200);
      const [euid = '', timestamp = '', mac = ''] = (made.body as { hash_val: string }).hash_val.split(':');
      return { euid, timestamp, hash_val: mac };
    }
    if (path.startsWith('/staffapi/openstack/sshkeys'))
      return { ...owned, sshkey: isSafe(contract) ? (staffKeys[who] as string) : await keyOfStaff(who) };
    if (isSafe(contract)) return who === 'suspended' ? held : owned;
    const [, made] = CATALOGUE_CHANGE.exec(path) ?? [];
    if (made !== undefined) {
      const one = await service.staff
        .post(`/staffapi/openstack/${made}`, BODIES[`post /staffapi/openstack/${made}`]?.(owned) as object)
        .expect(201);
      return { ...owned, made: (one.body as { id: string | number }).id };
    }
    const one = await (who === 'suspended'
      ? thingsOf(people.suspended, 'suspended', path)
      : thingsOf(people.owner, null, path));
    const id = one.id as string;
    if (path.endsWith('/retry')) {
      await sql(service.db, `update operation set status = 'failed' where id = $1`, [one.operation]);
      await sql(
        service.db,
        `update instance set vm_state = 'error', task_state = null, operation_id = null where id = $1`,
        [id],
      );
    } else if (path.includes('/simulator/')) {
      await sql(service.db, 'delete from graphile_worker._private_jobs where payload::text not like $1', [
        `%${one.operation}%`,
      ]);
      await service.work();
    } else if (path.includes('/instances/:id')) await rest(id, path);
    else if (path === '/staffapi/clients/:client_id')
      await sql(service.db, `update service set status = 'terminated' where id = $1`, [one.service_id]);
    if (/\/users\/:user_id/.test(path)) {
      const other = await person(unique(), {});
      const token = await other.as.post('/api/tokens', named()).expect(201);
      return { ...one, user_id: other.id, token_id: (token.body as { id: number }).id };
    }
    return one;
  };

  beforeAll(async () => {
    await loadCloudFixture(service.db);
    await sql(
      service.db,
      `insert into flavor (id, region_id, name, vcpus, memory_mb, root_gb) values ($1, 'Region1', 'large', 2, 512, 2)`,
      [LARGE_FLAVOR],
    );
    await sql(
      service.db,
      `insert into image (id, region_id, name, visibility, status, type, disk_format)
      values ($1, 'Region1', 'installer', 'public', 'active', 'iso', 'iso')`,
      [ISO_IMAGE],
    );
    await sql(service.db, `insert into network (id, region_id, name) values ($1, 'Region1', 'quiet')`, [QUIET_NETWORK]);
    await sql(
      service.db,
      `insert into network (id, region_id, name, shared, router_external) values ($1, 'Region1', 'outside', true, true)`,
      [EXTERNAL_NETWORK],
    );
    await sql(
      service.db,
      `insert into subnet (id, network_id, name, cidr) values (gen_random_uuid(), $1, 'outside', '203.0.112.0/20')`,
      [EXTERNAL_NETWORK],
    );
    await sql(service.db, `insert into volume_type (id, region_id, name) values ($1, 'Region1', 'fast')`, [
      CATALOGUE_IDS.volumetypes,
    ]);
    people.owner = await person('the-owner', {});
    people.suspended = await person('the-suspended', {});
    people.superuser = await person('the-superuser', { staff: true });
    people['other staff'] = await person('other-staff', { staff: true });
    await sql(service.db, 'update portal_user set is_superuser = true where id = $1', [people.superuser.id]);
    const inactive = await person('the-inactive', { clients: [service.ownClient] });
    await sql(service.db, 'update portal_user set is_active = false where id = $1', [inactive.id]);
    const made = await thingsOf(people.owner, null);
    held = await thingsOf(people.suspended, null);
    await service.work();
    await sql(service.db, `update operation set status = 'failed' where id = $1`, [held.operation]);
    await sql(service.db, `update client set hold = 'suspended' where id = $1`, [held.client_id]);
    for (const who of ['staff', 'read-only staff', 'superuser'] as const) staffKeys[who] = await keyOfStaff(who);
    await service.sweep('catalog.stock');
    owned = {
      ...made,
      flavorgroup: await firstId('select min(id)::int id from flavor_group'),
      hypervisor: await firstId('select id from hypervisor limit 1'),
    };
    const readOnly = async (as: As, path: string): Promise<string> =>
      ((await as.post(path, { name: 'reads', read_only: true }).expect(201)).body as { key: string }).key;
    const expired = 'e'.repeat(40);
    const late = {
      uuid: people.owner.uuid,
      displayName: 'late',
      roles: [],
      tokenExpires: '2020-01-01T00:00:00Z',
      via: 'token',
    };
    service.identity.tokens.set(expired, { kind: 'user', ...late } as never);
    Object.assign(tokens, {
      garbage: '0'.repeat(40),
      expired,
      inactive: inactive.token,
      'read-only user': await readOnly(people.owner.as, '/api/tokens'),
      'read-only staff': await readOnly(
        service.staff,
        `/staffapi/users/${await firstId(`select id from portal_user where username = 'demoadmin'`)}/tokens`,
      ),
      suspended: people.suspended.token,
      stranger: service.tokens.stranger,
      component: service.tokens.component,
      staff: service.tokens.staff,
      superuser: people.superuser.token,
      owner: people.owner.token,
    });
    server = await listening(createFastServer(service.app));
  });
  afterAll(() => server.close());

  it('the sides of the portal are in the paths, and only the log-ins and what shows consoles are public', () => {
    const publicOnes = contracts.filter((c) => c.access === 'public').map((c) => `${c.method} ${c.path}`);
    expect(publicOnes).toEqual([
      'post /staffapi/login',
      'post /api/login',
      'post /api/sso',
      'get /api/sso',
      'get /console/vnc',
      'get /console/serial',
      // It has a credential of its own: the token of the console (test/consoles/).
      'get /console/socket',
    ]);
    for (const { path, access } of contracts)
      if (access !== 'public')
        expect([path, access]).toEqual([path, path.startsWith('/staffapi/') ? 'staff' : 'enduser']);
  });
  const send = async (who: Who, asked: { method: string; path: string; body?: unknown }) => {
    const headers: Record<string, string> = tokens[who] === undefined ? {} : { Authorization: `Token ${tokens[who]}` };
    if (!(asked.method === 'put' && asked.path.endsWith('/file')))
      return call(server.base + asked.path, { method: asked.method, body: asked.body, headers });
    const res = await fetch(server.base + asked.path, {
      method: 'PUT',
      headers: { ...headers, ...OCTETS },
      body: Buffer.from('data'),
    });
    return { status: res.status, text: await res.text() };
  };
  describeMatrix<Who>({
    contracts,
    callers: CALLERS,
    outcome,
    send,
    owned: (_contract, path, who) => inPath(path, who === 'suspended' ? held : owned),
    unknown: (_contract, path) => {
      const [id, operation, image, sshkey] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
      const [webhook, schedule, saved] = [randomUUID(), randomUUID(), randomUUID()];
      const net = Object.fromEntries([...Object.values(NETWORK_KINDS), 'rule_id'].map((name) => [name, randomUUID()]));
      const storage = { volume: randomUUID(), snapshot: randomUUID(), backup: randomUUID() };
      const ids = { id, operation, image, sshkey, webhook, schedule, backups: saved };
      return inPath(path, { ...owned, ...UNKNOWN, ...net, ...storage, ...ids });
    },
    fresh: async (contract, path, who) => inPath(path, await fresh(contract, who)),
    bodies: BODIES,
    // A stranger's instance or volume in a body is absent, in the words of the field.
    exceptions: {
      'post /api/openstack/powerschedules · stranger': 400,
      'post /api/openstack/backupschedules · stranger': 400,
      'post /api/openstack/subnets · stranger': 400,
      'post /api/openstack/volumesnapshots · stranger': 400,
      'post /api/openstack/volumebackups · stranger': 400,
    },
    queries: {
      'get /staffapi/events': () => '?seconds=0',
      'get /api/events': () => '?seconds=0',
      'get /api/sso': ({ euid, timestamp, hash_val }) => `?euid=${euid}&timestamp=${timestamp}&hash_val=${hash_val}`,
      'get /staffapi/openstack/instances/importable': () => '?region=Region1',
      'get /staffapi/openstack/billing/services/new_service_data': (ids) => `?client_id=${ids.bare}`,
    },
    answers: { 'get /console/socket': 426 },
    state: () => checksums(service.db),
  });

  const onPeople = contracts.filter((c) => c.path.includes(':user_id') && !isSafe(c));
  it.each(onPeople.map((c) => [c.method, c.path, c] as const))(
    '403: staff act on nobody of their own rank or above: %s %s',
    async (method, path, contract) => {
      for (const above of [people.superuser, people['other staff']]) {
        const before = await checksums(service.db);
        const to = path.replace(':user_id', String(above.id)).replace(':token_id', '1');
        const { status } = await send('staff', {
          method,
          path: to,
          body: contract.body && (BODIES[`${method} ${path}`]?.(owned) ?? named()),
        });
        expect([above.username, status]).toEqual([above.username, 403]);
        expect(await checksums(service.db)).toEqual(before);
      }
    },
  );
  it('403: staff make no staff; superusers do', async () => {
    const body = {
      username: unique(),
      email: `${unique()}@example.com`,
      password: 'a right long password',
      is_staff: true,
    };
    expect((await send('staff', { method: 'post', path: '/staffapi/users', body })).status).toBe(403);
    expect((await send('superuser', { method: 'post', path: '/staffapi/users', body })).status).toBe(201);
  });
  const lists = contracts.filter((c) => c.access === 'enduser' && c.method === 'get' && !c.path.includes(':'));
  it.each(lists.map((c) => c.path))("a stranger's filter finds nothing of the owner: %s", async (path) => {
    for (const filter of [
      `id:${owned.client_id}`,
      `id:${owned.id}`,
      `project__service__client__id:${owned.client_id}`,
      'id__isnull:false',
    ]) {
      const { text } = await send('stranger', { method: 'get', path: `${path}?seconds=0&filtering=${filter}` });
      for (const id of [owned.id, owned.operation, owned.volume, owned.snapshot, owned.backup])
        expect(text.replace(filter, '')).not.toContain(String(id));
    }
  });
});
