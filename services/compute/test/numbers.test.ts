import { sql } from '@nefos/service-kit';
import { createBody, useCloud } from './cloud-support.js';

describe('numbers in parameters', () => {
  const cloud = useCloud();
  const { service } = cloud;
  beforeAll(() => sql(service.db, `insert into client_group (name) select 'g' || i from generate_series(1, 520) i`));
  const rows = async (query: string): Promise<number> =>
    (await service.staff.get(`/staffapi/clientgroups?${query}`).expect(200)).body.objects.length;

  it.each([
    ['page_size=1000000000', 500],
    ['page_size=501', 500],
    ['page_size=99999999999999999999999', 500],
    ['page_size=30', 30],
    ['page_size=%2B30', 30],
    ['page_size=0', 20],
    ['page_size=-1', 20],
    ['page_size=1e3', 20],
    ['page_size=all', 20],
  ])('200: %s', async (query, wanted) => {
    expect(await rows(query)).toBe(wanted);
  });
  it.each(['0', '-1', 'x', '1.5', '99999999999999999999', '2147483648', ''])('404: page=%s', async (page) => {
    expect((await service.staff.get(`/staffapi/clientgroups?page=${page}`).expect(404)).body).toEqual({
      detail: 'Invalid page.',
    });
  });
  it('200: more lines of the console than there may be are as many as there may be', async () => {
    const id = await cloud.build({ name: 'console' });
    await sql(service.db, 'update sim_machine set boots = 150 where portal_id = $1', [id]);
    const lines = async (length: string) =>
      (
        (await service.staff.get(`/staffapi/openstack/instances/${id}/console-log?length=${length}`).expect(200)).body
          .output as string
      )
        .trim()
        .split('\n').length;
    expect([await lines('1000000'), await lines('10000'), await lines('3'), await lines('x')]).toEqual([
      450, 450, 3, 100,
    ]);
  });
  it.each(['x', '1e400', '9'.repeat(60)])(
    '400: an amount that is none narrows nothing in silence: %s',
    async (amount) => {
      const { body } = await service.staff
        .get(`/staffapi/clients/get_clients_to_invoice?uptodate_credit_max=${amount}`)
        .expect(400);
      expect(Object.keys(body)).toEqual(['uptodate_credit_max']);
    },
  );
  it.each(['0', '-10.5', '0.000000000001', ''])('200: an amount: %s', async (amount) => {
    await service.staff.get(`/staffapi/clients/get_clients_to_invoice?uptodate_credit_max=${amount}`).expect(200);
  });
  it.each(['99999999999', '2147483648', 'x', '0'])('404: a client that no client can be: %s', async (id) => {
    await service.staff.get(`/staffapi/openstack/billing/services/new_service_data?client_id=${id}`).expect(404);
    await service.user.post('/api/openstack/instances', createBody()).set('X-Client-Id', id).expect(404);
  });
});
