// Neutron by the OpenStack driver: `npm run test:interop` runs it.
import { randomUUID } from 'node:crypto';
import type { CloudCatalog } from '../../src/catalog/cloud-catalog.js';
import type { ComputeDriver, InstanceSpec, InstanceView, NicSpec, Ref } from '../../src/ports/driver.js';
import type { NetRef, NetworkDriver, NetworkKind, SecurityRuleSpec } from '../../src/ports/driver-networks.js';
import { NETWORK_KINDS } from '../../src/ports/driver-networks.js';
import { openCloud } from './openstack-under-test.js';

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
const named = (): NetRef => ({ portalId: randomUUID(), backendId: null });
const rule = (more: Partial<SecurityRuleSpec> = {}): SecurityRuleSpec => ({
  portalId: randomUUID(),
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: 'tcp',
  portMin: 22,
  portMax: 22,
  remotePrefix: '192.0.2.0/24',
  remoteGroup: null,
  ...more,
});

describe('the network of a real OpenStack', () => {
  jest.setTimeout(240_000);
  let driver: ComputeDriver;
  let networks: Required<NetworkDriver>;
  let cloud: CloudCatalog;
  const projectId = randomUUID().replaceAll('-', '');
  const made: [NetworkKind, NetRef][] = [];
  const machines: Ref[] = [];
  const keep = (kind: NetworkKind): NetRef => {
    const ref = named();
    made.unshift([kind, ref]);
    return ref;
  };
  const external = (): NetRef => ({
    portalId: randomUUID(),
    backendId: cloud.networks.find((one) => one.external)?.backendId ?? null,
  });
  /** A network of a client with one subnet. */
  const withSubnet = async (cidr: string) => {
    const network = keep('network');
    const subnet = keep('subnet');
    await networks.ensureNetwork({ ...network, projectId, name: 'own', adminStateUp: true, mtu: null });
    const spec = {
      ...subnet,
      projectId,
      network,
      name: 'own',
      cidr,
      gatewayIp: cidr.replace(/0\/\d+$/, '1'),
      enableDhcp: true,
      dnsNameservers: [],
      pools: [],
      hostRoutes: [],
    };
    await networks.ensureSubnet(spec);
    return { network, subnet, spec };
  };
  const port = (network: NetRef, more: object = {}) => ({
    ...keep('port'),
    projectId,
    network,
    name: 'own',
    mac: null,
    fixedIps: null,
    securityGroups: null,
    machine: null,
    ...more,
  });
  const nic = (network: NetRef, more: Partial<NicSpec> = {}): NicSpec => ({
    networkId: network.portalId,
    networkName: 'own',
    cidr: null,
    networkBackendId: network.backendId,
    ...more,
  });
  const rests = async (ref: Ref): Promise<InstanceView | null> => {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
      const view = await driver.get(ref);
      if (!view || view.taskHint === undefined) return view;
    }
    throw new Error('the machine does not come to rest');
  };
  const machine = async (nics: NicSpec[]): Promise<{ ref: Ref; view: InstanceView; spec: InstanceSpec }> => {
    const flavor = cloud.flavors[0];
    if (!flavor) throw new Error('no flavor');
    const spec: InstanceSpec = {
      portalId: randomUUID(),
      name: 'nefos-networks',
      tags: [],
      region: 'R',
      projectId,
      flavor,
      imageId: randomUUID(),
      image: { id: randomUUID(), backendId: cloud.images[0]?.backendId ?? null, diskFormat: 'raw' },
      nics,
    };
    machines.push({ portalId: spec.portalId, backendId: null });
    const ref = await driver.create(spec);
    const view = await rests(ref);
    if (view?.powerState !== 1) throw new Error(`the machine does not run: ${JSON.stringify(view)}`);
    return { ref, view, spec };
  };
  /** A reference with the cloud's own id, as machines name their networks. */
  const known = async (kind: NetworkKind, ref: NetRef): Promise<NetRef> => {
    const found = (await networks.list(kind, { after: null, limit: 10_000 })).find((o) => o.portalId === ref.portalId);
    if (!found) throw new Error(`no ${kind}`);
    return found;
  };
  const all = async (kind: NetworkKind): Promise<string[]> =>
    (await networks.list(kind, { after: null, limit: 10_000 })).map((one) => one.portalId);

  beforeAll(async () => {
    driver = openCloud();
    networks = driver.networks as Required<NetworkDriver>;
    cloud = (await driver.readCatalog?.()) as CloudCatalog;
  });
  afterAll(async () => {
    for (const ref of machines) {
      await driver.destroy(ref);
      await rests(ref);
    }
    for (const kind of ['floating_ip', 'router', 'port', 'subnet', 'network', 'security_group'] as const)
      for (const [, ref] of made.filter(([one]) => one === kind)) await networks.remove(kind, ref);
    await driver.close?.();
  });

  it('names every kind', () => {
    expect([...networks.capabilities].sort()).toEqual([...NETWORK_KINDS].sort());
  });
  it('network and subnet: once for their ids, changed as they are to be; removed, twice', async () => {
    const network = keep('network');
    const spec = { ...network, projectId, name: 'one', adminStateUp: true, mtu: null };
    const ids = await Promise.all([networks.ensureNetwork(spec), networks.ensureNetwork(spec)]);
    expect(new Set([...ids, await networks.ensureNetwork({ ...spec, backendId: ids[0] ?? null })]).size).toBe(1);
    expect(await networks.ensureNetwork({ ...spec, name: 'other', adminStateUp: false, mtu: 1400 })).toBe(ids[0]);
    const subnet = keep('subnet');
    const wanted = {
      ...subnet,
      projectId,
      network,
      name: 'sub',
      cidr: '10.61.0.0/24',
      gatewayIp: '10.61.0.1',
      enableDhcp: true,
      dnsNameservers: ['192.0.2.53'],
      pools: [{ start: '10.61.0.10', end: '10.61.0.20' }],
      hostRoutes: [{ destination: '198.51.100.0/24', nexthop: '10.61.0.9' }],
    };
    const [first, second] = await Promise.all([networks.ensureSubnet(wanted), networks.ensureSubnet(wanted)]);
    expect(first).toBe(second);
    const changed = { ...wanted, dnsNameservers: [], enableDhcp: false, hostRoutes: [], gatewayIp: null };
    expect(await networks.ensureSubnet(changed)).toBe(first);
    expect(await networks.ensureSubnet(changed)).toBe(first);
    await expect(networks.ensureSubnet({ ...wanted, ...keep('subnet'), cidr: '10.61.0.0/25' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    await expect(networks.ensureSubnet({ ...wanted, ...keep('subnet'), network: named() })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    for (let i = 0; i < 2; i += 1) {
      await networks.remove('subnet', subnet);
      await networks.remove('network', network);
    }
    expect(await all('network')).not.toContain(network.portalId);
  });
  it('a network in use is not removed, and one of the cloud itself never', async () => {
    const { network, subnet } = await withSubnet('10.62.0.0/24');
    await networks.ensurePort(port(network));
    await expect(networks.remove('network', network)).rejects.toMatchObject({ code: 'CONFLICT', retryable: true });
    await expect(networks.remove('subnet', subnet)).rejects.toMatchObject({ code: 'CONFLICT' });
    await networks.remove('network', external());
    const after = (await driver.readCatalog?.()) as CloudCatalog;
    expect(after.networks.some((one) => one.external)).toBe(true);
  });
  it('router: gateway and exactly these subnets', async () => {
    const [a, b] = [await withSubnet('10.63.0.0/24'), await withSubnet('10.64.0.0/24')];
    const router = keep('router');
    const spec = { ...router, projectId, name: 'r', external: external(), subnets: [a.subnet] };
    const id = await networks.ensureRouter(spec);
    expect(await networks.ensureRouter({ ...spec, subnets: [a.subnet, b.subnet] })).toBe(id);
    // What is connected is in use.
    await expect(networks.remove('subnet', b.subnet)).rejects.toMatchObject({ code: 'CONFLICT' });
    await networks.ensureRouter({ ...spec, subnets: [a.subnet], external: null, name: 's' });
    await networks.remove('subnet', b.subnet);
    await networks.remove('router', router);
    await networks.remove('router', router);
    await networks.remove('subnet', a.subnet);
  });
  it('security group: exactly these rules; a group of itself; the name that the cloud has for its own', async () => {
    const group = keep('security_group');
    const rules = [
      rule(),
      rule({ protocol: null, portMin: null, portMax: null, remotePrefix: null, remoteGroup: group }),
      rule({ protocol: 'icmp', portMin: 8, portMax: 0, remotePrefix: null }),
      rule({ direction: 'egress', protocol: null, portMin: null, portMax: null, remotePrefix: null }),
      rule({
        direction: 'egress',
        ethertype: 'IPv6',
        protocol: null,
        portMin: null,
        portMax: null,
        remotePrefix: null,
      }),
    ];
    const spec = { ...group, projectId, name: 'default', description: 'd', rules };
    const ids = await Promise.all([networks.ensureSecurityGroup(spec), networks.ensureSecurityGroup(spec)]);
    expect(new Set(ids).size).toBe(1);
    expect(await networks.ensureSecurityGroup({ ...spec, name: 'web', rules: rules.slice(0, 1) })).toBe(ids[0]);
    await expect(
      networks.ensureSecurityGroup({ ...spec, rules: [rule({ protocol: 'tcp', portMin: 9, portMax: 8 })] }),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await networks.remove('security_group', group);
    await networks.remove('security_group', group);
  });
  it('port: its address, mac and groups; a taken address is a conflict', async () => {
    const { network, subnet } = await withSubnet('10.65.0.0/24');
    const group = keep('security_group');
    await networks.ensureSecurityGroup({ ...group, projectId, name: 'g', description: '', rules: [] });
    const chosen = await networks.ensurePort(port(network));
    expect(chosen).toMatchObject({ mac: expect.stringMatching(/^fa:16:/) as string });
    const spec = port(network, {
      mac: 'fa:16:3e:00:11:22',
      fixedIps: [{ subnet, address: '10.65.0.77' }],
      securityGroups: [group],
    });
    const [one, two] = await Promise.all([networks.ensurePort(spec), networks.ensurePort(spec)]);
    expect(one).toEqual(two);
    expect(one).toMatchObject({ mac: 'fa:16:3e:00:11:22', fixedIps: [{ address: '10.65.0.77' }] });
    expect(await networks.ensurePort({ ...spec, fixedIps: [{ subnet, address: '10.65.0.78' }] })).toMatchObject({
      backendId: one.backendId,
      fixedIps: [{ address: '10.65.0.78' }],
    });
    await expect(
      networks.ensurePort(port(network, { fixedIps: [{ subnet, address: '10.65.0.78' }] })),
    ).rejects.toMatchObject({ code: 'CONFLICT', retryable: true });
    await networks.remove('port', spec);
    await networks.remove('port', spec);
  });
  it('a machine brings ports with the addresses and groups it is to have, and takes them away', async () => {
    const { network, subnet } = await withSubnet('10.66.0.0/24');
    const group = keep('security_group');
    await networks.ensureSecurityGroup({ ...group, projectId, name: 'g', description: '', rules: [] });
    const net = await known('network', network);
    const own = port(network, { fixedIps: [{ subnet, address: '10.66.0.50' }] });
    await networks.ensurePort(own);
    const brought = randomUUID();
    const { ref, view } = await machine([
      nic(net, { portId: brought, fixedIps: ['10.66.0.60'], securityGroups: [group.portalId] }),
      nic(net, { portId: own.portalId }),
    ]);
    expect(view.addresses.map(({ addr }) => addr).sort()).toEqual(['10.66.0.50', '10.66.0.60']);
    const spec = { ...own, portalId: brought, fixedIps: null, securityGroups: [group] };
    expect(await networks.ensurePort(spec)).toMatchObject({ fixedIps: [{ address: '10.66.0.60' }] });
    await driver.destroy(ref);
    await rests(ref);
    const left = await all('port');
    expect(left).toContain(own.portalId);
    expect(left).not.toContain(brought);
  });
  it('ports are attached and detached while it runs; twice is once', async () => {
    const { network, subnet } = await withSubnet('10.67.0.0/24');
    const net = await known('network', network);
    const { ref } = await machine([nic(net)]);
    const own = port(network, { fixedIps: [{ subnet, address: '10.67.0.50' }] });
    const { mac, backendId } = await networks.ensurePort(own);
    const brought = randomUUID();
    const addresses = async () => (await rests(ref))?.addresses.map(({ addr }) => addr).sort() ?? [];
    const [first] = await addresses();
    for (let i = 0; i < 2; i += 1) {
      await driver.attachPort?.(ref, { ...nic(net), portId: own.portalId, portBackendId: backendId });
      await driver.attachPort?.(ref, { ...nic(net), portId: brought, fixedIps: ['10.67.0.60'] });
    }
    expect(await addresses()).toEqual([first, '10.67.0.50', '10.67.0.60'].sort());
    for (let i = 0; i < 2; i += 1) {
      await driver.detachPort?.(ref, { portId: own.portalId, portBackendId: backendId, mac });
      await driver.detachPort?.(ref, { portId: brought, portBackendId: null, mac: '' });
    }
    expect(await addresses()).toEqual([first]);
    expect(await all('port')).toContain(own.portalId);
    expect(await all('port')).not.toContain(brought);
  });
  it('floating IP: an address of the network outside that leads to a port, to another, nowhere', async () => {
    const { network, subnet } = await withSubnet('10.68.0.0/24');
    await networks.ensureRouter({ ...keep('router'), projectId, name: 'r', external: external(), subnets: [subnet] });
    const [a, b] = [port(network), port(network)];
    const [viewA, viewB] = [await networks.ensurePort(a), await networks.ensurePort(b)];
    const spec = { ...keep('floating_ip'), projectId, network: external(), address: null, target: null };
    const [one, two] = await Promise.all([networks.ensureFloatingIp(spec), networks.ensureFloatingIp(spec)]);
    expect(one).toEqual(two);
    const leads = (to: NetRef, fixedIp: string) =>
      networks.ensureFloatingIp({ ...spec, target: { port: to, machine: null, mac: null, fixedIp } });
    const [ipA = '', ipB = ''] = [viewA, viewB].map((view) => view.fixedIps[0]?.address);
    for (const [to, ip] of [
      [a, ipA],
      [a, ipA],
      [b, ipB],
    ] as const)
      expect(await leads(to, ip)).toEqual(one);
    await expect(leads(named(), ipA)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await networks.ensureFloatingIp(spec)).toEqual(one);
    await networks.remove('floating_ip', spec);
    await networks.remove('floating_ip', spec);
    expect(await all('floating_ip')).not.toContain(spec.portalId);
  });
  it('lists by the ids of the portal, page by page, and nothing of others', async () => {
    const { network } = await withSubnet('10.69.0.0/24');
    for (let i = 0; i < 5; i += 1) await networks.ensurePort(port(network));
    const pages: string[] = [];
    for (let after: string | null = null; ;) {
      const page: NetRef[] = await networks.list('port', { after, limit: 2 });
      pages.push(...page.map(({ portalId }) => portalId));
      if (page.length < 2) break;
      after = pages.at(-1) ?? null;
    }
    expect(pages).toEqual([...new Set(pages)].sort());
    expect(pages.length).toBeGreaterThanOrEqual(5);
    expect((await all('network')).length).toBeLessThan(cloud.networks.length + made.length);
  });
});
