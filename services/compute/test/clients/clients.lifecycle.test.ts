import { sql } from '@nefos/service-kit';
import { insertClient } from '../../src/clients/store/clients.js';
import { useService } from '../support.js';

describe('the life of a client', () => {
  const service = useService();
  const act = (id: number, action: string, body?: object) =>
    service.staff.post(`/staffapi/clients/${id}/${action}`, body);
  const status = async (id: number): Promise<string | undefined> =>
    (await service.staff.get(`/staffapi/clients?filtering=id:${id}`).expect(200)).body.objects[0]?.status;
  const services = async (id: number) =>
    (await service.staff.get(`/staffapi/billing/services?filtering=client__id:${id}`).expect(200)).body.objects;

  it('200: suspend and resume, twice each, in their words; the services follow', async () => {
    const id = await service.seedClient();
    for (let i = 0; i < 2; i += 1)
      expect((await act(id, 'suspend').expect(200)).body).toEqual({ detail: 'Client suspended' });
    expect([await status(id), (await services(id))[0]]).toMatchObject([
      'suspended',
      { status: 'suspended', suspend_type: 'staff' },
    ]);
    for (let i = 0; i < 2; i += 1)
      expect((await act(id, 'resume').expect(200)).body).toEqual({ detail: 'Client resumed' });
    expect([await status(id), (await services(id))[0]]).toMatchObject([
      'active',
      { status: 'active', suspend_type: null },
    ]);
  });
  it('200: twenty suspensions and resumptions at once end in one of the two states, services alike', async () => {
    const id = await service.seedClient();
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => act(id, i % 2 ? 'resume' : 'suspend')));
    expect(all.map((res) => res.status)).toEqual(Array(20).fill(200));
    expect([await status(id), (await services(id))[0].status]).toEqual(
      (await status(id)) === 'active' ? ['active', 'active'] : ['suspended', 'suspended'],
    );
  });
  it('204: a client without services goes at once, with its users cut off', async () => {
    const id = await service.seedClient({ service: false });
    const user = await service.seedUser({ username: 'left', clients: [id] });
    await user.as.get(`/api/clients/${id}`).expect(200);
    expect((await service.staff.delete(`/staffapi/clients/${id}`).expect(204)).text).toBe('');
    await service.staff.get(`/staffapi/clients/${id}`).expect(404);
    await service.staff.delete(`/staffapi/clients/${id}`).expect(404);
    const [event] = await sql(
      service.db,
      `select payload->>'type' "type" from outbox where aggregate = $1 order by id desc limit 1`,
      [`account:${id}`],
    );
    expect(event).toEqual({ type: 'account.deleted' });
  });
  it('the id of a client that is gone names nobody else: its operations and its usage are told by it', async () => {
    const id = await service.seedClient({ service: false });
    const [row] = await sql<{ configuration_id: number }>(
      service.db,
      'select configuration_id from client where id = $1',
      [id],
    );
    const values = {
      firstName: 'New',
      lastName: 'Comer',
      company: null,
      email: 'x@example.com',
      address1: '1',
      address2: null,
      city: 'C',
      state: null,
      country: 'US',
      zipCode: '1',
      phone: '1',
      fax: null,
      vatId: null,
      currency: 'EUR',
      configurationId: row?.configuration_id as number,
      customFields: [],
      resellerClientId: null,
      externalBillingId: null,
      autoOrderServiceExternalBillingId: null,
    };
    await service.staff.delete(`/staffapi/clients/${id}`).expect(204);
    expect(await service.db.transaction((tx) => insertClient(tx, id, values))).toBe(false);
    expect(await status(id)).toBeUndefined();
  });
  it('409: with active or suspended services it stays', async () => {
    const id = await service.seedClient();
    expect((await service.staff.delete(`/staffapi/clients/${id}`).expect(409)).body).toEqual({
      detail: 'Client has active services.',
    });
    await act(id, 'suspend').expect(200);
    await service.staff.delete(`/staffapi/clients/${id}`).expect(409);
    expect(await status(id)).toBe('suspended');
  });
  it('204: with its cloud resources it is "deleting", refuses changes, and is gone when the job has run', async () => {
    const id = await service.seedClient();
    for (let i = 0; i < 2; i += 1)
      await service.staff.delete(`/staffapi/clients/${id}?delete_cloud_resources=true`).expect(204);
    expect(await status(id)).toBe('deleting');
    expect((await act(id, 'resume').expect(409)).body).toEqual({ detail: 'Client is being deleted.' });
    await service.work();
    expect(await status(id)).toBeUndefined();
    expect(await sql(service.db, 'select 1 from service where client_id = $1', [id])).toEqual([]);
  });
  it('the sweep gives a deleting client its job back when somebody took it away', async () => {
    const id = await service.seedClient();
    await service.staff.delete(`/staffapi/clients/${id}?delete_cloud_resources=true`).expect(204);
    await sql(service.db, 'select graphile_worker.complete_jobs(array_agg(id)) from graphile_worker.jobs');
    await service.work();
    expect(await status(id)).toBe('deleting');
    await service.sweep('clients.deleting');
    await service.work();
    expect(await status(id)).toBeUndefined();
  });
  it('200: terminate ends the services and keeps the client', async () => {
    const id = await service.seedClient();
    expect((await act(id, 'terminate', { delete_cloud_resources: 'true' }).expect(200)).body).toEqual({
      detail: 'Client terminated',
    });
    expect([await status(id), (await services(id))[0].status]).toEqual(['inactive', 'terminated']);
    await act(id, 'terminate', {}).expect(200);
  });
  it('404: no such client', async () => {
    for (const action of ['suspend', 'resume', 'terminate']) await act(1, action).expect(404);
  });

  describe('services', () => {
    it("200: the module's walk: suspend, unsuspend, activate, rename, terminate; each twice", async () => {
      const id = await service.seedClient();
      const [{ id: one }] = await services(id);
      const path = `/staffapi/billing/services/${one}`;
      expect((await service.staff.patch(path, { external_billing_id: '901' }).expect(200)).body).toMatchObject({
        id: one,
        external_billing_id: '901',
        client: { id },
        product: { product_type: 'openstack' },
        cycle: { cycle: 'month', currency: 'EUR' },
      });
      for (const [action, wanted] of [
        ['suspend', 'suspended'],
        ['unsuspend', 'active'],
        ['suspend', 'suspended'],
        ['resume', 'active'],
        ['activate', 'active'],
        ['terminate', 'terminated'],
      ]) {
        for (let i = 0; i < 2; i += 1)
          expect((await service.staff.post(`${path}/${action}`).expect(200)).body).toHaveProperty('detail');
        expect((await service.staff.get(path).expect(200)).body.status).toBe(wanted);
      }
      expect((await service.staff.post(`${path}/activate`).expect(409)).body).toEqual({
        detail: 'Service is terminated.',
      });
      const glue = '/staffapi/openstack/billing/services';
      const {
        products: [offer],
      } = (await service.staff.get(`${glue}/new_service_data?client_id=${id}`).expect(200)).body;
      expect(offer).toEqual({
        id: offer.id,
        name: 'OpenStack',
        cycles: [{ id: offer.cycles[0].id, cycle: 'month', cycle_multiplier: 1, currency: 'EUR' }],
      });
      const wish = {
        client_id: id,
        product_id: offer.id,
        product_cycle_id: offer.cycles[0].id,
        service_external_id: '902',
        create_new_project: true,
      };
      const both = await Promise.all([0, 1].map(() => service.staff.post(`${glue}/create_openstack_service`, wish)));
      expect(both.map((res) => res.status).sort()).toEqual([201, 400]);
      expect(both.find((res) => res.status === 201)?.body).toMatchObject({
        status: 'active',
        external_billing_id: '902',
      });
      expect(both.find((res) => res.status === 400)?.body).toEqual({
        client_id: ['Client already has an OpenStack service.'],
      });
      expect(await status(id)).toBe('active');
      for (const [change, body] of [
        [{ client_id: 99_999_999_999 }, { client_id: ['Invalid pk "99999999999" - object does not exist.'] }],
        [{ product_id: 77 }, { product_id: ['Invalid pk "77" - object does not exist.'] }],
        [{ product_cycle_id: 77 }, { product_cycle_id: ['Invalid pk "77" - object does not exist.'] }],
      ] as const)
        expect(
          (await service.staff.post(`${glue}/create_openstack_service`, { ...wish, ...change }).expect(400)).body,
        ).toEqual(body);
      for (const query of ['', '?client_id=x', '?client_id=1'])
        await service.staff.get(`${glue}/new_service_data${query}`).expect(404);
    });
  });
});
