import { randomUUID } from 'node:crypto';
import type { Contract } from '@nefos/contracts';
import { sql } from '@nefos/service-kit';
import { checksums, exampleOf } from '@nefos/testing';
import type { Test } from 'supertest';
import { faceContracts } from '../../src/facades.js';
import { FLAVOR, IMAGE, NETWORK, useCloud } from '../cloud-support.js';
import { SINGULAR } from '../facade-network/face-network-support.js';
import { useFaces, type FaceAs } from './face-support.js';

/** Newest versions, so that no endpoint hides behind an old one; what is gone by then has an old one. */
const versionOf = ({ path }: Contract): string | undefined => {
  if (path.startsWith('/volume')) return 'volume 3.67';
  if (!path.startsWith('/compute')) return undefined;
  return /os-security-groups(\/:id)?$/.test(path) && !path.includes('/servers/') ? 'compute 2.1' : 'compute 2.80';
};
const isSafe = ({ method }: Contract): boolean => method === 'get' || method === 'head';
/** Refusals of who has the thing, after it was found: policy is administrators', the rest is its state by then. */
const LOOKED_AT =
  /Policy doesn't allow|Metadata item was not found|has no tag|has no interface|Currently in|own connector|attachment_id/;
const HIDDEN = /:(id|project|name)/;
/** What everybody may see: it is nobody's secret. */
const OPEN = /\/(flavors|types|extensions|os-quota-class-sets)(\/|$)/;
/** What this cloud has none of: staff neither see one. */
const NONE_HERE = new RegExp(
  'server-groups|/migrations/:|os-hosts|os-hypervisors|default-types|manageable|messages|transfer|qos-specs|' +
    'group_types|port_forwardings|/(cgsnapshots|clusters|consistencygroups|group_snapshots|groups)/',
);
type Ids = Readonly<Record<string, string>>;
/**
 * A body that is taken: what is refused for its body is refused before anybody looks whose the thing is. Undefined: the
 * contract's example is one.
 */
const bodyOf = ({ method, path }: Contract, ids: Ids): unknown => {
  const rest = path.replace(/^\/(compute\/v2\.1|image\/v2|network\/v2\.0|volume\/v3)\//, '');
  const [kind = ''] = rest.split('/');
  if (path.startsWith('/network')) {
    if (rest.endsWith('/tags')) return { tags: ['tag', 'more'] };
    if (rest.endsWith('_router_interface')) return { subnet_id: ids.subnet };
    if (method === 'put' && Object.hasOwn(SINGULAR, kind)) return { [SINGULAR[kind] as string]: { description: 'x' } };
  }
  if (`${method} ${rest}` === 'put servers/:id') return { server: { name: 'other' } };
  if (rest === 'servers/:id/os-volume_attachments') return { volumeAttachment: { volumeId: ids.volume } };
  if (rest === 'backups/:id/restore') return { restore: { volume_id: ids.volume } };
  if (rest === 'images/:id/members') return { member: randomUUID() };
  if (`${method} ${rest}` === 'patch images/:id') return [{ op: 'replace', path: '/name', value: 'other' }];
  if (rest === 'servers/:id/os-interface') return { interfaceAttachment: { net_id: NETWORK } };
  if (rest === 'images/:id/import') return { method: { name: 'web-download', uri: 'https://images.test/one.img' } };
  if (path.startsWith('/compute') && rest === 'os-quota-sets/:project') return { quota_set: { instances: 5 } };
  if (rest === 'servers/:id/action') return { 'os-stop': null };
  if (rest === 'volumes/:id/action') return { 'os-extend': { new_size: 2 } };
  if (/metadata\/:key$/.test(rest)) return { meta: { key: 'value' } };
  return undefined;
};

describe("who may do what in OpenStack's face", () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  /** The owner's things, by the part of a path before `:id`. */
  const things: Record<string, string> = {};
  const of = <T>(body: unknown, name: string): T => (body as Record<string, T>)[name] as T;
  beforeAll(async () => {
    const make = async (path: string, name: string, attributes: object): Promise<string> => {
      const res = await face.user.post(path, { [name]: attributes });
      if (res.status > 202) throw new Error(`${path}: ${res.status} ${res.text}`);
      return of<{ id: string }>(res.body, name).id;
    };
    things.servers = await make('/compute/v2.1/servers', 'server', {
      name: 'vm',
      imageRef: IMAGE,
      flavorRef: FLAVOR,
      networks: [{ uuid: NETWORK }],
      metadata: { key: 'secret' },
    });
    await face.user.post('/compute/v2.1/os-keypairs', { keypair: { name: 'own-key' } }).expect(200);
    const V = '/network/v2.0';
    things.networks = await make(`${V}/networks`, 'network', { name: 'own' });
    things.subnets = await make(`${V}/subnets`, 'subnet', { network_id: things.networks, cidr: '10.3.0.0/24' });
    things.ports = await make(`${V}/ports`, 'port', { network_id: things.networks });
    things.routers = await make(`${V}/routers`, 'router', { name: 'own' });
    things['security-groups'] = await make(`${V}/security-groups`, 'security_group', { name: 'own' });
    things['security-group-rules'] = await make(`${V}/security-group-rules`, 'security_group_rule', {
      security_group_id: things['security-groups'],
      direction: 'ingress',
    });
    const outside = await face.staff.post(`${V}/networks`, { network: { name: 'out', 'router:external': true } });
    const external = of<{ id: string }>(outside.body, 'network').id;
    await face.staff.post(`${V}/subnets`, { subnet: { network_id: external, cidr: '203.0.113.0/24' } }).expect(201);
    things.floatingips = await make(`${V}/floatingips`, 'floatingip', { floating_network_id: external });
    const image = await face.user
      .post('/image/v2/images', { name: 'own', visibility: 'shared', disk_format: 'raw', container_format: 'bare' })
      .expect(201);
    things.images = (image.body as { id: string }).id;
    const at = `/image/v2/images/${things.images}`;
    await face.user.put(`${at}/file`).set('Content-Type', 'application/octet-stream').send('data').expect(204);
    things.member = randomUUID();
    await face.user.post(`${at}/members`, { member: things.member }).expect(200);
    const metadata = { key: 'secret' };
    things.volumes = await make('/volume/v3/volumes', 'volume', { size: 1, name: 'own', metadata });
    await cloud.work();
    things.snapshots = await make('/volume/v3/snapshots', 'snapshot', {
      volume_id: things.volumes,
      name: 'own',
      metadata,
    });
    await cloud.work();
    things.backups = await make('/volume/v3/backups', 'backup', { volume_id: things.volumes, name: 'own' });
    await cloud.work();
    const server = `/compute/v2.1/servers/${things.servers}`;
    await face.user
      .post(`${server}/os-volume_attachments`, { volumeAttachment: { volumeId: things.volumes } })
      .expect(200);
    await cloud.work();
    const known = async (text: string): Promise<string> =>
      (await sql<{ id: string }>(service.db, text, [things.servers]))[0]?.id ?? '';
    things.attachments = await known('select id from volume_attachment where instance_id = $1 and not boot');
    things['server-port'] = await known('select id from port where instance_id = $1');
    const { body: actions } = await face.user.get(`${server}/os-instance-actions`).expect(200);
    things.request = (actions as { instanceActions: { request_id: string }[] }).instanceActions[0]?.request_id ?? '';
    things['os-security-groups'] = things['security-groups'];
    await face.user.put(`${server}/tags/tag`, undefined, 'compute 2.26').expect(201);
    for (const kind of Object.keys(SINGULAR)) await face.user.put(`${V}/${kind}/${things[kind]}/tags/tag`).expect(201);
  });

  const contracts = faceContracts.filter(({ access }) => access !== 'public');
  const named = (contract: Contract, ids: Ids): string =>
    contract.path.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(ids[name] ?? 'x'));
  /** The owner's, as far as the path has ids. */
  const owned = (contract: Contract): Ids => {
    const before = /\/([\w-]+)\/:(id|project|name)/.exec(contract.path);
    return {
      id: things[before?.[1] ?? ''] ?? randomUUID(),
      project: face.project,
      name: 'own-key',
      key: 'key',
      tag: 'tag',
      member: things.member ?? '',
      volume: things.volumes ?? '',
      subnet: things.subnets ?? '',
      port: (contract.path.includes('/servers/') ? things['server-port'] : things.ports) ?? '',
      network: 'private',
      request: things.request ?? '',
      migration: '1',
      rule: randomUUID(),
      alias: 'router',
    };
  };
  const unknown = (contract: Contract): Ids => ({
    ...owned(contract),
    id: randomUUID(),
    project: randomUUID(),
    name: 'nothing',
  });
  const ask = (as: FaceAs, contract: Contract, ids: Ids): Test => {
    const path = named(contract, ids);
    const version = versionOf(contract);
    const body = contract.body ? (bodyOf(contract, ids) ?? exampleOf(contract.body)) : undefined;
    switch (contract.method) {
      case 'post':
        return as.post(path, body, version);
      case 'put':
        return contract.upload
          ? as.put(path, undefined, version).set('Content-Type', 'application/octet-stream').send('data')
          : as.put(path, body, version);
      case 'patch':
        return as
          .patch(path, undefined, version)
          .set('Content-Type', contract.consumes?.[0] ?? 'application/json')
          .send(JSON.stringify(body));
      case 'delete':
        return as.delete(path, version);
      default:
        return as.get(path, version);
    }
  };
  /** What every refused request must leave as it is. */
  const state = () => checksums(service.db);
  const masked = (text: string, ...all: Ids[]): string =>
    all
      .flatMap((one) => Object.values(one))
      .filter((id) => id.length > 3)
      .sort((a, b) => b.length - a.length)
      .reduce((masking, id) => masking.replaceAll(id, 'ID'), text);

  it('there are endpoints of all four APIs', () => {
    for (const prefix of ['/compute', '/image', '/network', '/volume'])
      expect(contracts.filter(({ path }) => path.startsWith(prefix)).length).toBeGreaterThan(15);
  });
  it.each(faceContracts.filter(({ access }) => access === 'public').map((one) => [one.method, one.path, one] as const))(
    'anybody: %s %s',
    async (_method, path) => {
      expect((await face.nobody.get(path)).status).toBeLessThan(301);
    },
  );
  it.each(contracts.map((one) => [one.method, one.path, one] as const))('%s %s', async (_method, _path, contract) => {
    const mine = owned(contract);
    const hidden = HIDDEN.test(contract.path) && !OPEN.test(contract.path);
    const before = await state();
    const met: Record<string, number> = {};
    const wanted: Record<string, number> = {};
    const refused = async (name: string, as: FaceAs, status: number): Promise<void> => {
      met[name] = (await ask(as, contract, mine)).status;
      wanted[name] = status;
    };
    await refused('nobody', face.nobody, 401);
    await refused('garbage', face.garbage, 401);
    await refused('component', face.component, 403);
    await refused('unscoped', face.unscoped, 403);
    if (!isSafe(contract)) await refused('reader', face.reader, 403);
    expect(met).toEqual(wanted);
    // Who has it sees it, or staff do: otherwise nothing would be hidden from others.
    if (isSafe(contract) && hidden && !NONE_HERE.test(contract.path)) {
      const seen = [];
      for (const as of [face.user, face.staff]) seen.push((await ask(as, contract, mine)).status);
      expect(Math.min(...seen)).toBeLessThan(300);
    }
    // Key pairs are their user's, in whatever project.
    const others = contract.path.includes('/os-keypairs') ? [face.stranger] : [face.stranger, face.homeless];
    for (const as of hidden ? others : []) {
      const seen = await ask(as, contract, mine);
      const absent = unknown(contract);
      const nothing = await ask(as, contract, absent);
      // Another's thing is answered like one that is not there.
      expect([seen.status, masked(seen.text, mine, absent)]).toEqual([
        nothing.status,
        masked(nothing.text, mine, absent),
      ]);
      // The body is no reason: then nobody would have looked whose it is.
      expect({ status: seen.status, text: seen.text }).not.toMatchObject({ status: 400 });
      expect(seen.status).toBeGreaterThanOrEqual(400);
      expect(seen.status).toBeLessThan(500);
    }
    expect(await state()).toEqual(before);
  });
  it.each(
    contracts
      .filter(({ method, path }) => method === 'get' && !path.includes(':'))
      .map((one) => [one.path, one] as const),
  )('nothing of the owner is in a stranger’s list: %s', async (_path, contract) => {
    const { status, text } = await ask(face.stranger, contract, {});
    expect([200, 403, 404]).toContain(status);
    for (const id of Object.values(things)) expect(text).not.toContain(id);
  });
  // Last, since it changes what the others look at; deletions at its end.
  it('who has a thing may change it: nobody else was refused for another reason', async () => {
    const writes = contracts
      .filter((one) => !isSafe(one) && HIDDEN.test(one.path) && !OPEN.test(one.path) && !NONE_HERE.test(one.path))
      .sort((a, b) => Number(a.method === 'delete') - Number(b.method === 'delete') || b.path.length - a.path.length);
    const refused: Record<string, unknown> = {};
    for (const contract of writes) {
      const { status, text } = await ask(face.user, contract, owned(contract));
      if ([400, 403, 404].includes(status) && !LOOKED_AT.test(text))
        refused[`${contract.method} ${contract.path}`] = text;
      await cloud.work();
    }
    expect(refused).toEqual({});
  });
});
