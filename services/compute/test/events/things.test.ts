import { createFastServer } from '@nefos/service-kit';
import { listening } from '@nefos/testing';
import { recordEvent } from '../../src/events/domain/record.js';
import { OCTETS } from '../catalog/image-support.js';
import { BASE, OWN, unique, useNet } from '../networking/network-support.js';
import { listen, type Heard, type Stream } from './sse.js';

// Every kind of thing that events tell of, through its life: its client and staff hear it, another client never does.

describe('GET /staffapi/events, /api/events: things of the cloud', () => {
  const net = useNet();
  const { service } = net;
  let server: Awaited<ReturnType<typeof listening>>;
  let staff: Stream;
  let user: Stream;
  let stranger: Stream;

  beforeAll(async () => {
    server = await listening(createFastServer(service.app));
  });
  beforeEach(async () => {
    const open = (path: string, token: string) => listen(server.base + path, { Authorization: `Token ${token}` });
    [staff, user, stranger] = await Promise.all([
      open('/staffapi/events', service.tokens.staff),
      open('/api/events', service.tokens.user),
      open('/api/events', service.tokens.stranger),
    ]);
  });
  afterEach(() => {
    for (const one of [staff, user, stranger]) one.close();
  });
  afterAll(() => server.close());

  const of = (heard: Heard[], id: string) => heard.filter(({ data }) => data.object.id === id);
  const types = (heard: Heard[], id: string) => of(heard, id).map(({ event }) => event);
  const last = (stream: Stream, id: string) => of(stream.heard, id).at(-1)?.data.data;
  /** Waits until client and staff have heard this of the thing, and nothing else; the stranger heard nothing. */
  const heard = async (id: string, wanted: string[]): Promise<void> => {
    for (const one of [user, staff]) {
      await one.until((all) => of(all, id).length >= wanted.length);
      expect(types(one.heard, id)).toEqual(wanted);
    }
    // A later event of its own reaches the stranger: what came before it would have, too.
    const objectId = unique('marker');
    await service.db.transaction((tx) =>
      recordEvent(tx, { type: 'test.said', clientId: service.otherClient, objectType: 'test', objectId, data: {} }),
    );
    await stranger.until((all) => of(all, objectId).length);
    expect(of(stranger.heard, id)).toEqual([]);
    expect(of(user.heard, objectId)).toEqual([]);
  };
  const make = (path: string, body: object) => net.made(service.user, `${OWN}/${path}`, body);
  const life = (kind: string, ...more: string[]) => ['created', ...more].map((one) => `${kind}.${one}`);

  it('200: networks, subnets and routers of a client', async () => {
    const network = await make('networks', { region: 'Region1', name: unique('own') });
    const subnet = await make('subnets', { network_id: network.id, cidr: '10.77.0.0/24' });
    const router = await make('routers', { region: 'Region1', name: unique('router') });
    await net.work();
    await heard(network.id, life('network', 'state'));
    expect(last(user, network.id)).toMatchObject({ region: 'Region1', status: 'ACTIVE', fault: null });
    await heard(subnet.id, life('subnet'));
    expect(last(user, subnet.id)).toMatchObject({ network_id: network.id, cidr: '10.77.0.0/24' });
    await service.user.post(`${OWN}/routers/${router.id}/add_interface`, { subnet: subnet.id }).expect(200);
    await net.work();
    await user.until((all) => types(all, router.id).length > 1);
    expect(last(user, router.id)).toMatchObject({ subnets: [subnet.id], external_gateway_info: null });
    await service.user.post(`${OWN}/routers/${router.id}/remove_interface`, { subnet: subnet.id }).expect(200);
    await service.user.delete(`${OWN}/routers/${router.id}`).expect(204);
    await service.user.delete(`${OWN}/networks/${network.id}`).expect(204);
    await heard(network.id, life('network', 'state', 'deleted'));
    await heard(subnet.id, life('subnet', 'deleted'));
    await user.until((all) => types(all, router.id).at(-1) === 'router.deleted');
    expect(of(stranger.heard, router.id)).toEqual([]);
    // The provider's own are for staff; one that staff make for a project is for its client, too.
    const { network: shared } = await net.shared('10.78.0.0/24');
    await staff.until((all) => of(all, shared).length);
    await heard((await make('securitygroups', { region: 'Region1', name: unique('after') })).id, [
      'securitygroup.created',
    ]);
    expect(of(user.heard, shared)).toEqual([]);
  });
  it('200: security groups, ports and floating IPs', async () => {
    const outside = await net.external('203.0.113.0/28');
    const { network } = await net.shared('10.79.0.0/24');
    const group = await make('securitygroups', { region: 'Region1', name: unique('web') });
    const port = await make('ports', { network_id: network, name: 'kept', security_groups: [group.id] });
    const floating = await make('floatingips', { floating_network_id: outside });
    await net.work();
    await service.user.post(`${OWN}/floatingips/${floating.id}/associate`, { port: port.id }).expect(200);
    await net.work();
    await user.until((all) => of(all, floating.id).at(-1)?.data.data.status === 'ACTIVE');
    expect(last(user, floating.id)).toMatchObject({ port_id: port.id, fixed_ip_address: '10.79.0.2', fault: null });
    expect(last(user, port.id)).toMatchObject({
      ...{ name: 'kept', network_id: network, device_id: '', security_groups: [group.id] },
      fixed_ips: [{ ip_address: '10.79.0.2', subnet_id: expect.any(String) as string }],
    });
    await service.user.delete(`${OWN}/ports/${port.id}`).expect(204);
    await user.until((all) => of(all, floating.id).at(-1)?.data.data.port_id === null);
    await service.user.delete(`${OWN}/floatingips/${floating.id}`).expect(204);
    await service.user.delete(`${OWN}/securitygroups/${group.id}`).expect(204);
    for (const [kind, { id }] of Object.entries({ port, floatingip: floating, securitygroup: group })) {
      await staff.until((all) => types(all, id).at(-1) === `${kind}.deleted`);
      await heard(id, types(staff.heard, id));
      expect(types(user.heard, id)[0]).toBe(`${kind}.created`);
    }
  });
  it('200: an interface that an instance gets and gives back; those of its build are told by the instance', async () => {
    const id = await net.build();
    const { network } = await net.shared('10.80.0.0/24');
    await net.act(id, 'add-port', { network }).expect(200);
    await net.work();
    const port = (await user.until((all) => all.find((one) => one.event === 'port.created'))).data.object.id;
    await user.until((all) => of(all, port).at(-1)?.data.data.status === 'ACTIVE');
    expect(last(user, port)).toMatchObject({ device_id: id, network_id: network });
    await net.act(id, 'remove-port', { port }).expect(200);
    await net.work();
    await heard(port, life('port', 'state', 'state', 'deleted'));
    await service.staff.delete(`${BASE}/instances/${id}`).expect(200);
    await net.work();
    await user.until((all) => types(all, id).includes('instance.deleted'));
    expect(new Set(user.heard.filter((one) => one.event.startsWith('port.')).map((one) => one.data.object.id))).toEqual(
      new Set([port]),
    );
  });
  it("200: a failed thing tells staff the hypervisor's message, and its client that it failed", async () => {
    const router = await make('routers', { region: 'Region1', name: 'sim:fail=router' });
    await net.work();
    await user.until((all) => of(all, router.id).at(-1)?.data.data.status === 'ERROR');
    await staff.until((all) => of(all, router.id).at(-1)?.data.data.status === 'ERROR');
    expect(last(user, router.id)).toMatchObject({ fault: { message: 'The region could not carry it out.' } });
    expect(last(staff, router.id)?.fault).not.toEqual(last(user, router.id)?.fault);
  });
  it('200: volumes, their snapshots and their backups', async () => {
    const done = async (path: string, body: object) => {
      const one = await make(path, body);
      await net.work();
      return one.id;
    };
    const volume = await done('volumes', { region: 'Region1', name: 'data', size: 1 });
    const snapshot = await done('volumesnapshots', { volume, name: 'snap' });
    const backup = await done('volumebackups', { volume, name: 'copy' });
    await user.until(() => last(user, snapshot)?.status === 'available');
    expect(last(user, snapshot)).toMatchObject({ volume, name: 'snap', status: 'available', size: 1, fault: null });
    for (const path of [`volumebackups/${backup}`, `volumesnapshots/${snapshot}`, `volumes/${volume}`]) {
      expect((await service.user.delete(`${OWN}/${path}`)).status).toBeLessThan(300);
      await net.work();
    }
    await heard(snapshot, life('volumesnapshot', 'state', 'state', 'deleted'));
    await heard(backup, life('volumebackup', 'state', 'state', 'deleted'));
    await user.until((all) => types(all, volume).at(-1) === 'volume.deleted');
    expect(of(stranger.heard, volume)).toEqual([]);
  });
  it('200: images; those of the cloud itself are for staff', async () => {
    const body = (more: object = {}) => ({ name: 'mine', region: 'Region1', disk_format: 'raw', ...more });
    const { id } = await make('images', body());
    await service.user.put(`${OWN}/images/${id}/file`).set(OCTETS).send(Buffer.from('data')).expect(200);
    await user.until((all) => of(all, id).at(-1)?.data.data.status === 'active');
    expect(last(user, id)).toMatchObject({ name: 'mine', size: 4, visibility: 'private', type: 'template' });
    await service.user.delete(`${OWN}/images/${id}`).expect(204);
    await user.until((all) => types(all, id).at(-1) === 'image.deleted');
    await heard(id, types(staff.heard, id));
    const cloud = await net.made(service.staff, `${BASE}/images`, body({ name: 'of all', visibility: 'public' }));
    await staff.until((all) => types(all, cloud.id).includes('image.created'));
    await heard((await make('images', body({ name: 'another' }))).id, ['image.created']);
    expect(of(user.heard, cloud.id)).toEqual([]);
  });
  it('200: what is deleted with its client', async () => {
    const client = await service.seedClient();
    const { id } = await net.made(service.staff, `${BASE}/securitygroups`, {
      ...{ region: 'Region1', name: unique('left'), client },
    });
    await service.staff.delete(`/staffapi/clients/${client}?delete_cloud_resources=true`).expect(204);
    await net.work();
    await staff.until((all) => types(all, id).includes('securitygroup.deleted'));
    expect(of(staff.heard, id).map((one) => one.data.client)).toEqual(expect.arrayContaining([client]));
    expect(of(user.heard, id)).toEqual([]);
  });
  it('201: a webhook can wait for each of them', async () => {
    const types = ['image', 'port.state', 'floatingip.created', 'router', 'network', 'volume.state', 'volumebackup'];
    const made = await service.user.post('/api/webhooks', { url: 'https://hooks.example.org/', event_types: types });
    expect([made.status, (made.body as { event_types: string[] }).event_types]).toEqual([201, types]);
  });
});
