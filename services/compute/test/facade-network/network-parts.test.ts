import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';
import { useNetwork, V, type NeutronFault, type Thing } from './face-network-support.js';

describe('the network API: interfaces of routers, projects, filters', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  const nets = useNetwork(service, face);
  const { make, list, get, refused, unique } = nets;
  const connected = async () => {
    const { network, subnet, range } = await nets.net();
    const { id: router } = await make('routers', { name: unique() });
    const { body } = await face.user
      .put(`${V}/routers/${router}/add_router_interface`, { subnet_id: subnet })
      .expect(200);
    return { network, subnet, range, router, port: (body as { port_id: string }).port_id };
  };

  describe('an interface of a router', () => {
    it('200: is a port, with the address of the gateway', async () => {
      const { network, subnet, range, router, port } = await connected();
      const shown = await get('ports', port);
      expect(shown).toMatchObject({
        network_id: network,
        device_id: router,
        device_owner: 'network:router_interface',
        status: 'ACTIVE',
        fixed_ips: [{ subnet_id: subnet, ip_address: `${range}.1` }],
        security_groups: [],
        project_id: face.project,
      });
      for (const query of [
        `device_id=${router}`,
        `network_id=${network}&device_owner=network:router_interface`,
        `fixed_ips=subnet_id%3D${subnet}`,
        `network_id=${network}&fixed_ips=ip_address%3D${range}.1`,
        `network_id=${network}&status=ACTIVE`,
        `id=${port}`,
      ])
        expect({ query, found: (await list('ports', `?${query}`)).map(({ id }) => id) }).toEqual({
          query,
          found: [port],
        });
      expect(await list('ports', `?network_id=${network}&device_id=`)).toEqual([]);
      await face.stranger.get(`${V}/ports/${port}`).expect(404);
      expect(await list('ports', `?id=${port}`, face.stranger)).toEqual([]);
    });
    it('200: pages of ports have both kinds, each once', async () => {
      const { network } = await connected();
      for (let i = 0; i < 3; i += 1) await make('ports', { network_id: network });
      const all = (await list('ports', `?network_id=${network}`)).map(({ id }) => id);
      expect(all).toHaveLength(4);
      const paged: string[] = [];
      let path = `${V}/ports?network_id=${network}&limit=1&sort_key=created_at&sort_dir=desc`;
      for (let i = 0; i < 6 && path; i += 1) {
        const { body } = await face.user.get(path).expect(200);
        const { ports, ports_links: links = [] } = body as {
          ports: Thing[];
          ports_links?: { rel: string; href: string }[];
        };
        paged.push(...ports.map(({ id }) => id));
        path = links.find(({ rel }) => rel === 'next')?.href.replace('http://cloud.test', '') ?? '';
      }
      expect(paged.sort()).toEqual(all.sort());
    });
    it('409: is changed and deleted with the router alone', async () => {
      const { port } = await connected();
      for (const res of [
        await face.user.delete(`${V}/ports/${port}`),
        await face.user.put(`${V}/ports/${port}`, { port: { name: 'x' } }),
      ]) {
        expect(res.status).toBe(409);
        expect((res.body as NeutronFault).NeutronError.type).toBe('ServicePortInUse');
      }
      await face.user.put(`${V}/ports/${port}/tags/x`).expect(403);
    });
    it('200: is taken away by its port or its subnet; 404 then', async () => {
      const { subnet, router, port } = await connected();
      const other = await connected();
      const at = `${V}/routers/${router}/remove_router_interface`;
      await face.user.put(at, { port_id: other.port }).expect(404);
      await face.user.put(at, { port_id: port, subnet_id: other.subnet }).expect(409);
      await face.user.put(at, {}).expect(400);
      const { body } = await face.user.put(at, { port_id: port }).expect(200);
      expect(body).toMatchObject({ id: router, port_id: port, subnet_id: subnet });
      await face.user.get(`${V}/ports/${port}`).expect(404);
      const gone = await face.user.put(at, { subnet_id: subnet }).expect(404);
      expect((gone.body as NeutronFault).NeutronError.type).toBe('RouterInterfaceNotFoundForSubnet');
    });
    it('400: is made of a subnet with a gateway, not of a port', async () => {
      const { network } = await nets.net();
      const { id: router } = await make('routers', { name: unique() });
      const at = `${V}/routers/${router}/add_router_interface`;
      const { id: port } = await make('ports', { network_id: network });
      await face.user.put(at, { port_id: port }).expect(400);
      const { id: bare } = await make('subnets', { network_id: network, cidr: '10.240.0.0/24', gateway_ip: null });
      const { body } = await face.user.put(at, { subnet_id: bare }).expect(400);
      expect((body as NeutronFault).NeutronError.message).toContain('must have a gateway IP');
    });
    it('409: of a subnet that another router connects', async () => {
      const { subnet } = await connected();
      const { id } = await make('routers', { name: unique() });
      const { body } = await face.user
        .put(`${V}/routers/${id}/add_router_interface`, { subnet_id: subnet })
        .expect(409);
      expect((body as NeutronFault).NeutronError.type).toBe('RouterInterfaceConflict');
    });
    it('200: leads a floating IP outside, and lists find that by its router', async () => {
      const { network, router } = await connected();
      const outside = await nets.outside();
      await face.user
        .put(`${V}/routers/${router}`, { router: { external_gateway_info: { network_id: outside.network } } })
        .expect(200);
      const { id: port } = await make('ports', { network_id: network });
      const made = await make('floatingips', {
        floating_network_id: outside.network,
        subnet_id: outside.subnet,
        port_id: port,
      });
      expect(made).toMatchObject({ router_id: router, port_id: port, status: 'ACTIVE' });
      expect(await list('floatingips', `?router_id=${router}`)).toMatchObject([{ id: made.id }]);
      await refused('floatingips', { floating_network_id: outside.network, subnet_id: randomUUID() }, 404);
    });
  });

  describe('the project', () => {
    it.each(['networks', 'routers', 'security-groups'])('201: %s that staff make for a client', async (path) => {
      const name = unique();
      const { project_id: owner } = await make(path, { name, project_id: face.otherProject }, face.staff);
      expect(owner).toBe(face.otherProject);
      expect(await list(path, `?name=${name}`, face.stranger)).toHaveLength(1);
      expect(await list(path, `?name=${name}`)).toEqual([]);
    });
    it("400: no client's project", async () => {
      await refused('routers', { name: 'r', tenant_id: randomUUID() }, 400, face.staff);
      await refused('networks', { name: 'n', project_id: 'x' }, 400, face.staff);
    });
    it('201: of a subnet is that of its network; 400, 403: another one', async () => {
      const { id: network } = await make('networks', { name: unique() });
      const subnet = { network_id: network, cidr: '10.241.0.0/24' };
      await refused('subnets', { ...subnet, project_id: face.otherProject }, 403);
      await refused('subnets', { ...subnet, project_id: face.otherProject }, 400, face.staff);
      await make('subnets', { ...subnet, project_id: face.project }, face.staff);
    });
  });

  it.each([
    ['networks', 'port_security_enabled=false', 0],
    ['networks', 'mtu=1500', 1],
    ['networks', 'availability_zones=x', 400],
    ['subnets', 'subnetpool_id=x', 0],
    ['subnets', 'ip_version=4', 1],
    ['subnets', 'ip_version=6', 0],
    ['security-groups', 'shared=True', 0],
    ['security-groups', 'shared=False', 1],
    ['routers', 'status=nothing', 0],
  ])('%s?%s', async (path, query, found) => {
    const { network, subnet } = await nets.net();
    const made: Record<string, () => Promise<string> | string> = {
      networks: () => network,
      subnets: () => subnet,
      routers: async () => (await make('routers', { name: unique() })).id,
      'security-groups': async () => (await make('security-groups', { name: unique() })).id,
    };
    const id = await made[path]?.();
    if (found === 400) await face.user.get(`${V}/${path}?${query}`).expect(400);
    else expect(await list(path, `?id=${id}&${query}`)).toHaveLength(found);
  });
  it('200: since when there are networks is told, also of those that the portal made', async () => {
    const res = await service.user.post('/api/openstack/networks', { region: 'Region1', name: unique() }).expect(201);
    const { id } = res.body as Thing;
    const { created_at: made } = await get('networks', id);
    expect(Math.abs(Date.parse(made as string) - Date.now())).toBeLessThan(3_600_000);
    await face.user.put(`${V}/networks/${id}/tags/later`).expect(201);
    expect(await get('networks', id)).toMatchObject({ created_at: made, revision_number: 1, tags: ['later'] });
  });
  it('403: a suspended client labels nothing', async () => {
    const { id } = await make('security-groups', { name: unique() });
    const rule = await make('security-group-rules', { security_group_id: id, direction: 'ingress' });
    await sql(service.db, `update client set hold = 'suspended' where id = $1`, [service.ownClient]);
    await face.user.put(`${V}/security-groups/${id}/tags/x`).expect(403);
    await face.user.put(`${V}/security-groups/${id}/tags`, { tags: ['x'] }).expect(403);
    await face.user
      .put(`${V}/security-group-rules/${rule.id}`, { security_group_rule: { description: 'x' } })
      .expect(403);
    await sql(service.db, 'update client set hold = null where id = $1', [service.ownClient]);
    expect(await get('security-groups', id)).toMatchObject({ tags: [] });
  });
  it('200: there are none of what clients ask for all the same', async () => {
    const { network } = await nets.outside();
    const { id } = await make('floatingips', { floating_network_id: network });
    const { body } = await face.user.get(`${V}/floatingips/${id}/port_forwardings`).expect(200);
    expect(body).toEqual({ port_forwardings: [] });
    await face.stranger.get(`${V}/floatingips/${id}/port_forwardings`).expect(404);
    await face.stranger.post(`${V}/floatingips/${id}/port_forwardings`, { port_forwarding: {} }).expect(404);
    const { body: refused } = await face.user
      .post(`${V}/floatingips/${id}/port_forwardings`, { port_forwarding: {} })
      .expect(400);
    expect(refused).toEqual({
      NeutronError: { type: 'HTTPBadRequest', message: 'There are no port forwardings in this cloud.', detail: '' },
    });
    const { body: none } = await face.user.post(`${V}/address-scopes`, { address_scope: {} }).expect(400);
    expect(none).toMatchObject({ NeutronError: { message: 'There are no address scopes in this cloud.' } });
    expect((await face.user.get(`${V}/qos/policies?name=x`).expect(200)).body).toEqual({ policies: [] });
    expect((await face.user.get(`${V}/trunks`).expect(200)).body).toEqual({ trunks: [] });
  });
  it('200: a floating IP tells of the router of its own project, not of the one that shares the network', async () => {
    const { network: external } = await nets.outside();
    const routed = async (as: FaceAs) => {
      const { id: network } = await make('networks', { name: unique() }, as);
      const { id: subnet } = await make('subnets', { network_id: network, cidr: '10.71.0.0/24' }, as);
      const { id: router } = await make('routers', { name: unique() }, as);
      await as.put(`${V}/routers/${router}/add_router_interface`, { subnet_id: subnet }).expect(200);
      return { network, router };
    };
    const floating = async (network: string) => {
      const port = await make('ports', { network_id: network });
      return make('floatingips', { floating_network_id: external, port_id: port.id });
    };
    const theirs = await routed(face.stranger);
    await face.staff.put(`${V}/networks/${theirs.network}`, { network: { shared: true } }).expect(200);
    const mine = await routed(face.user);
    expect((await floating(mine.network)).router_id).toBe(mine.router);
    expect((await floating(theirs.network)).router_id).toBeNull();
    expect(await list('floatingips', `?router_id=${theirs.router}`)).toEqual([]);
    expect(await list('floatingips', `?router_id=${mine.router}`)).toHaveLength(1);
  });
});
