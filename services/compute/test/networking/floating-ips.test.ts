import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { BASE, NETWORK, OWN, useNet } from './network-support.js';

interface Floating {
  id: string;
  floating_ip_address: string;
  fixed_ip_address: string | null;
  port_id: string | null;
  instance: string | null;
  status: string;
  fault: { code: string } | null;
}

describe('floating IPs', () => {
  const net = useNet();
  const { service } = net;
  let outside = '';
  beforeAll(async () => {
    outside = await net.external('203.0.113.0/28');
  });
  const take = (as = service.user) => net.made<Floating>(as, `${OWN}/floatingips`, { floating_network_id: outside });
  const get = (id: string) => net.read<Floating>(service.user, `${OWN}/floatingips/${id}`);
  afterEach(async () => {
    await sql(service.db, 'delete from floating_ip');
  });

  it('201: one is taken, leads to an instance, shows in its addresses, and is let go', async () => {
    const id = await net.build();
    const floating = await take();
    expect(floating).toMatchObject({ floating_ip_address: '203.0.113.2', port_id: null, status: 'DOWN', fault: null });
    expect(
      (await net.act(id, 'add_floating_ip', { floating_ip: floating.id }, service.staff).expect(200)).body,
    ).toEqual({ detail: 'Floating IP associated' });
    await net.work();
    const { access_ip: access, addresses } = await net.detail(id);
    expect(addresses.private).toMatchObject([
      { type: 'fixed', addr: access },
      { type: 'floating', addr: '203.0.113.2' },
    ]);
    expect(await get(floating.id)).toMatchObject({ instance: id, fixed_ip_address: access, status: 'ACTIVE' });
    expect((await net.act(id, 'remove_floating_ip', { floating_ip: floating.id }).expect(200)).body).toEqual({
      detail: 'Floating IP dissociated',
    });
    await net.work();
    expect(await get(floating.id)).toMatchObject({ instance: null, port_id: null, status: 'DOWN' });
    expect((await net.act(id, 'remove_floating_ip', { floating_ip: floating.id }).expect(400)).body).toEqual({
      floating_ip: ['The floating IP does not lead to this instance.'],
    });
    await service.user.delete(`${OWN}/floatingips/${floating.id}`).expect(204);
    expect((await take()).floating_ip_address).toBe('203.0.113.2');
  });
  it('200: a new one for an instance; it outlives the instance and leads nowhere then', async () => {
    const id = await net.build();
    await net.act(id, 'add_floating_ip', { network: outside }).expect(200);
    const [floating] = (await net.read<{ objects: Floating[] }>(service.user, `${OWN}/floatingips?instance=${id}`))
      .objects;
    expect(floating).toMatchObject({ instance: id });
    await service.staff.delete(`${BASE}/instances/${id}`).expect(200);
    await net.work();
    expect(await get(floating?.id ?? '')).toMatchObject({ instance: null, fixed_ip_address: null, status: 'DOWN' });
  });
  it('associate and dissociate by port or instance; one address has one floating IP, also by two at once', async () => {
    const id = await net.build();
    const [a, b] = [await take(), await take()];
    const both = await Promise.all(
      [a, b].map((one) => service.user.post(`${OWN}/floatingips/${one.id}/associate`, { instance: id })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const winner = both.find(({ status }) => status === 200)?.body as Floating;
    await service.user.post(`${OWN}/floatingips/${winner.id}/associate`, { port: winner.port_id }).expect(200);
    await service.user.post(`${OWN}/floatingips/${winner.id}/dissociate`).expect(200);
    await service.user.post(`${OWN}/floatingips/${winner.id}/dissociate`).expect(200);
    for (const body of [{}, { port: randomUUID(), instance: id }, { instance: randomUUID() }, { port: randomUUID() }])
      await service.user.post(`${OWN}/floatingips/${winner.id}/associate`, body).expect(400);
  });
  it('a driver that fails shows in status and fault, and a repetition mends it', async () => {
    const id = await net.build({ name: 'vm sim:fail=floatingip@1' });
    await net.act(id, 'add_floating_ip', { network: outside }).expect(200);
    await net.work();
    const [floating] = (await net.read<{ objects: Floating[] }>(service.user, `${OWN}/floatingips`)).objects;
    const [sync] = await sql<{ attempts: number }>(service.db, `select * from network_sync where id = $1`, [
      floating?.id,
    ]);
    expect(sync).toMatchObject({ attempts: 1, error: { code: 'internal' } });
    await sql(service.db, `update graphile_worker._private_jobs set run_at = now()`);
    await net.work();
    expect(await get(floating?.id ?? '')).toMatchObject({ status: 'ACTIVE', fault: null });
    const never = await net.build({ name: 'vm sim:fail=floatingip' });
    await net.act(never, 'add_floating_ip', { network: outside }).expect(200);
    await net.work();
    const [broken] = (await net.read<{ objects: Floating[] }>(service.user, `${OWN}/floatingips?instance=${never}`))
      .objects;
    expect(broken).toMatchObject({
      status: 'ERROR',
      fault: { code: 'internal', message: 'The region could not carry it out.' },
    });
  });
  it('metering is told of each one, from the taking to the end', async () => {
    const told = async (id: string) =>
      (
        await sql<{ payload: { type: string; resource: { quantity: string } } }>(
          service.db,
          'select payload from outbox where aggregate = $1 order by id',
          [`floating_ip:${id}`],
        )
      ).map(({ payload }) => payload.type);
    const id = await net.build();
    await net.act(id, 'add_floating_ip', { network: outside }).expect(200);
    const [ofInstance] = (await net.read<{ objects: Floating[] }>(service.user, `${OWN}/floatingips`)).objects;
    for (const one of [await take(), ofInstance as Floating]) {
      expect(await told(one.id)).toEqual(['resource.usage']);
      await service.user.delete(`${OWN}/floatingips/${one.id}`).expect(204);
      expect(await told(one.id)).toEqual(['resource.usage', 'resource.ended']);
    }
  });
  it("another client's floating IP is one that is not there", async () => {
    const floating = await take();
    const id = await net.build({}, service.otherClient);
    for (const one of [floating.id, randomUUID()]) {
      await service.stranger.get(`${OWN}/floatingips/${one}`).expect(404);
      await service.stranger.post(`${OWN}/floatingips/${one}/associate`, { instance: id }).expect(404);
      await service.stranger.delete(`${OWN}/floatingips/${one}`).expect(404);
      for (const action of ['add_floating_ip', 'remove_floating_ip'])
        expect(
          (await service.stranger.post(`${OWN}/instances/${id}/${action}`, { floating_ip: one }).expect(400)).body,
        ).toEqual({ floating_ip: [`Invalid pk "${one}" - object does not exist.`] });
    }
  });
  it('400: a network that is none outside; 409 without an address; 403 beyond the quota', async () => {
    expect((await service.user.post(`${OWN}/floatingips`, { floating_network_id: NETWORK }).expect(400)).body).toEqual({
      floating_network_id: ['The network is no external one.'],
    });
    const { network } = await net.shared('2001:db8:77::/64');
    const id = await net.build({ nics: [network] });
    await net.act(id, 'add_floating_ip', { network: outside }).expect(409);
    const [{ id: project }] = (await sql<{ id: string }>(
      service.db,
      'select j.id from project j join service s on s.id = j.service_id where s.client_id = $1',
      [service.ownClient],
    )) as [{ id: string }];
    await service.staff.patch(`${BASE}/quotas/${project}`, { floatingip: 2 }).expect(200);
    const all = await Promise.all(
      Array.from({ length: 5 }, () => service.user.post(`${OWN}/floatingips`, { floating_network_id: outside })),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([201, 201, 403, 403, 403]);
  });
});

describe('interfaces of an instance', () => {
  const net = useNet();
  const { service } = net;
  const addressesOf = async (id: string): Promise<string[]> =>
    Object.values((await net.detail(id)).addresses)
      .flat()
      .map(({ addr }) => addr);
  const machine = async (id: string): Promise<string[]> =>
    (
      await sql<{ addr: string }>(
        service.db,
        `select a ->> 'addr' addr from sim_machine m, jsonb_array_elements(m.addresses) a where m.portal_id = $1`,
        [id],
      )
    ).map(({ addr }) => addr);
  const status = async (operation: unknown): Promise<string> =>
    (await net.read<{ status: string }>(service.staff, `/staffapi/operations/${String(operation)}`)).status;

  it('200: a port is attached and detached; machine, addresses and operation agree', async () => {
    const { network } = await net.shared('10.30.0.0/24');
    const id = await net.build();
    const res = await net.act(id, 'add_port', { network, fixed_ip: '10.30.0.9' }).expect(200);
    expect(res.body).toEqual({ detail: 'Port is being attached' });
    expect(await addressesOf(id)).toHaveLength(1);
    expect(await net.read(service.staff, `${BASE}/ports/${String(res.headers['x-port-id'])}`)).toMatchObject({
      status: 'BUILD',
    });
    await net.work();
    expect(await status(res.headers['x-operation-id'])).toBe('completed');
    expect(await addressesOf(id)).toContain('10.30.0.9');
    expect(await machine(id)).toContain('10.30.0.9');
    const gone = await net.act(id, 'remove-port', { port: String(res.headers['x-port-id']) }).expect(200);
    await net.act(id, 'remove_port', { port: String(res.headers['x-port-id']) }).expect(409);
    await net.work();
    expect(await status(gone.headers['x-operation-id'])).toBe('completed');
    expect(await addressesOf(id)).toHaveLength(1);
    expect(await machine(id)).toHaveLength(1);
    await service.staff.get(`${BASE}/ports/${String(res.headers['x-port-id'])}`).expect(404);
    expect((await net.row<{ networks: string[] }>(id)).networks).toHaveLength(1);
  });
  it('an attachment that fails is undone; one that comes late is repeated', async () => {
    const { network } = await net.shared('10.31.0.0/30');
    const id = await net.build({ name: 'vm sim:fail=attach' });
    const res = await net.act(id, 'add_port', { network }).expect(200);
    await net.work();
    expect(await status(res.headers['x-operation-id'])).toBe('failed');
    expect(await machine(id)).toHaveLength(1);
    expect(await sql(service.db, 'select from port where network_id = $1', [network])).toEqual([]);
    const late = await net.build({ name: 'vm sim:fail=attach@1' });
    const again = await net.act(late, 'add_port', { network }).expect(200);
    await net.work();
    expect(await status(again.headers['x-operation-id'])).toBe('running');
    await sql(service.db, `update graphile_worker._private_jobs set run_at = now()`);
    await net.work();
    expect(await status(again.headers['x-operation-id'])).toBe('completed');
    expect(await machine(late)).toContain('10.31.0.2');
  });
  it('a port that can not be taken back yet keeps its address; it is free after the detach', async () => {
    const { network } = await net.shared('10.38.0.0/30');
    const portsOn = () =>
      sql<{ change: string | null }>(service.db, 'select change from port where network_id = $1', [network]);
    const client = await service.seedClient();
    const id = await net.build({ name: 'vm sim:fail=attach sim:fail=detach@1' }, client);
    const res = await net.act(id, 'add_port', { network }).expect(200);
    await net.work();
    expect(await status(res.headers['x-operation-id'])).toBe('running');
    expect(await portsOn()).toEqual([{ change: 'detaching' }]);
    await net.act(await net.build({}, client), 'add_port', { network }).expect(400);
    await sql(service.db, `update graphile_worker._private_jobs set run_at = now()`);
    await net.work();
    expect(
      await net.read(service.staff, `/staffapi/operations/${String(res.headers['x-operation-id'])}`),
    ).toMatchObject({ status: 'failed', error: { code: 'internal', message: 'Simulated failure of attach.' } });
    expect(await portsOn()).toEqual([]);
    const never = await net.build({ name: 'vm sim:fail=attach sim:fail=detach' }, client);
    const kept = await net.act(never, 'add_port', { network }).expect(200);
    await net.work();
    expect(await status(kept.headers['x-operation-id'])).toBe('failed');
    expect(await portsOn()).toEqual([{ change: null }]);
  });
  it('the job is lost: the sweep continues it; another action beside it does not end it', async () => {
    const { network } = await net.shared('10.32.0.0/24');
    const id = await net.build();
    const res = await net.act(id, 'add_port', { network }).expect(200);
    await net.act(id, 'stop').expect(200);
    await sql(service.db, `delete from graphile_worker._private_jobs`);
    await sql(service.db, `update operation set next_check_at = now() where status in ('pending', 'running')`);
    await service.sweep('instances.stuck');
    await net.work();
    expect(await status(res.headers['x-operation-id'])).toBe('completed');
    expect(await net.row(id)).toMatchObject({ vm_state: 'stopped' });
    expect(await addressesOf(id)).toHaveLength(2);
  });
  it('a delete ends it, and leaves no address', async () => {
    const { network } = await net.shared('10.33.0.0/24');
    const id = await net.build();
    const res = await net.act(id, 'add_port', { network }).expect(200);
    await service.staff.delete(`${BASE}/instances/${id}`).expect(200);
    await net.work();
    expect(await status(res.headers['x-operation-id'])).toBe('canceled');
    expect(await sql(service.db, 'select from network_address where network_id = $1', [network])).toEqual([]);
  });
  it('200: addresses are added and taken; the machine has them', async () => {
    const { network, subnet } = await net.shared('10.34.0.0/24');
    const id = await net.build({ nics: [network] });
    const [port] = (await net.read<{ objects: { id: string }[] }>(service.staff, `${BASE}/ports?device_id=${id}`))
      .objects;
    expect((await net.act(id, 'add_ip', { port: port?.id, subnet }).expect(200)).body).toEqual({
      detail: 'IP is being added',
    });
    await net.act(id, 'add_ip', { port: port?.id, fixed_ip: '10.34.0.77' }).expect(200);
    await net.work();
    expect(await addressesOf(id)).toEqual(['10.34.0.2', '10.34.0.3', '10.34.0.77']);
    expect(await machine(id)).toEqual(['10.34.0.2', '10.34.0.3', '10.34.0.77']);
    expect((await net.act(id, 'add_ip', { port: port?.id, fixed_ip: '10.34.0.77' }).expect(400)).body).toEqual({
      fixed_ip: ['The address is taken.'],
    });
    expect((await net.act(id, 'remove_ip', { ip: '10.34.0.2' }).expect(200)).body).toEqual({
      detail: 'IP is being removed',
    });
    expect((await net.act(id, 'remove_ip', { ip: '10.34.0.2' }).expect(400)).body).toEqual({
      ip: ['The instance does not have this address.'],
    });
    for (let i = 0; i < 3; i += 1) await net.act(id, 'add_ip', { port: port?.id, subnet }).expect(200);
    expect((await net.act(id, 'add_ip', { port: port?.id, subnet }).expect(409)).body).toEqual({
      detail: 'A port has at most 5 addresses.',
    });
    for (const ip of ['10.34.0.2', '10.34.0.4', '10.34.0.5']) await net.act(id, 'remove_ip', { ip }).expect(200);
    await net.work();
    expect((await machine(id)).sort()).toEqual(['10.34.0.3', '10.34.0.77']);
    expect((await net.detail(id)).access_ip).toBe('10.34.0.3');
    await net.act(id, 'remove_ip', { ip: '10.34.0.77' }).expect(200);
    expect((await net.act(id, 'remove_ip', { ip: '10.34.0.3' }).expect(400)).body).toEqual({
      ip: ['It is the last address of the interface: remove its port.'],
    });
  });
  it('409: building, busy with a task, locked; 403: suspended; 400: what is not there', async () => {
    const id = await net.build();
    const { id: building } = await net.ask();
    await net.act(building, 'add_port', { network: NETWORK }).expect(409);
    await net.act(id, 'suspend').expect(200);
    expect((await net.act(id, 'add_port', { network: NETWORK }).expect(409)).body).toEqual({
      detail: `Cannot 'attach_interface' instance ${id} while it is in task_state suspending`,
    });
    await net.work();
    expect((await net.act(id, 'remove_port', { port: randomUUID() }).expect(409)).body).toEqual({
      detail: `Cannot 'detach_interface' instance ${id} while it is in vm_state suspended`,
    });
    const other = await net.build();
    await net.act(other, 'lock').expect(200);
    const act = (action: string, body: object) => service.user.post(`${OWN}/instances/${other}/${action}`, body);
    await act('add_port', { network: NETWORK }).expect(409);
    await net.act(other, 'unlock').expect(200);
    const unknown = randomUUID();
    const said = [`Invalid pk "${unknown}" - object does not exist.`];
    expect((await act('add_port', { network: unknown }).expect(400)).body).toEqual({ network: said });
    expect((await act('add_port', { port: unknown }).expect(400)).body).toEqual({ port: said });
    expect((await act('remove_port', { port: unknown }).expect(400)).body).toEqual({ port: said });
    expect((await act('add_ip', { port: unknown }).expect(400)).body).toEqual({ port: said });
    expect((await act('add_port', {}).expect(400)).body).toEqual({ network: ['Give a network or a port.'] });
  });
});
