import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { BASE, NETWORK, OWN, unique, useNet } from './network-support.js';

interface Rule {
  id: string;
  direction: string;
  ethertype: string;
  remote_group_id: string | null;
}
interface Group {
  id: string;
  name: string;
  rules: Rule[];
  is_default: boolean;
}
interface Router {
  id: string;
  subnets: string[];
  external_gateway_info: { network_id: string } | null;
}
const rule = (more: object = {}) => ({
  direction: 'ingress',
  protocol: 'tcp',
  port_range_min: 22,
  port_range_max: 22,
  ...more,
});

describe('security groups', () => {
  const net = useNet();
  const { service } = net;
  const make = (as = service.user) =>
    net.made<Group>(as, `${OWN}/securitygroups`, { region: 'Region1', name: unique('group') });
  const get = (id: string) => net.read<Group>(service.user, `${OWN}/securitygroups/${id}`);
  const spec = async (id: string) =>
    (
      await sql<{ spec: { rules: object[]; securityGroups: { portalId: string }[] } }>(
        service.db,
        'select spec from sim_network_thing where portal_id = $1',
        [id],
      )
    )[0]?.spec;

  it('the default group is made once, also by many instances at once: egress all, ingress from itself', async () => {
    const client = await service.seedClient();
    await Promise.all([1, 2, 3, 4].map(() => net.ask({}, client)));
    const found = (await net.read<{ objects: Group[] }>(service.staff, `${BASE}/securitygroups?client=${client}`))
      .objects;
    expect(found).toHaveLength(1);
    const [group] = found as [Group];
    expect(group).toMatchObject({ name: 'default', is_default: true });
    expect(group.rules.map((one) => [one.direction, one.ethertype, one.remote_group_id]).sort()).toEqual([
      ['egress', 'IPv4', null],
      ['egress', 'IPv6', null],
      ['ingress', 'IPv4', group.id],
      ['ingress', 'IPv6', group.id],
    ]);
    await service.staff.delete(`${BASE}/securitygroups/${group.id}`).expect(409);
    await service.staff.patch(`${BASE}/securitygroups/${group.id}`, { name: 'x' }).expect(409);
    await service.staff.patch(`${BASE}/securitygroups/${group.id}`, { description: 'ours' }).expect(200);
  });
  it('201, 409, 204: rules; the region has them', async () => {
    const { id } = await make();
    const added = await net.made<Rule>(service.user, `${OWN}/securitygroups/${id}/rules`, rule());
    await service.user.post(`${OWN}/securitygroups/${id}/rules`, rule()).expect(409);
    const refused = async (more: object) =>
      (await service.user.post(`${OWN}/securitygroups/${id}/rules`, rule(more)).expect(400)).body as object;
    expect(await refused({ protocol: 'x' })).toHaveProperty('protocol');
    expect(await refused({ port_range_min: 30, port_range_max: 20 })).toHaveProperty('port_range_min');
    expect(await refused({ protocol: null })).toHaveProperty('port_range_min');
    expect(await refused({ protocol: 'icmp', port_range_min: 300 })).toHaveProperty('port_range_min');
    expect(await refused({ remote_ip_prefix: '::/0' })).toHaveProperty('remote_ip_prefix');
    expect(await refused({ remote_ip_prefix: '10.0.0.0/8', remote_group_id: id })).toHaveProperty('remote_group_id');
    expect(await refused({ remote_group_id: randomUUID() })).toHaveProperty('remote_group_id');
    await net.work();
    expect((await spec(id))?.rules).toHaveLength(3);
    await service.user.delete(`${OWN}/securitygroups/${id}/rules/${added.id}`).expect(204);
    await service.user.delete(`${OWN}/securitygroups/${id}/rules/${added.id}`).expect(404);
    await net.work();
    expect((await spec(id))?.rules).toHaveLength(2);
    await service.user.delete(`${OWN}/securitygroups/${id}`).expect(204);
    await net.work();
    expect(await spec(id)).toBeUndefined();
  });
  it('a create names groups by name or id; actions add and take them; one in use is not deleted', async () => {
    const [a, b] = [await make(), await make()];
    const id = await net.build({ security_groups: [a.name, b.id] });
    const names = async () => (await net.detail(id)).security_groups.map(({ name }) => name).sort();
    expect(await names()).toEqual([a.name, b.name].sort());
    await service.user.delete(`${OWN}/securitygroups/${a.id}`).expect(409);
    expect((await net.act(id, 'dissociate_security_group', { security_group: a.id }).expect(200)).body).toEqual({
      detail: 'Security group dissociated',
    });
    await net.act(id, 'dissociate_security_group', { security_group: a.id }).expect(400);
    expect(await names()).toEqual([b.name]);
    await service.user.delete(`${OWN}/securitygroups/${a.id}`).expect(204);
    const c = await make();
    expect((await net.act(id, 'associate-security-group', { security_group: c.id }).expect(200)).body).toEqual({
      detail: 'Security group associated',
    });
    await net.act(id, 'associate_security_group', { security_group: c.id }).expect(200);
    expect(await names()).toEqual([b.name, c.name].sort());
    await net.work();
    const [port] = (await net.read<{ objects: { id: string }[] }>(service.staff, `${BASE}/ports?device_id=${id}`))
      .objects;
    expect((await spec(port?.id ?? ''))?.securityGroups.map(({ portalId }) => portalId).sort()).toEqual(
      [b.id, c.id].sort(),
    );
  });
  it("another client's group is one that is not there", async () => {
    const { id, name } = await make();
    const unknown = randomUUID();
    const mine = await net.build({}, service.otherClient);
    for (const one of [id, unknown]) {
      await service.stranger.get(`${OWN}/securitygroups/${one}`).expect(404);
      await service.stranger.post(`${OWN}/securitygroups/${one}/rules`, rule()).expect(404);
      await service.stranger.delete(`${OWN}/securitygroups/${one}`).expect(404);
      const said = [`Invalid pk "${one}" - object does not exist.`];
      const act = await service.stranger.post(`${OWN}/instances/${mine}/associate_security_group`, {
        security_group: one,
      });
      expect([act.status, act.body]).toEqual([400, { security_group: said }]);
      const port = await service.stranger.post(`${OWN}/ports`, { network_id: NETWORK, security_groups: [one] });
      expect([port.status, port.body]).toEqual([400, { security_groups: { 0: said } }]);
    }
    const own = await net.read<{ objects: Group[] }>(service.stranger, `${OWN}/securitygroups?search=${name}`);
    expect(own.objects).toEqual([]);
    expect((await get(id)).rules).toHaveLength(2);
  });
});

describe('networks of clients and routers', () => {
  const net = useNet();
  const { service } = net;
  const things = async (kind: string) =>
    (await sql<{ id: string }>(service.db, 'select portal_id id from sim_network_thing where kind = $1', [kind])).map(
      ({ id }) => id,
    );
  const network = (as = service.user) =>
    net.made<{ id: string; status: string }>(as, `${OWN}/networks`, { region: 'Region1', name: unique('own') });

  it('201 to 204: an end user makes, changes and deletes a network with a subnet; instances use it', async () => {
    const { id, status } = await network();
    expect(status).toBe('BUILD');
    await net.work();
    expect(await net.read(service.user, `${OWN}/networks/${id}`)).toMatchObject({ status: 'ACTIVE', shared: false });
    const subnet = await net.made<{ id: string }>(service.user, `${OWN}/subnets`, {
      network_id: id,
      cidr: '10.40.0.0/24',
    });
    await service.user.post(`${OWN}/subnets`, { network_id: id, cidr: '10.40.0.0/25' }).expect(400);
    await service.user.patch(`${OWN}/networks/${id}`, { name: unique('renamed') }).expect(200);
    await service.user.patch(`${OWN}/subnets/${subnet.id}`, { dns_nameservers: ['9.9.9.9'] }).expect(200);
    await net.work();
    expect(await things('network')).toContain(id);
    expect(await things('subnet')).toContain(subnet.id);
    const instance = await net.build({ nics: [id] });
    expect((await net.detail(instance)).access_ip).toBe('10.40.0.2');
    expect((await service.user.delete(`${OWN}/networks/${id}`).expect(409)).body).toEqual({
      detail: 'The network is used by instances: delete those first.',
    });
    await service.user.delete(`${OWN}/subnets/${subnet.id}`).expect(409);
    await service.staff.delete(`${BASE}/instances/${instance}`).expect(200);
    await net.work();
    await service.user.delete(`${OWN}/networks/${id}`).expect(204);
    await net.work();
    expect([...(await things('network')), ...(await things('subnet'))]).not.toContain(id);
  });
  it("403: the provider's networks; 404: another client's, in the same words as what is not there", async () => {
    await service.user.patch(`${OWN}/networks/${NETWORK}`, { name: 'x' }).expect(403);
    await service.user.delete(`${OWN}/networks/${NETWORK}`).expect(403);
    await service.user.post(`${OWN}/subnets`, { network_id: NETWORK, cidr: '10.41.0.0/24' }).expect(403);
    const { id } = await network();
    const subnet = await net.made<{ id: string }>(service.user, `${OWN}/subnets`, {
      network_id: id,
      cidr: '10.42.0.0/24',
    });
    for (const one of [id, randomUUID()]) {
      await service.stranger.patch(`${OWN}/networks/${one}`, { name: 'x' }).expect(404);
      await service.stranger.delete(`${OWN}/networks/${one}`).expect(404);
      const said = { network_id: [`Invalid pk "${one}" - object does not exist.`] };
      const answer = await service.stranger.post(`${OWN}/subnets`, { network_id: one, cidr: '10.43.0.0/24' });
      expect([answer.status, answer.body]).toEqual([400, said]);
    }
    for (const one of [subnet.id, randomUUID()]) {
      await service.stranger.patch(`${OWN}/subnets/${one}`, { name: 'x' }).expect(404);
      await service.stranger.delete(`${OWN}/subnets/${one}`).expect(404);
    }
  });
  it('201: auto-create makes network, subnet and router once, also by many at once', async () => {
    const outside = await net.external('198.51.100.0/24');
    const all = await Promise.all(
      Array.from({ length: 5 }, () => service.user.post(`${OWN}/networks/auto-create`, { region: 'Region1' })),
    );
    expect(all.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(all.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
    const { id, subnets } = all[0]?.body as { id: string; subnets: string[] };
    const routers = (await net.read<{ objects: Router[] }>(service.user, `${OWN}/routers`)).objects;
    expect(routers).toMatchObject([{ subnets, external_gateway_info: { network_id: outside } }]);
    await net.work();
    expect(await things('router')).toEqual([routers[0]?.id]);
    await service.user.delete(`${OWN}/networks/${id}`).expect(409);
    const path = `${OWN}/routers/${routers[0]?.id}`;
    await service.user.delete(path).expect(409);
    await service.user.post(`${path}/remove_interface`, { subnet: subnets[0] }).expect(200);
    await service.user.post(`${path}/remove_interface`, { subnet: subnets[0] }).expect(400);
    await service.user.delete(path).expect(204);
    await service.user.delete(`${OWN}/networks/${id}`).expect(204);
    const anew = await service.user.post(`${OWN}/networks/auto_create`, { region: 'Region1' }).expect(201);
    expect((anew.body as { id: string }).id).not.toBe(id);
  });
  it('routers: made, renamed, connected, and refused', async () => {
    const { id } = await network();
    const subnet = await net.made<{ id: string }>(service.user, `${OWN}/subnets`, {
      network_id: id,
      cidr: '10.44.0.0/24',
    });
    const router = await net.made<Router>(service.user, `${OWN}/routers`, { region: 'Region1', name: 'r' });
    const other = await net.made<Router>(service.user, `${OWN}/routers`, { region: 'Region1', name: 'r' });
    const path = `${OWN}/routers/${router.id}`;
    const both = await Promise.all(
      [router, other].map((one) => service.user.post(`${OWN}/routers/${one.id}/add_interface`, { subnet: subnet.id })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    await service.user.patch(path, { name: 'renamed', external_gateway_info: null }).expect(200);
    await service.user.patch(path, { external_gateway_info: { network_id: NETWORK } }).expect(400);
    await service.user.post(`${path}/add_interface`, { subnet: randomUUID() }).expect(400);
    await service.stranger.get(path).expect(404);
    await service.stranger.post(`${path}/add_interface`, { subnet: subnet.id }).expect(404);
    await service.user.post(`${OWN}/routers`, { region: 'Nowhere', name: 'r' }).expect(400);
  });
  it('a subnet that is connected and deleted at once: one of both is refused', async () => {
    const network = await net.made<{ id: string }>(service.user, `${OWN}/networks`, {
      region: 'Region1',
      name: unique('raced'),
    });
    const router = await net.made<{ id: string }>(service.user, `${OWN}/routers`, { region: 'Region1', name: 'raced' });
    for (let i = 0; i < 8; i += 1) {
      const { id: subnet } = await net.made<{ id: string }>(service.user, `${OWN}/subnets`, {
        network_id: network.id,
        cidr: `10.39.${i}.0/24`,
      });
      const [added, removed] = await Promise.all([
        service.user.post(`${OWN}/routers/${router.id}/add_interface`, { subnet }),
        service.user.delete(`${OWN}/subnets/${subnet}`),
      ]);
      expect([
        [200, 409],
        [400, 204],
      ]).toContainEqual([added.status, removed.status]);
    }
  });
  it('a suspended client reads and deletes only', async () => {
    const client = await service.seedClient();
    const { as } = await service.seedUser({ username: unique('held'), clients: [client] });
    const port = await net.made<{ id: string }>(as, `${OWN}/ports`, { network_id: NETWORK });
    await service.staff.post(`/staffapi/clients/${client}/suspend`).expect(200);
    await as.get(`${OWN}/ports/${port.id}`).expect(200);
    for (const [path, body] of [
      ['ports', { network_id: NETWORK }],
      ['networks', { region: 'Region1', name: 'x' }],
      ['networks/auto-create', { region: 'Region1' }],
      ['securitygroups', { region: 'Region1', name: 'x' }],
      ['routers', { region: 'Region1', name: 'x' }],
    ] as const)
      expect([path, (await as.post(`${OWN}/${path}`, body)).status]).toEqual([path, 403]);
    await as.patch(`${OWN}/ports/${port.id}`, { name: 'x' }).expect(403);
    await as.delete(`${OWN}/ports/${port.id}`).expect(204);
  });
  it('what a client has goes with the client', async () => {
    const client = await service.seedClient();
    const { as } = await service.seedUser({ username: unique('leaving'), clients: [client] });
    await net.made(as, `${OWN}/networks/auto-create`, { region: 'Region1' });
    await net.made(as, `${OWN}/ports`, { network_id: NETWORK });
    await net.work();
    await service.staff.delete(`/staffapi/clients/${client}?delete_cloud_resources=true`).expect(204);
    await net.work();
    for (const table of ['port', 'router', 'security_group'])
      expect(
        await sql(
          service.db,
          `select from ${table} x where not exists (select from project j where j.id = x.project_id)`,
        ),
      ).toEqual([]);
  });
});
