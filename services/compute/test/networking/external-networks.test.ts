import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { createBody } from '../cloud-support.js';
import { OWN, useNet } from './network-support.js';

interface Listed {
  objects: { id: string; router_external: boolean; shared: boolean; subnets: string[] }[];
}

describe('the external networks of a cloud, which it does not share', () => {
  const net = useNet();
  const { service } = net;
  /** As a synchronisation brings it. */
  const external = async (more: { shared?: boolean; outside?: boolean; backend?: string | null } = {}) => {
    const { shared = false, outside = true, backend = randomUUID() } = more;
    const { network, subnet } = await net.shared('203.0.113.0/24', { shared, router_external: outside });
    await sql(service.db, 'update network set backend_id = $2 where id = $1', [network, backend]);
    return { network, subnet };
  };
  const ids = async (path: string) => (await net.read<Listed>(service.user, path)).objects.map(({ id }) => id);

  it('end users see them and their subnets, and take floating IPs of them', async () => {
    const { network, subnet } = await external();
    const { objects } = await net.read<Listed>(service.user, `${OWN}/networks?page_size=500`);
    expect(objects.find(({ id }) => id === network)).toMatchObject({
      router_external: true,
      shared: false,
      subnets: [subnet],
    });
    expect(await ids(`${OWN}/subnets?page_size=500`)).toContain(subnet);
    expect(await net.read(service.user, `${OWN}/networks/${network}`)).toMatchObject({ id: network });
    expect(await net.read(service.user, `${OWN}/subnets/${subnet}`)).toMatchObject({ id: subnet });
    const taken = await net.made<{ floating_network_id: string }>(service.user, `${OWN}/floatingips`, {
      floating_network_id: network,
    });
    expect(taken.floating_network_id).toBe(network);
  });
  it('others that are not shared stay unseen: those without outside, and those that staff made', async () => {
    for (const more of [{ outside: false }, { backend: null }]) {
      const { network, subnet } = await external(more);
      expect(await ids(`${OWN}/networks?page_size=500`)).not.toContain(network);
      expect(await ids(`${OWN}/subnets?page_size=500`)).not.toContain(subnet);
      await service.user.get(`${OWN}/networks/${network}`).expect(404);
      await service.user.get(`${OWN}/subnets/${subnet}`).expect(404);
      await service.user.patch(`${OWN}/networks/${network}`, { name: 'mine' }).expect(404);
      await service.user
        .post(`${OWN}/floatingips`, { floating_network_id: network })
        .expect(400)
        .expect(({ body }) => expect(body).toHaveProperty('floating_network_id'));
    }
  });
  it("an external network of another client's is not seen", async () => {
    const other = await service.seedClient();
    const project = (
      await sql<{ id: string }>(
        service.db,
        'select j.id from project j join service s on s.id = j.service_id where s.client_id = $1',
        [other],
      )
    )[0]?.id;
    const { network } = await external();
    await sql(service.db, 'update network set project_id = $2 where id = $1', [network, project]);
    expect(project).toBeTruthy();
    expect(await ids(`${OWN}/networks?page_size=500`)).not.toContain(network);
    await service.user.get(`${OWN}/networks/${network}`).expect(404);
  });
  it("they are the provider's: neither changed nor deleted, and no machine or port is put on them", async () => {
    const { network, subnet } = await external();
    await service.user.patch(`${OWN}/networks/${network}`, { name: 'mine' }).expect(403);
    await service.user.delete(`${OWN}/networks/${network}`).expect(403);
    await service.user.delete(`${OWN}/subnets/${subnet}`).expect(403);
    await service.user.post(`${OWN}/ports`, { network_id: network }).expect(400);
    await service.user
      .post(`${OWN}/instances`, createBody({ nics: [network] }))
      .expect(400)
      .expect(({ body }) => expect(body).toHaveProperty('nics'));
  });
});
