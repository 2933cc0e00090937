import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { useFaces } from '../facade/face-support.js';
import { useNet } from '../networking/network-support.js';
import { useNetwork, V, type NeutronFault, type Thing } from './face-network-support.js';

const AWAY = 'Region7';

describe('security groups and ports of other regions', () => {
  const { service } = useNet();
  const face = useFaces(service);
  const { make, list, get, refused, unique } = useNetwork(service, face);
  const network = randomUUID();
  beforeAll(async () => {
    await sql(service.db, 'insert into region (id) values ($1)', [AWAY]);
    await sql(service.db, `insert into network (id, region_id, name, shared) values ($1, $2, 'away', true)`, [
      network,
      AWAY,
    ]);
    await sql(service.db, `insert into subnet (id, network_id, name, cidr) values ($1, $2, 's', '10.77.0.0/24')`, [
      randomUUID(),
      network,
    ]);
  });
  const groupsOf = ({ security_groups: ids }: Thing): Promise<Thing[]> =>
    Promise.all((ids as string[]).map((id) => get('security-groups', id)));

  it('201: a group is of the zone that is named, and shows it; 404: of none', async () => {
    const here = await make('security-groups', { name: unique() });
    expect(here.availability_zone_hints).toEqual(['Region1']);
    const away = await make('security-groups', { name: unique(), availability_zone_hints: [AWAY] });
    expect(away.availability_zone_hints).toEqual([AWAY]);
    const port = await make('ports', { network_id: network, security_groups: [away.id] });
    expect(port.security_groups).toEqual([away.id]);
    const none = await refused('security-groups', { name: 'x', availability_zone_hints: ['nowhere'] }, 404);
    expect(none.type).toBe('AvailabilityZoneNotFound');
    await face.user
      .put(`${V}/security-groups/${here.id}`, { security_group: { availability_zone_hints: [AWAY] } })
      .expect(400);
  });
  it('201, 200: a port takes groups that its region does not have: they are made there, once, with their rules', async () => {
    const group = await make('security-groups', { name: unique() });
    const rule = { security_group_id: group.id, direction: 'ingress', protocol: 'tcp', remote_ip_prefix: '10.0.0.0/8' };
    await make('security-group-rules', rule);
    const [first] = await groupsOf(await make('ports', { network_id: network, security_groups: [group.id] }));
    expect(first).toMatchObject({ name: group.name, availability_zone_hints: [AWAY] });
    expect(first?.security_group_rules).toContainEqual(
      expect.objectContaining({ protocol: 'tcp', remote_ip_prefix: '10.0.0.0/8' }),
    );
    const port = await make('ports', { network_id: network });
    const [standard] = await groupsOf(port);
    expect(standard).toMatchObject({ name: 'default', availability_zone_hints: [AWAY] });
    const { body } = await face.user
      .put(`${V}/ports/${port.id}`, { port: { security_groups: [group.id, standard?.id] } })
      .expect(200);
    const { port: changed } = body as { port: Thing };
    expect([...(changed.security_groups as string[])].sort()).toEqual([first?.id, standard?.id].sort());
    expect(await list('security-groups', `?name=${String(group.name)}`)).toHaveLength(2);
    // The default group of one region stands for that of another.
    const own = (await list('security-groups', '?name=default')).find(({ id }) => id !== standard?.id) as Thing;
    const put = await face.user.put(`${V}/ports/${port.id}`, { port: { security_groups: [own.id] } }).expect(200);
    expect((put.body as { port: Thing }).port.security_groups).toEqual([standard?.id]);
  });
  it('404: of another project, none is made', async () => {
    const group = await make('security-groups', { name: unique() });
    for (const security_groups of [[group.id], [randomUUID()]]) {
      const { body } = await face.stranger.post(`${V}/ports`, { port: { network_id: network, security_groups } });
      expect((body as NeutronFault).NeutronError.type).toBe('SecurityGroupNotFound');
    }
    expect(await list('security-groups', `?name=${String(group.name)}`, face.stranger)).toEqual([]);
  });
});
