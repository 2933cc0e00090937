import { randomUUID } from 'node:crypto';
import type { ComputeDriver, InstanceSpec, InstanceView, NicSpec, Ref } from '../../src/ports/driver.js';
import type { NetRef, NetworkDriver, NetworkKind, NetworkSpec, SubnetSpec } from '../../src/ports/driver-networks.js';

export interface NetworksUnderTest {
  driver: ComputeDriver;
  /** A machine on a network that is there. */
  spec(more?: Partial<InstanceSpec>): InstanceSpec;
  projectId: string;
  /** A network outside, for routers and floating IPs; absent: those are not asked. */
  external?: NetRef & { address: string | null };
  /** An interface on a network that is there, for `attachPort`; absent: one like that of `spec`. */
  nic?: () => NicSpec & { portId: string };
}

/** What every driver with a network promises the portal (ports/driver-networks.ts), asked of a real one. */
export const networksConformance = (name: string, open: () => NetworksUnderTest): void => {
  describe(`${name} keeps the promises of networks`, () => {
    let given: NetworksUnderTest;
    let net: NetworkDriver | undefined;
    const made: [NetworkKind, NetRef][] = [];
    beforeAll(() => {
      given = open();
      net = given.driver.networks;
    });
    afterAll(async () => {
      for (const [kind, ref] of made.reverse()) await net?.remove(kind, ref);
    });
    /** A promise of drivers that have all of these kinds; the others say that they have not. */
    const promises = (kinds: readonly NetworkKind[], title: string, work: (driver: NetworkDriver) => Promise<void>) =>
      it(`${kinds.join(', ')}: ${title}`, async () => {
        if (net && kinds.every((kind) => net?.capabilities.has(kind))) return work(net);
        // eslint-disable-next-line no-console -- the reason why nothing was asked
        console.log(`${name}: ${kinds.join(', ')} is not asked: the driver says that it has none`);
        return undefined;
      });
    const have = <T>(call: T | undefined): T => {
      if (call === undefined) throw new Error('a driver that names a kind has its call');
      return call;
    };
    const keep = (kind: NetworkKind, portalId: string, backendId: string | null): NetRef => {
      const ref = { portalId, backendId };
      made.push([kind, ref]);
      return ref;
    };
    const lists = async (driver: NetworkDriver, kind: NetworkKind, id: string): Promise<number> => {
      let times = 0;
      for (let after: string | null = null; ;) {
        const page: NetRef[] = await driver.list(kind, { after, limit: 2 });
        times += page.filter(({ portalId }) => portalId === id).length;
        const last = page.at(-1)?.portalId ?? null;
        if (page.length < 2 || last === null) return times;
        expect(after === null || last > after).toBe(true);
        after = last;
      }
    };
    const networkSpec = (): NetworkSpec => ({
      portalId: randomUUID(),
      backendId: null,
      projectId: given.projectId,
      name: 'conformance',
      adminStateUp: true,
      mtu: null,
    });
    const subnetSpec = (network: NetRef, cidr = '10.77.0.0/24'): SubnetSpec => ({
      portalId: randomUUID(),
      backendId: null,
      projectId: given.projectId,
      network,
      name: 'conformance',
      cidr,
      gatewayIp: cidr.replace('.0/24', '.1'),
      enableDhcp: true,
      dnsNameservers: ['192.0.2.53'],
      pools: [],
      hostRoutes: [],
    });
    /** A network with a subnet. */
    const place = async (driver: NetworkDriver): Promise<{ network: NetRef; subnet: NetRef }> => {
      const spec = networkSpec();
      const network = keep('network', spec.portalId, await have(driver.ensureNetwork?.bind(driver))(spec));
      const wanted = subnetSpec(network);
      const subnet = keep('subnet', wanted.portalId, await have(driver.ensureSubnet?.bind(driver))(wanted));
      return { network, subnet };
    };

    promises(
      ['network', 'subnet'],
      'made once, changed, found by the portal id alone, removed twice',
      async (driver) => {
        const spec = networkSpec();
        const ensure = have(driver.ensureNetwork?.bind(driver));
        const backendId = await ensure(spec);
        expect(await ensure(spec)).toBe(backendId);
        expect(await ensure({ ...spec, backendId, name: 'renamed', adminStateUp: false })).toBe(backendId);
        expect(await lists(driver, 'network', spec.portalId)).toBe(1);
        const subnet = subnetSpec({ portalId: spec.portalId, backendId: null });
        const ensureSubnet = have(driver.ensureSubnet?.bind(driver));
        const subnetId = await ensureSubnet(subnet);
        expect(await ensureSubnet({ ...subnet, dnsNameservers: [], enableDhcp: false })).toBe(subnetId);
        await driver.remove('subnet', { portalId: subnet.portalId, backendId: null });
        await driver.remove('subnet', { portalId: subnet.portalId, backendId: subnetId });
        await driver.remove('network', { portalId: spec.portalId, backendId: null });
        await driver.remove('network', { portalId: spec.portalId, backendId });
        expect(await lists(driver, 'network', spec.portalId)).toBe(0);
      },
    );
    promises(['network', 'subnet'], 'a subnet of a network that is not there is refused', async (driver) => {
      const nowhere = subnetSpec({ portalId: randomUUID(), backendId: null });
      await expect(have(driver.ensureSubnet?.bind(driver))(nowhere)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
    promises(['router', 'network', 'subnet'], 'connects exactly the subnets that it is given', async (driver) => {
      const { subnet } = await place(driver);
      const ensure = have(driver.ensureRouter?.bind(driver));
      const spec = {
        portalId: randomUUID(),
        backendId: null,
        projectId: given.projectId,
        name: 'conformance',
        external: given.external ?? null,
        subnets: [subnet],
      };
      const backendId = await ensure(spec);
      expect(await ensure(spec)).toBe(backendId);
      expect(await ensure({ ...spec, backendId, subnets: [], external: null })).toBe(backendId);
      await driver.remove('router', { portalId: spec.portalId, backendId });
      await driver.remove('router', { portalId: spec.portalId, backendId });
    });
    promises(
      ['security_group'],
      'has exactly the rules that it is given; one that is gone is removed',
      async (driver) => {
        const ensure = have(driver.ensureSecurityGroup?.bind(driver));
        const rule = {
          portalId: randomUUID(),
          direction: 'ingress' as const,
          ethertype: 'IPv4' as const,
          protocol: 'tcp',
          portMin: 22,
          portMax: 22,
          remotePrefix: '192.0.2.0/24',
          remoteGroup: null,
        };
        const spec = {
          portalId: randomUUID(),
          backendId: null,
          projectId: given.projectId,
          name: 'conformance',
          description: '',
          rules: [rule],
        };
        const backendId = await ensure(spec);
        expect(await ensure(spec)).toBe(backendId);
        const self = { portalId: spec.portalId, backendId };
        const fromItself = { ...rule, portalId: randomUUID(), remotePrefix: null, remoteGroup: self };
        expect(await ensure({ ...spec, backendId, rules: [fromItself] })).toBe(backendId);
        await driver.remove('security_group', self);
        await driver.remove('security_group', self);
        expect(await lists(driver, 'security_group', spec.portalId)).toBe(0);
      },
    );
    promises(['port', 'network', 'subnet'], 'has the addresses that it is given, and keeps its own', async (driver) => {
      const { network, subnet } = await place(driver);
      const ensure = have(driver.ensurePort?.bind(driver));
      const spec = {
        portalId: randomUUID(),
        backendId: null,
        projectId: given.projectId,
        network,
        name: 'conformance',
        mac: null,
        fixedIps: [{ subnet, address: '10.77.0.20' }],
        securityGroups: null,
        machine: null,
      };
      const view = await ensure(spec);
      const ref = keep('port', spec.portalId, view.backendId);
      expect(view.fixedIps.map(({ address }) => address)).toEqual(['10.77.0.20']);
      expect(view.mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      const named = { ...spec, mac: view.mac };
      expect(await ensure(named)).toEqual(view);
      const two = [...spec.fixedIps, { subnet, address: '10.77.0.21' }];
      const more = await ensure({ ...named, fixedIps: two });
      expect(more.fixedIps.map(({ address }) => address).sort()).toEqual(['10.77.0.20', '10.77.0.21']);
      expect(await lists(driver, 'port', spec.portalId)).toBe(1);
      await driver.remove('port', ref);
      await driver.remove('port', { ...ref, backendId: null });
    });
    promises(['port', 'security_group', 'network', 'subnet'], 'last group away: it has none', async (driver) => {
      const { network, subnet } = await place(driver);
      const groupId = randomUUID();
      const backendId = await have(driver.ensureSecurityGroup?.bind(driver))({
        portalId: groupId,
        backendId: null,
        projectId: given.projectId,
        name: 'conformance',
        description: '',
        rules: [],
      });
      const group = keep('security_group', groupId, backendId);
      const ensure = have(driver.ensurePort?.bind(driver));
      const spec = {
        portalId: randomUUID(),
        backendId: null,
        projectId: given.projectId,
        network,
        name: 'conformance',
        mac: null,
        fixedIps: [{ subnet, address: '10.77.0.40' }],
        securityGroups: [group],
        machine: null,
      };
      const view = await ensure(spec);
      const ref = keep('port', spec.portalId, view.backendId);
      expect(await ensure({ ...spec, ...ref, mac: view.mac, securityGroups: [] })).toEqual(view);
      // Nothing uses the group any more.
      await driver.remove('security_group', group);
      expect(await lists(driver, 'security_group', groupId)).toBe(0);
    });
    promises(['floating_ip', 'port', 'network', 'subnet', 'router'], 'leads to a port, and nowhere', async (driver) => {
      if (!given.external) return;
      const { network, subnet } = await place(driver);
      const project = { projectId: given.projectId };
      const routerId = randomUUID();
      const router = { portalId: routerId, backendId: null, ...project, name: 'conformance' };
      const routed = { ...router, external: given.external, subnets: [subnet] };
      const routerRef = keep('router', routerId, await have(driver.ensureRouter?.bind(driver))(routed));
      const portId = randomUUID();
      const view = await have(driver.ensurePort?.bind(driver))({
        portalId: portId,
        backendId: null,
        ...project,
        network,
        name: 'conformance',
        mac: null,
        fixedIps: [{ subnet, address: '10.77.0.30' }],
        securityGroups: null,
        machine: null,
      });
      const port = keep('port', portId, view.backendId);
      const ensure = have(driver.ensureFloatingIp?.bind(driver));
      const spec = { portalId: randomUUID(), backendId: null, ...project, network: given.external };
      const free = await ensure({ ...spec, address: given.external.address, target: null });
      const ref = keep('floating_ip', spec.portalId, free.backendId);
      const target = { port, machine: null, mac: view.mac, fixedIp: '10.77.0.30' };
      expect(await ensure({ ...spec, address: free.address, target })).toEqual(free);
      expect(await ensure({ ...spec, address: free.address, target })).toEqual(free);
      expect(await ensure({ ...spec, address: free.address, target: null })).toEqual(free);
      await driver.remove('floating_ip', ref);
      await driver.remove('floating_ip', ref);
      await driver.remove('port', port);
      await have(driver.ensureRouter?.bind(driver))({ ...routed, subnets: [], external: null });
      await driver.remove('router', routerRef);
    });
    it('attach_port: once for each port, also of a machine that runs; detached it is gone, again too', async () => {
      const { driver } = given;
      if (!driver.capabilities.actions.has('attach_port')) {
        // eslint-disable-next-line no-console -- the reason why nothing was asked
        console.log(`${name}: attach_port is not asked: the driver says that it can not do it`);
        return;
      }
      const rests = async (ref: Ref): Promise<InstanceView | null> => {
        for (let i = 0; i < 500; i += 1) {
          const view = await driver.get(ref);
          if (!view || view.taskHint === undefined) return view;
          await new Promise((resolve) => {
            setTimeout(resolve, 20);
          });
        }
        throw new Error('the machine does not come to rest');
      };
      const ref = await driver.create(given.spec());
      const before = (await rests(ref))?.addresses ?? [];
      const nic = given.nic?.() ?? {
        ...(given.spec().nics[0] as NicSpec),
        portId: randomUUID(),
        mac: 'fa:16:3e:00:77:01',
        fixedIps: ['192.168.40.201'],
      };
      await have(driver.attachPort?.bind(driver))(ref, nic);
      await have(driver.attachPort?.bind(driver))(ref, nic);
      const after = (await rests(ref))?.addresses ?? [];
      expect(after).toHaveLength(before.length + 1);
      const mac = nic.mac ?? after.find((one) => !before.some((b) => b.mac === one.mac))?.mac ?? '';
      const port = { portId: nic.portId, portBackendId: nic.portBackendId ?? null, mac };
      await have(driver.detachPort?.bind(driver))(ref, port);
      await have(driver.detachPort?.bind(driver))(ref, port);
      expect((await rests(ref))?.addresses).toEqual(before);
      await driver.destroy(ref);
      await rests(ref);
      await expect(have(driver.attachPort?.bind(driver))(ref, nic)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await have(driver.detachPort?.bind(driver))(ref, port);
    });
    it('create: the addresses, the MAC and the port that the portal has chosen', async () => {
      const { driver } = given;
      if (net?.addresses !== 'portal') return;
      const [plain] = given.spec().nics as [NicSpec];
      const nic = { ...plain, portId: randomUUID(), mac: 'fa:16:3e:00:77:02', fixedIps: ['192.168.40.202'] };
      const ref = await driver.create(given.spec({ nics: [nic] }));
      const view = await driver.get(ref);
      expect(view?.addresses).toMatchObject([{ addr: '192.168.40.202', mac: nic.mac, type: 'fixed' }]);
      await driver.destroy(ref);
    });
  });
};
