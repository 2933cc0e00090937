import { randomUUID } from 'node:crypto';
import type { ComputeDriver } from '../../src/ports/driver.js';
import type { NetworkDriver } from '../../src/ports/driver-networks.js';
import { openstackKind } from '../../src/ports/drivers/openstack-kind.js';
import { recordedOpenstack, type Heard } from './recorded-openstack.js';

interface Thing {
  id: string;
  description?: string;
  created_at?: string;
  [field: string]: unknown;
}

describe('the network by the OpenStack driver', () => {
  let cloud: Awaited<ReturnType<typeof recordedOpenstack>>;
  let driver: ComputeDriver;
  let networks: Required<NetworkDriver>;
  /** What Neutron has, by the last part of its path. */
  let there: Record<string, Thing[]>;
  const portalId = randomUUID();
  const network = { portalId, backendId: null, projectId: 'p', name: 'n', adminStateUp: true, mtu: null };
  const changes = () => cloud.heard.filter(({ method, path }) => method !== 'GET' && path.startsWith('/network'));
  const neutron = ({ method, path, query, body }: Heard) => {
    const [, kind = '', id] = /^\/network\/v2\.0\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
    const list = (there[kind] ??= []);
    const one = kind.replaceAll('-', '_').replace(/s$/, '');
    if (!path.startsWith('/network')) return undefined;
    if (method === 'GET' && id === undefined) {
      const wanted = query.get('description');
      const name = query.get('name');
      const fit = list.filter(
        (thing) => (wanted === null || thing.description === wanted) && (name === null || thing.name === name),
      );
      return { body: { [`${one}s`]: fit } };
    }
    const found = list.find((thing) => thing.id === id);
    if (method === 'POST') {
      const made = { id: `${one}-${list.length + 1}`, ...(body as Record<string, object>)[one] } as Thing;
      list.push(made);
      return { status: 201, body: { [one]: made } };
    }
    if (!found) return { status: 404, body: { NeutronError: { type: 'NotFound', message: 'not found' } } };
    if (method === 'DELETE') list.splice(list.indexOf(found), 1);
    if (method === 'PUT') Object.assign(found, (body as Record<string, object>)[one]);
    return { body: { [one]: found } };
  };
  beforeEach(async () => {
    cloud = await recordedOpenstack();
    there = {};
    cloud.state.answer = neutron;
    driver = openstackKind.create({
      settings: openstackKind.settings.parse({
        auth_url: cloud.url,
        username: 'admin',
        project: 'admin',
        projects: 'shared',
      }),
      secrets: openstackKind.secrets.parse({ password: 'the-secret' }),
    });
    networks = driver.networks as Required<NetworkDriver>;
  });
  afterEach(async () => {
    await driver.close?.();
    cloud.close();
  });

  it('a lost answer: the repetition finds the network by its mark; of two the first stays', async () => {
    cloud.state.answer = (heard) => {
      const reply = neutron(heard);
      return heard.method === 'POST' && heard.path.startsWith('/network') ? { status: 504 } : reply;
    };
    await expect(networks.ensureNetwork(network)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    cloud.state.answer = neutron;
    expect(await networks.ensureNetwork(network)).toBe('network-1');
    there.networks?.push({ id: 'a-later-one', description: `pcp-${portalId}`, created_at: '2030' });
    expect(await networks.ensureNetwork({ ...network, backendId: 'network-1' })).toBe('network-1');
    expect(changes().map(({ method }) => method)).toEqual(['POST']);
  });
  it('what is as it is to be is not changed; what is not is', async () => {
    await networks.ensureNetwork(network);
    await networks.ensureNetwork(network);
    await networks.ensureNetwork({ ...network, name: 'other' });
    expect(changes().map(({ method, body }) => [method, body])).toEqual([
      ['POST', { network: { name: 'n', admin_state_up: true, description: `pcp-${portalId}` } }],
      ['PUT', { network: { name: 'other' } }],
    ]);
  });
  it('nothing without our mark is deleted, whatever the id', async () => {
    there.networks = [{ id: 'of-the-cloud', name: 'public' }];
    await networks.remove('network', { portalId: randomUUID(), backendId: 'of-the-cloud' });
    expect(changes()).toEqual([]);
  });
  it('a list is in the order of our ids, and has those that bear one only', async () => {
    const ids = Array.from({ length: 3 }, () => randomUUID());
    there.ports = ids.map((id) => ({ id: `port-${id}`, description: `pcp-${id}` }));
    there.ports.push({ id: 'of-others', description: '' }, { id: 'of-others-too', description: 'pcp-of-others' });
    const sorted = ids.toSorted();
    const first = await networks.list('port', { after: null, limit: 2 });
    const last = await networks.list('port', { after: sorted[1] ?? null, limit: 2 });
    expect([...first, ...last].map((one) => one.portalId)).toEqual(sorted);
  });
  it('a port without groups has none: not that of Neutron, nor the last one that it had', async () => {
    const group = { portalId: randomUUID(), backendId: null, projectId: 'p', name: 'g', description: '', rules: [] };
    const groupId = await networks.ensureSecurityGroup(group);
    await networks.ensureNetwork(network);
    const spec = {
      portalId: randomUUID(),
      backendId: null,
      projectId: 'p',
      network,
      name: 'port',
      mac: null,
      fixedIps: [],
      securityGroups: [{ portalId: group.portalId, backendId: groupId }],
      machine: null,
    };
    await networks.ensurePort({ ...spec, portalId: randomUUID(), securityGroups: [] });
    expect(there.ports?.[0]).toMatchObject({ security_groups: [] });
    await networks.ensurePort(spec);
    expect(there.ports?.[1]).toMatchObject({ security_groups: [groupId] });
    await networks.ensurePort({ ...spec, securityGroups: [] });
    expect(there.ports?.[1]).toMatchObject({ security_groups: [] });
  });
  it('a machine waits for its security group; its port is made once, and goes with it', async () => {
    const group = randomUUID();
    const nic = {
      networkId: 'n',
      networkName: 'n',
      cidr: null,
      networkBackendId: 'net-1',
      portId: randomUUID(),
      fixedIps: ['192.0.2.7'],
      securityGroups: [group],
    };
    const spec = {
      portalId,
      name: 'vm',
      tags: [],
      region: 'R',
      projectId: 'p',
      flavor: { vcpus: 1, memoryMb: 1, rootGb: 1, ephemeralGb: 0, swapMb: 0, backendId: '1' },
      imageId: 'i',
      image: { id: 'i', backendId: 'image', diskFormat: null },
      nics: [nic],
    };
    const named: unknown[] = [];
    cloud.state.answer = (heard) => {
      if (heard.path.endsWith('/servers/detail')) return { body: { servers: [] } };
      if (heard.method !== 'POST' || !heard.path.endsWith('/servers')) return neutron(heard);
      named.push((heard.body as { server: { networks: unknown } }).server.networks);
      return { status: 202, body: { server: { id: 's' } } };
    };
    await expect(driver.create(spec)).rejects.toMatchObject({ code: 'CONFLICT', retryable: true });
    there['security-groups'] = [{ id: 'group-1', description: `pcp-${group}` }];
    await driver.create(spec);
    await driver.create(spec);
    expect(named).toEqual([[{ port: 'port-1' }], [{ port: 'port-1' }]]);
    expect(there.ports).toEqual([
      expect.objectContaining({
        network_id: 'net-1',
        name: `pcp-${portalId}`,
        description: `pcp-${nic.portId}`,
        fixed_ips: [{ ip_address: '192.0.2.7' }],
        security_groups: ['group-1'],
      }),
    ]);
    await driver.destroy({ portalId, backendId: null });
    expect(there.ports).toEqual([]);
  });
});
