import http from 'node:http';
import { createFastServer, drain, listen, sql } from '@nefos/service-kit';
import { insertSeedClients } from '../../src/clients/store/demo.js';
import { useService } from '../support.js';

describe('GET /staffapi/clients', () => {
  const service = useService();
  beforeAll(() => service.db.transaction(insertSeedClients));
  const ids = async (query: string): Promise<number[]> =>
    (await service.staff.get(`/staffapi/clients?${query}`).expect(200)).body.objects.map(
      (one: { id: number }) => one.id,
    );

  it('200: filters are ANDed, by %2B or a raw plus', async () => {
    expect(await ids('filtering=id:322208%2Bcountry:DE')).toEqual([322208]);
    expect(await ids('filtering=id:322208+country:DE')).toEqual([322208]);
    expect(await ids('filtering=id:322208%2Bcountry:RO')).toEqual([]);
    expect(await ids('filtering=id__in:322208,599151%2Bid__ne:322208')).toEqual([599151]);
    expect(await ids('filtering=id:599151%2Bcountry__iexact:ro')).toEqual([599151]);
    expect(await ids('filtering=date_created__lt:2019-07-01T00:00:00%2B03:00')).toEqual([599151]);
  });
  it('200: pages link to each other from the public address and keep the rest', async () => {
    const first = (
      await service.staff
        .get('/backend/staffapi/clients/?page_size=2&ordering=id&?&filtering=id__in:322208,599151,765823')
        .expect(200)
    ).body;
    expect(first).toMatchObject({ count: 3, totalCount: 3, pageNo: 1, previous: null });
    const next = new URL(first.next);
    expect([
      next.origin,
      next.pathname,
      next.searchParams.get('page'),
      next.searchParams.get('page_size'),
      next.searchParams.get('filtering'),
    ]).toEqual(['http://cloud.test', '/backend/staffapi/clients/', '2', '2', 'id__in:322208,599151,765823']);
    const second = (await service.staff.get(next.pathname + next.search).expect(200)).body;
    expect(second).toMatchObject({ next: null, pageNo: 2 });
    expect(new URL(second.previous).searchParams.get('page')).toBe('1');
    expect([...first.objects, ...second.objects].map((one: { id: number }) => one.id)).toEqual([
      322208, 599151, 765823,
    ]);
  });
  it('200: a host in the request line does not reach the links', async () => {
    const server = createFastServer(service.app);
    const port = await listen(server, 0, '127.0.0.1');
    const body = await new Promise<string>((resolve, reject) => {
      const req = http.request(
        {
          port,
          path: 'http://evil.test/staffapi/clients?page_size=1',
          headers: { Authorization: `Token ${service.tokens.staff}`, Host: 'evil.test' },
        },
        (res) => {
          let text = '';
          res.on('data', (part: Buffer) => {
            text += part.toString();
          });
          res.on('end', () => resolve(text));
        },
      );
      req.on('error', reject);
      req.end();
    });
    await drain(server, 0);
    expect((JSON.parse(body) as { next: string }).next).toBe('http://cloud.test/staffapi/clients?page_size=1&page=2');
  });
  it('404: a page behind the last one', async () => {
    expect((await service.staff.get('/staffapi/clients?page=99').expect(404)).body).toEqual({
      detail: 'Invalid page.',
    });
  });
  it('400: an unknown filter is named', async () => {
    expect((await service.staff.get('/staffapi/clients?filtering=secret:1').expect(400)).body).toEqual({
      detail: 'Invalid filter: secret:1',
    });
  });
  it('200: every documented path of the filter is understood by the database', async () => {
    for (const term of [
      'id:1',
      'status:active',
      'currency:EUR',
      'country:DE',
      'groups__name:a',
      'configuration__name:default',
      'external_billing_id:x',
      'date_created__gte:2019-01-01',
      'email__icontains:x',
      'external_billing_id__isnull:true',
      'id__range:1,2',
      'date_created__range:2019-01-01,2019-02-01',
      'date_created__contains:2019',
      'id__startswith:3',
    ])
      await service.staff.get(`/staffapi/clients?filtering=${term}`).expect(200);
    for (const path of [
      'users?filtering=clients__id:1',
      'users?filtering=is_active:true',
      'billing/services?filtering=client__external_billing_id:x%2Bproduct__product_type:openstack%2Bid__ne:1%2Bstatus:active',
      'clientgroups?search=a',
      'configurations?ordering=name',
      'billing/currencies',
    ])
      await service.staff.get(`/staffapi/${path}`).expect(200);
  });
  it('200: status follows hold and services', async () => {
    const id = await service.seedClient({ service: false });
    expect(await ids(`filtering=id:${id}%2Bstatus:inactive`)).toEqual([id]);
  });
  it('200: search takes quotes and percent signs as text', async () => {
    expect(await ids(`search=${encodeURIComponent("%';")}`)).toEqual([]);
    expect(await ids('search=Emil232663')).toEqual([765823]);
  });
});

describe('GET /staffapi/clients/:id and updates', () => {
  const service = useService();

  it('200: list keys, form keys and details', async () => {
    const { body } = await service.staff.get(`/staffapi/clients/${service.ownClient}`).expect(200);
    expect(body).toMatchObject({
      id: service.ownClient,
      name: 'Jane Doe',
      status: 'active',
      credits: [],
      effective_credit_limit: '0.00',
      tax_exempt: false,
      users: [{ username: 'demo' }],
      services: [{ display_name: 'OpenStack', status: 'active' }],
      address1: '1 Street',
    });
  });
  it.each(['0', '1', 'x', '999999999999', '1e3', '%00'])('404: %s', async (id) => {
    await service.staff.get(`/staffapi/clients/${id}`).expect(404);
  });
  it('200: PATCH changes what it names; the new name is told to metering', async () => {
    const { body } = await service.staff
      .patch(`/staffapi/clients/${service.ownClient}`, { last_name: 'Roe', company: 'Co' })
      .expect(200);
    expect(body).toMatchObject({ last_name: 'Roe', company: 'Co', first_name: 'Jane', address1: '1 Street' });
    await service.staff.patch(`/staffapi/clients/${service.ownClient}`, { city: 'Boston' }).expect(200);
    const events = await sql<{ payload: { type: string; sequence: number; account: object } }>(
      service.db,
      'select payload from outbox where aggregate = $1',
      [`account:${service.ownClient}`],
    );
    expect(events.map(({ payload }) => [payload.type, payload.sequence, payload.account])).toEqual([
      ['account.updated', 1, { number: String(service.ownClient), name: 'Jane Roe', identities: [expect.any(String)] }],
    ]);
  });
  it('400: PUT wants the whole', async () => {
    expect(
      (await service.staff.put(`/staffapi/clients/${service.ownClient}`, { city: 'x' }).expect(400)).body,
    ).toHaveProperty('first_name', ['This field is required.']);
  });
  it('400: the currency stays once there is money', async () => {
    const path = `/staffapi/clients/${service.otherClient}`;
    await service.staff.patch(path, { currency: 'USD' }).expect(200);
    await service.staff.post(`${path}/change_credit`, { amount: '1', currency: 'USD' }).expect(200);
    expect((await service.staff.patch(path, { currency: 'EUR' }).expect(400)).body).toHaveProperty('currency');
  });
  it('groups are made, given by name or id, and shown by name', async () => {
    const { body: group } = await service.staff.post('/staffapi/clientgroups', { name: 'grp1' }).expect(201);
    expect(group).toEqual({ id: group.id, name: 'grp1', description: '', is_default: false });
    expect(
      (await service.staff.patch(`/staffapi/clients/${service.ownClient}`, { groups: [group.id] }).expect(200)).body
        .groups,
    ).toEqual(['grp1']);
    expect(
      (await service.staff.patch(`/staffapi/clients/${service.ownClient}`, { groups: ['grp1'] }).expect(200)).body
        .groups,
    ).toEqual(['grp1']);
    expect(
      (await service.staff.get(`/staffapi/clients?filtering=groups__name:grp1`).expect(200)).body.objects[0].group_name,
    ).toBe('grp1');
    expect((await service.staff.post('/staffapi/clientgroups', { name: 'grp1' }).expect(400)).body).toEqual({
      name: ['This field must be unique.'],
    });
    await service.staff.delete(`/staffapi/clientgroups/${group.id}`).expect(204);
    await service.staff.delete(`/staffapi/clientgroups/${group.id}`).expect(404);
  });
});

describe('/api/clients', () => {
  const service = useService();

  it("404: another client's looks absent", async () => {
    expect(
      (await service.user.get('/api/clients').expect(200)).body.objects.map((one: { id: number }) => one.id),
    ).toEqual([service.ownClient]);
    await service.user.get(`/api/clients/${service.ownClient}`).expect(200);
    for (const one of [
      service.user.get(`/api/clients/${service.otherClient}`),
      service.user.patch(`/api/clients/${service.otherClient}`, { city: 'x' }),
    ])
      expect((await one.expect(404)).body).toEqual({ detail: 'Not found.' });
    expect(
      (await service.user.get(`/api/clients?filtering=id:${service.otherClient}`).expect(200)).body.totalCount,
    ).toBe(0);
  });
  it('200: own details can be changed, what staff decides can not', async () => {
    const { body } = await service.user
      .patch(`/api/clients/${service.ownClient}`, {
        city: 'Here',
        external_billing_id: 'stolen',
        configuration: 'x',
        reseller_client: 1,
      })
      .expect(200);
    expect(body).toMatchObject({
      city: 'Here',
      external_billing_id: null,
      configuration: 'default',
      reseller_client: 0,
    });
  });
  it('405: no delete, 404: no suspend and no credit', async () => {
    await service.user.delete(`/api/clients/${service.ownClient}`).expect(405);
    for (const action of ['suspend', 'change_credit'])
      await service.user.post(`/api/clients/${service.ownClient}/${action}`, {}).expect(404);
  });
  it('201: signing up makes the caller the owner, at once', async () => {
    const { body } = await service.user
      .post('/api/clients', {
        first_name: 'My',
        last_name: 'Own',
        email: 'my@own.com',
        address1: 'a',
        city: 'c',
        country: 'RO',
        zip_code: '1',
        phone: '1',
        external_billing_id: 'x',
      })
      .expect(201);
    expect(body.external_billing_id).toBeNull();
    await service.user.get(`/api/clients/${body.id}`).expect(200);
    await service.stranger.get(`/api/clients/${body.id}`).expect(404);
  });
});
