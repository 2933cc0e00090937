import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { forgetSync, isLast, postponeSync, type NetworkSync } from '../../src/networking/store/syncs.js';
import { createBody } from '../cloud-support.js';
import { BASE, NETWORK, OWN, unique, useNet } from './network-support.js';

interface Port {
  id: string;
  fixed_ips: { ip_address: string }[];
  mac_address: string;
  status: string;
  device_id: string;
  security_groups: string[];
}
const POST = `${BASE}/instances`;
const missing = (id: string) => [`Invalid pk "${id}" - object does not exist.`];

describe('ports', () => {
  const net = useNet();
  const { service } = net;
  const portsOf = async (id: string): Promise<Port[]> =>
    (await net.read<{ objects: Port[] }>(service.staff, `${BASE}/ports?device_id=${id}&ordering=created_at`)).objects;
  const count = async (): Promise<number> => (await sql(service.db, 'select from port')).length;

  it('201: every interface of an instance is a port, which has the addresses of the machine', async () => {
    const { network } = await net.shared('10.20.0.0/24');
    const id = await net.build({ nics: [network, { network: NETWORK, fixed_ip: '192.168.41.7' }] });
    const ports = await portsOf(id);
    expect(
      ports
        .map((one) => one.fixed_ips.map(({ ip_address: ip }) => ip))
        .flat()
        .sort(),
    ).toEqual(['10.20.0.2', '192.168.41.7']);
    const { addresses, access_ip: access, security_groups: groups } = await net.detail(id);
    expect(access).toBe('10.20.0.2');
    expect(Object.values(addresses).flat()).toHaveLength(2);
    expect(addresses.private).toMatchObject([
      {
        addr: '192.168.41.7',
        type: 'fixed',
        mac: ports.find((p) => p.fixed_ips[0]?.ip_address === '192.168.41.7')?.mac_address,
      },
    ]);
    expect(ports.every(({ status }) => status === 'ACTIVE')).toBe(true);
    expect(groups).toEqual([{ id: ports[0]?.security_groups[0], name: 'default' }]);
  });
  it('400: an address that is taken, outside, or the gateway; all words alike for own and others', async () => {
    const { network } = await net.shared('10.21.0.0/29');
    await net.build({ nics: [{ network, fixed_ip: '10.21.0.3' }] }, service.otherClient);
    const refused = async (ip: string) =>
      (
        await service.staff
          .post(POST, createBody({ client: service.ownClient, nics: [{ network, fixed_ip: ip }] }))
          .expect(400)
      ).body as object;
    expect(await refused('10.21.0.3')).toEqual({ nics: { 0: { fixed_ip: ['The address is taken.'] } } });
    for (const ip of ['10.21.0.1', '10.21.0.7', '10.99.0.3', 'fe80::1'])
      expect(await refused(ip)).toEqual({ nics: { 0: { fixed_ip: ['The network gives no such address.'] } } });
    expect(await refused('nonsense')).toEqual({ nics: { 0: { fixed_ip: ['Enter a valid IPv4 or IPv6 address.'] } } });
  });
  it('many at once: no two have one address, and the last one is refused, which leaves nothing', async () => {
    const { network } = await net.shared('10.22.0.0/29');
    const clients = await Promise.all(Array.from({ length: 7 }, () => service.seedClient()));
    const before = await count();
    const all = await Promise.all(
      clients.map((client) => service.staff.post(POST, createBody({ client, nics: [network] }))),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 201, 400, 400]);
    expect(all.find(({ status }) => status === 400)?.body).toEqual({
      nics: { 0: [`No more IP addresses available on network ${network}.`] },
    });
    const taken = await sql<{ address: string }>(
      service.db,
      'select host(address) address from network_address where network_id = $1',
      [network],
    );
    expect(new Set(taken.map(({ address }) => address)).size).toBe(5);
    expect(await count()).toBe(before + 5);
  });
  it('many at once on two networks in either order: none is lost', async () => {
    const [a, b] = await Promise.all([net.shared('10.23.0.0/24'), net.shared('10.24.0.0/24')]);
    const all = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const client = await service.seedClient();
        const nics = i % 2 ? [a.network, b.network] : [b.network, a.network];
        return service.staff.post(POST, createBody({ client, nics }));
      }),
    );
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
  });
  it('after 40 addresses the free ones are found by chance, and at the end one by one', async () => {
    const { network } = await net.shared('10.25.0.0/26');
    const client = service.ownClient;
    const ips = new Set<string>();
    for (let i = 0; i < 61; i += 1) {
      const port = await net.made<Port>(service.staff, `${BASE}/ports`, { client, network_id: network });
      ips.add(port.fixed_ips[0]?.ip_address ?? '');
    }
    expect(ips.size).toBe(61);
    await service.staff.post(`${BASE}/ports`, { client, network_id: network }).expect(400);
    await sql(service.db, 'delete from port where network_id = $1', [network]);
  });
  it('200: PATCH replaces the addresses of a port that no instance has, in the order in which they are sent', async () => {
    const { network, subnet } = await net.shared('10.27.0.0/24');
    const { id: beside } = await net.made(service.staff, `${BASE}/subnets`, {
      network_id: network,
      cidr: '10.127.0.0/24',
    });
    const other = await net.shared('10.28.0.0/24');
    const outside = await net.external('203.0.113.128/28');
    const made = await net.made<Port>(service.user, `${OWN}/ports`, {
      ...{ network_id: network, fixed_ips: [{ ip_address: '10.27.0.9' }, {}] },
    });
    const ipsOf = (port: Port) => port.fixed_ips.map((one) => one.ip_address);
    expect(ipsOf(made)).toEqual(['10.27.0.9', '10.27.0.2']);
    const floating = await net.made(service.user, `${OWN}/floatingips`, {
      ...{ floating_network_id: outside, port_id: made.id, fixed_ip_address: '10.27.0.9' },
    });
    await net.work();
    const patch = (fixed: unknown, as = service.user) =>
      as.patch(`${as === service.user ? OWN : BASE}/ports/${made.id}`, { fixed_ips: fixed });
    const after = async (fixed: unknown, as = service.user) => ipsOf((await patch(fixed, as).expect(200)).body as Port);
    // What is not sent stays; what it has stays its own.
    expect(
      ipsOf((await service.user.patch(`${OWN}/ports/${made.id}`, { name: 'x' }).expect(200)).body as Port),
    ).toEqual(['10.27.0.9', '10.27.0.2']);
    expect(await after([{ subnet_id: subnet }, { ip_address: '10.27.0.9' }])).toEqual(['10.27.0.2', '10.27.0.9']);
    const leads = async () =>
      (await net.read<{ port_id: string | null }>(service.user, `${OWN}/floatingips/${floating.id}`)).port_id;
    expect(await leads()).toBe(made.id);
    for (const [body, answer] of [
      [[], { fixed_ips: ['A port keeps one address at least.'] }],
      [[{ ip_address: '10.27.0.1' }], { fixed_ips: { 0: { ip_address: ['The network gives no such address.'] } } }],
      [[{}, { ip_address: '10.99.0.1' }], { fixed_ips: { 1: { ip_address: ['The network gives no such address.'] } } }],
      [[{ subnet_id: other.subnet }], { fixed_ips: { 0: { subnet_id: missing(other.subnet) } } }],
      // One that it has, of a subnet that it is not of.
      [
        [{ ip_address: '10.27.0.9', subnet_id: beside }],
        { fixed_ips: { 0: { ip_address: ['The network gives no such address.'] } } },
      ],
      [
        [{ ip_address: '10.27.0.9' }, { ip_address: '10.27.0.9' }],
        { fixed_ips: { 1: { ip_address: ['The address is taken.'] } } },
      ],
      [null, { fixed_ips: ['This field may not be null.'] }],
    ] as const)
      expect((await patch(body).expect(400)).body).toEqual(answer);
    expect(await net.read(service.user, `${OWN}/ports/${made.id}`)).toMatchObject({
      fixed_ips: [{ ip_address: '10.27.0.2' }, { ip_address: '10.27.0.9' }],
    });
    // An address that is given back leads nowhere, and is free at once.
    expect(await after([{}, { ip_address: '10.27.0.77' }], service.staff)).toEqual(['10.27.0.2', '10.27.0.77']);
    expect(await leads()).toBeNull();
    await net.made(service.staff, `${BASE}/ports`, {
      ...{ client: service.otherClient, network_id: network, fixed_ips: [{ ip_address: '10.27.0.9' }] },
    });
    expect((await patch([{ ip_address: '10.27.0.9' }]).expect(400)).body).toEqual({
      fixed_ips: { 0: { ip_address: ['The address is taken.'] } },
    });
    await service.stranger.patch(`${OWN}/ports/${made.id}`, { fixed_ips: [{}] }).expect(404);
    await net.work();
    const [spec] = await sql<{ spec: { fixedIps: { address: string }[] } }>(
      service.db,
      'select spec from sim_network_thing where portal_id = $1',
      [made.id],
    );
    expect(spec?.spec.fixedIps.map(({ address }) => address)).toEqual(['10.27.0.2', '10.27.0.77']);
    // An instance gets and loses addresses by its own actions.
    const id = await net.build({ nics: [{ port: made.id }] });
    await patch([{ ip_address: '10.27.0.2' }]).expect(409);
    await patch([{ ip_address: '10.27.0.2' }, { ip_address: '10.27.0.77' }]).expect(200);
    expect((await net.detail(id)).access_ip).toBe('10.27.0.2');
    await patch([{ ip_address: '10.27.0.77' }, { ip_address: '10.27.0.2' }]).expect(200);
    expect((await net.detail(id)).access_ip).toBe('10.27.0.77');
  });
  it('a deleted instance gives its address back at once; a port of the client stays', async () => {
    const { network } = await net.shared('10.26.0.0/30', { name: unique('small') });
    const port = await net.made<Port>(service.user, `${OWN}/ports`, { network_id: network, name: 'mine' });
    expect(port).toMatchObject({ fixed_ips: [{ ip_address: '10.26.0.2' }], device_id: '', status: 'DOWN' });
    const id = await net.build({ nics: [{ port: port.id }] });
    expect((await net.detail(id)).access_ip).toBe('10.26.0.2');
    await service.user.delete(`${OWN}/ports/${port.id}`).expect(409);
    expect(
      (await service.staff.post(POST, createBody({ client: service.ownClient, nics: [{ port: port.id }] })).expect(400))
        .body,
    ).toEqual({ nics: { 0: { port: ['The port is in use.'] } } });
    await service.staff.delete(`${POST}/${id}`).expect(200);
    await net.work();
    expect(await net.read(service.user, `${OWN}/ports/${port.id}`)).toMatchObject({ device_id: '', status: 'DOWN' });
    await service.user.delete(`${OWN}/ports/${port.id}`).expect(204);
    const again = await net.build({ nics: [network] });
    expect((await net.detail(again)).access_ip).toBe('10.26.0.2');
    await service.staff.delete(`${POST}/${again}`).expect(200);
    await net.work();
    expect(await sql(service.db, 'select from network_address where network_id = $1', [network])).toEqual([]);
    await service.staff.delete(`${BASE}/networks/${network}`).expect(204);
  });
  it('a build that fails leaves neither port nor address, and is repeated with new ones', async () => {
    const { network } = await net.shared('10.27.0.0/30');
    const { id, operation } = await net.ask({ nics: [network], name: 'x sim:fail=spawn@1 sim:no-capacity' });
    await net.work();
    expect(await net.row(id)).toMatchObject({ vm_state: 'error' });
    expect(await portsOf(id)).toEqual([]);
    expect(await sql(service.db, 'select from network_address where network_id = $1', [network])).toEqual([]);
    await service.staff.post(`/staffapi/operations/${operation}/retry`).expect(200);
    expect(await portsOf(id)).toHaveLength(1);
  });
  it('a build accepted without ports gets them before it is carried out; one of before gets its addresses after', async () => {
    const { network } = await net.shared('10.35.0.0/24');
    const { id } = await net.ask({ nics: [network] });
    await sql(service.db, 'delete from port where instance_id = $1', [id]);
    await net.work();
    expect(await portsOf(id)).toMatchObject([{ fixed_ips: [{ ip_address: '10.35.0.2' }], status: 'ACTIVE' }]);
    expect((await net.detail(id)).access_ip).toBe('10.35.0.2');
    expect(await net.machines(id)).toMatchObject([{ boots: 1 }]);
    const { id: before } = await net.ask({ nics: [NETWORK] });
    await sql(service.db, 'delete from network_address a using port p where p.id = a.port_id and p.instance_id = $1', [
      before,
    ]);
    await sql(service.db, 'update port set mac_address = null where instance_id = $1', [before]);
    await net.work();
    const [port] = await portsOf(before);
    expect(port?.fixed_ips).toHaveLength(1);
    expect(port?.fixed_ips[0]?.ip_address).toBe((await net.detail(before)).access_ip);
    const { network: small } = await net.shared('10.36.0.0/30');
    const { id: without, operation } = await net.ask({ nics: [small] });
    await sql(service.db, 'delete from port where instance_id = $1', [without]);
    await net.made(service.user, `${OWN}/ports`, { network_id: small });
    await net.work();
    expect(await net.row(without)).toMatchObject({ vm_state: 'error' });
    expect(await net.read(service.staff, `/staffapi/operations/${operation}`)).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_request' },
    });
  });
  it('a repeated build keeps to the quota, and is refused when a network is gone', async () => {
    const client = await service.seedClient();
    const { network } = await net.shared('10.37.0.0/24');
    const { id, operation } = await net.ask({ nics: [network], name: 'x sim:fail=spawn@1 sim:no-capacity' }, client);
    await net.work();
    const [{ project }] = (await sql<{ project: string }>(
      service.db,
      'select project_id project from instance where id = $1',
      [id],
    )) as [{ project: string }];
    const retry = `/staffapi/operations/${operation}/retry`;
    await net.made(service.staff, `${BASE}/ports`, { client, network_id: NETWORK });
    await service.staff.patch(`${BASE}/quotas/${project}`, { port: 1 }).expect(200);
    await service.staff.post(retry).expect(403);
    await service.staff.patch(`${BASE}/quotas/${project}`, { port: 2 }).expect(200);
    await service.staff.delete(`${BASE}/networks/${network}`).expect(204);
    expect((await service.staff.post(retry).expect(400)).body).toEqual({ nics: missing(network) });
    expect(await portsOf(id)).toEqual([]);
    expect(await net.row(id)).toMatchObject({ vm_state: 'error' });
  });
  it('what became gone, or was changed, while its driver was asked is neither forgotten nor delayed', async () => {
    const port = await net.made<Port>(service.user, `${OWN}/ports`, { network_id: NETWORK });
    const sync = async () =>
      (await sql<NetworkSync>(service.db, 'select * from network_sync where id = $1', [port.id]))[0];
    const asked = { kind: 'port' as const, id: port.id, revision: (await sync())?.revision ?? 0 };
    await service.user.patch(`${OWN}/ports/${port.id}`, { name: 'newer' }).expect(200);
    const later = new Date(Date.now() + 3_600_000);
    await service.db.transaction(async (tx) => {
      expect(await postponeSync(tx, asked, later, null)).toBe(false);
      expect(await isLast(tx, asked)).toBe(false);
      await forgetSync(tx, asked);
    });
    const last = { ...asked, revision: (await sync())?.revision ?? 0 };
    expect(last.revision).toBe(asked.revision + 1);
    await service.user.delete(`${OWN}/ports/${port.id}`).expect(204);
    await service.db.transaction(async (tx) => {
      await forgetSync(tx, last);
      await forgetSync(tx, { ...last, revision: last.revision + 1 });
    });
    expect(await sync()).toMatchObject({ gone: true });
  });
  it("404: another client's port is one that is not there, by its id, in a body and in lists", async () => {
    const port = await net.made<Port>(service.user, `${OWN}/ports`, { network_id: NETWORK });
    const unknown = randomUUID();
    for (const one of [port.id, unknown]) {
      await service.stranger.get(`${OWN}/ports/${one}`).expect(404);
      await service.stranger.patch(`${OWN}/ports/${one}`, { name: 'x' }).expect(404);
      await service.stranger.delete(`${OWN}/ports/${one}`).expect(404);
      const { client: _, ...body } = createBody({ nics: [{ port: one }] }) as { client?: number };
      expect((await service.stranger.post(`${OWN}/instances`, body).expect(400)).body).toEqual({
        nics: { 0: { port: missing(one) } },
      });
    }
    const list = await net.read<{ objects: Port[] }>(service.stranger, `${OWN}/ports?page_size=500`);
    expect(list.objects.some(({ id }) => id === port.id)).toBe(false);
  });
  it('403: the quota of ports counts those of instances, also by many at once', async () => {
    const client = await service.seedClient();
    const [{ id: project }] = (await sql<{ id: string }>(
      service.db,
      'select j.id from project j join service s on s.id = j.service_id where s.client_id = $1',
      [client],
    )) as [{ id: string }];
    await service.staff.patch(`${BASE}/quotas/${project}`, { port: 3 }).expect(200);
    await net.build({}, client);
    const all = await Promise.all(
      Array.from({ length: 5 }, () => service.staff.post(`${BASE}/ports`, { client, network_id: NETWORK })),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([201, 201, 403, 403, 403]);
    expect((await net.read<{ port: object }>(service.staff, `${BASE}/quotas/${project}`)).port).toEqual({
      limit: 3,
      in_use: 3,
      reserved: 0,
    });
  });
  it('the last security group away: the driver is told of none; what the hypervisor gave by itself stays', async () => {
    const spec = async (id: string) =>
      (
        await sql<{ spec: { securityGroups: unknown } }>(
          service.db,
          'select spec from sim_network_thing where portal_id = $1',
          [id],
        )
      )[0]?.spec.securityGroups;
    const port = await net.made<Port>(service.user, `${OWN}/ports`, { network_id: NETWORK });
    await net.work();
    expect(await spec(port.id)).toMatchObject([{ portalId: port.security_groups[0] }]);
    await service.user.patch(`${OWN}/ports/${port.id}`, { security_groups: [] }).expect(200);
    await net.work();
    expect(await spec(port.id)).toEqual([]);
    const without = await net.made<Port>(service.user, `${OWN}/ports`, { network_id: NETWORK, security_groups: [] });
    await net.work();
    expect(await spec(without.id)).toEqual([]);
    // One that was there before the portal knew groups.
    await sql(service.db, 'update port set groups_known = false where id = $1', [without.id]);
    await service.user.patch(`${OWN}/ports/${without.id}`, { name: 'renamed' }).expect(200);
    await net.work();
    expect(await spec(without.id)).toBeNull();
    await service.user.patch(`${OWN}/ports/${without.id}`, { security_groups: [] }).expect(200);
    await net.work();
    expect(await spec(without.id)).toEqual([]);
  });
  it('400: six addresses for a port, one beside the pools of a shared network, no port security', async () => {
    const { network } = await net.shared('10.28.0.0/24');
    const { id: pooled } = await net.made(service.staff, `${BASE}/networks`, {
      region: 'Region1',
      name: unique('pooled'),
      shared: true,
    });
    const pools = [{ start: '10.29.0.100', end: '10.29.0.110' }];
    await net.made(service.staff, `${BASE}/subnets`, {
      network_id: pooled,
      cidr: '10.29.0.0/24',
      allocation_pools: pools,
    });
    const six = Array.from({ length: 6 }, () => ({}));
    const ports = `${OWN}/ports`;
    await service.user.post(ports, { network_id: network, fixed_ips: six }).expect(400);
    const { fixed_ips: ips } = await net.made<Port>(service.user, ports, {
      network_id: network,
      fixed_ips: six.slice(1),
    });
    expect(ips).toHaveLength(5);
    expect(
      (await service.user.post(ports, { network_id: pooled, fixed_ips: [{ ip_address: '10.29.0.2' }] }).expect(400))
        .body,
    ).toEqual({ fixed_ips: { 0: { ip_address: ['The network gives no such address.'] } } });
    await service.user.post(ports, { network_id: pooled, fixed_ips: [{ ip_address: '10.29.0.105' }] }).expect(201);
    const own = await net.made(service.user, `${OWN}/networks`, { region: 'Region1', name: unique('own') });
    await net.made(service.user, `${OWN}/subnets`, {
      network_id: own.id,
      cidr: '10.29.1.0/24',
      allocation_pools: [{ start: '10.29.1.100', end: '10.29.1.110' }],
    });
    await service.user.post(ports, { network_id: own.id, fixed_ips: [{ ip_address: '10.29.1.2' }] }).expect(201);
    const refused = { port_security_enabled: ['This field is not supported in this region.'] };
    expect(
      (await service.user.post(ports, { network_id: network, port_security_enabled: false }).expect(400)).body,
    ).toEqual(refused);
    const port = await net.made<Port>(service.user, ports, { network_id: network, port_security_enabled: true });
    expect(
      (await service.user.patch(`${ports}/${port.id}`, { port_security_enabled: false }).expect(400)).body,
    ).toEqual(refused);
  });
  it('the simulator is told of ports, also when the job is lost; what is gone is removed', async () => {
    const thing = (id: string) =>
      sql<{ spec: object }>(service.db, `select spec from sim_network_thing where portal_id = $1`, [id]);
    const port = await net.made<Port>(service.user, `${OWN}/ports`, { network_id: NETWORK, name: 'told' });
    await sql(service.db, 'delete from graphile_worker._private_jobs');
    await sql(service.db, `update network_sync set next_check_at = now() where id = $1`, [port.id]);
    await service.sweep('network.stuck');
    await net.work();
    expect(await thing(port.id)).toMatchObject([{ spec: { name: 'told', mac: port.mac_address } }]);
    await service.user.patch(`${OWN}/ports/${port.id}`, { name: 'other' }).expect(200);
    await net.work();
    expect(await thing(port.id)).toMatchObject([{ spec: { name: 'other' } }]);
    await service.user.delete(`${OWN}/ports/${port.id}`).expect(204);
    await net.work();
    expect(await thing(port.id)).toEqual([]);
  });
});
