import { sql } from '@nefos/service-kit';
import { useService } from '../support.js';

/** The seed's own request (fleio-using-api.txt, Create a new client). */
const JANE = {
  address1: '99 Elm St.',
  city: 'New York',
  country: 'US',
  create_auto_order_service: true,
  currency: 'EUR',
  email: 'jane@doe.com',
  first_name: 'Jane',
  last_name: 'Doe',
  phone: '9999999',
  state: 'NY',
  zip_code: '1000',
};
const PLAIN = { ...JANE, create_auto_order_service: false };

describe('POST /staffapi/clients', () => {
  const service = useService();
  const create = (more: object = {}) => service.staff.post('/staffapi/clients', { ...PLAIN, ...more });
  const listed = async (id: number) =>
    (await service.staff.get(`/staffapi/clients?filtering=id:${id}`).expect(200)).body.objects[0];
  const count = async (): Promise<number> =>
    (await sql<{ n: number }>(service.db, 'select count(*)::int n from client'))[0]?.n ?? 0;

  it('201: answers the 22 keys of the form, the wish to order false', async () => {
    const { body } = await service.staff.post('/staffapi/clients', JANE).expect(201);
    expect(body).toEqual({
      external_billing_id: null,
      create_auto_order_service: false,
      address2: null,
      last_name: 'Doe',
      custom_fields: [],
      address1: '99 Elm St.',
      zip_code: '1000',
      id: body.id,
      first_name: 'Jane',
      reseller_client: 0,
      fax: null,
      country: 'US',
      phone: '9999999',
      configuration: 'default',
      city: 'New York',
      currency: 'EUR',
      company: null,
      groups: [],
      auto_order_service_external_billing_id: null,
      state: 'NY',
      email: 'jane@doe.com',
      vat_id: null,
    });
    expect(body.id).toBeGreaterThanOrEqual(100_000);
    expect(await listed(body.id)).toMatchObject({
      status: 'active',
      name: 'Jane Doe',
      long_name: 'Jane Doe',
      country_name: 'United States of America',
      uptodate_credit: '0.00',
      outofcredit_datetime: null,
      group_name: '',
      configuration_name: '',
    });
  });
  it('201: the auto-ordered OpenStack service has a project of 32 hex digits and the external id that was given', async () => {
    const { body } = await service.staff
      .post('/staffapi/clients', { ...JANE, auto_order_service_external_billing_id: '901' })
      .expect(201);
    const rows = await sql(
      service.db,
      `select s.status, s.product_type, s.external_billing_id, p.id ~ '^[0-9a-f]{32}$' hex, o.status "order" from service s join project p on p.service_id = s.id join client_order o on o.id = s.order_id where s.client_id = $1`,
      [body.id],
    );
    expect(rows).toEqual([
      { status: 'active', product_type: 'openstack', external_billing_id: '901', hex: true, order: 'completed' },
    ]);
  });
  it('201: without the order the client is inactive', async () => {
    const { body } = await create().expect(201);
    expect(await listed(body.id)).toMatchObject({ status: 'inactive' });
  });
  it('400: every refused field is named at once, and nothing is made', async () => {
    const before = await count();
    const { body, headers } = await service.staff
      .post('/staffapi/clients', {
        first_name: '',
        last_name: null,
        email: 'jane',
        country: 'XX',
        zip_code: '12345678901',
        city: {},
        create_auto_order_service: 'perhaps',
        groups: 'x',
      })
      .expect(400);
    expect(body).toEqual({
      first_name: ['This field may not be blank.'],
      last_name: ['This field may not be null.'],
      email: ['Enter a valid email address.'],
      country: ['"XX" is not a valid choice.'],
      zip_code: ['Ensure this field has no more than 10 characters.'],
      city: ['Not a valid string.'],
      create_auto_order_service: ['Must be a valid boolean.'],
      groups: ['Expected a list of items but got type "str".'],
      address1: ['This field is required.'],
      phone: ['This field is required.'],
    });
    expect(headers['x-error-code']).toBe('validation');
    expect(await count()).toBe(before);
  });
  it('400: what the client refers to must be there', async () => {
    const { body } = await create({
      currency: 'XXX',
      configuration: 'none',
      groups: ['grp1'],
      reseller_client: 7,
    }).expect(400);
    expect(body).toEqual({
      currency: ['Invalid pk "XXX" - object does not exist.'],
      configuration: ['Object with name=none does not exist.'],
      groups: ['Object with name=grp1 does not exist.'],
      reseller_client: ['Invalid pk "7" - object does not exist.'],
    });
  });
  it('400: an external id is given once', async () => {
    await create({ external_billing_id: 'a:b' }).expect(201);
    expect((await create({ external_billing_id: 'a:b' }).expect(400)).body).toEqual({
      external_billing_id: ['This field must be unique.'],
    });
  });
  it('201: two blank external ids do not collide, blank optional fields are kept', async () => {
    for (let i = 0; i < 2; i += 1)
      expect((await create({ external_billing_id: '', company: '', vat_id: '' }).expect(201)).body).toMatchObject({
        company: '',
        vat_id: '',
        external_billing_id: null,
      });
  });
  it('403: an end user makes no client for others', async () => {
    await service.user.post('/staffapi/clients', PLAIN).expect(403);
  });

  describe('with a user', () => {
    const user = (name: string) => ({
      username: name,
      email: `${name}@example.com`,
      email_verified: true,
      first_name: 'End',
      last_name: 'User',
      password: 'Aa1-something-long',
      external_billing_id: `x-${name}`,
    });

    it('201: identity has the user, let in, and the client is theirs', async () => {
      const { body } = await create({ user: user('owner') }).expect(201);
      expect(body).not.toHaveProperty('user');
      const [made] = (await service.staff.get('/staffapi/users?external_billing_id=x-owner').expect(200)).body.objects;
      expect(made).toMatchObject({ username: 'owner', is_active: true, is_staff: false, clients: [body.id] });
      expect([...service.identity.users.values()].find((one) => one.email === 'owner@example.com')).toMatchObject({
        active: true,
      });
      expect(
        await sql(
          service.db,
          `select payload->'account'->>'name' "name", payload->>'type' "type" from outbox where aggregate = $1`,
          [`account:${body.id}`],
        ),
      ).toEqual([{ name: 'Jane Doe', type: 'account.updated' }]);
    });
    it('503: with identity silent nothing is made, and the caller is told when to come again', async () => {
      const before = await count();
      await service.staff.get('/staffapi/clients').expect(200); // the token is known before identity falls silent
      service.identity.down = true;
      try {
        const { headers } = await create({ user: user('nobody') }).expect(503);
        expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      } finally {
        service.identity.down = false;
      }
      expect(await count()).toBe(before);
      expect((await service.staff.get('/staffapi/users?username=nobody').expect(200)).body.totalCount).toBe(0);
    });
    it('201: identity silent after the commit: the job lets the user in', async () => {
      const activate = service.identity.activateUser;
      service.identity.activateUser = async () => {
        throw new Error('silent');
      };
      try {
        await create({ user: user('late') }).expect(201);
      } finally {
        service.identity.activateUser = activate;
      }
      const identity = () => [...service.identity.users.values()].find((one) => one.email === 'late@example.com');
      expect(identity()?.active).toBe(false);
      await service.work();
      expect(identity()?.active).toBe(true);
    });
    it('201 once: six requests at once for one user make one, who is at identity and let in', async () => {
      const all = await Promise.all(Array.from({ length: 6 }, () => create({ user: user('raced') })));
      expect(all.map((res) => res.status).sort()).toEqual([201, 400, 400, 400, 400, 400]);
      const [made] = await sql<{ uuid: string; activated: boolean }>(
        service.db,
        `select uuid, activated from portal_user where username = 'raced'`,
      );
      expect([made?.activated, service.identity.users.get(made?.uuid as string)?.active]).toEqual([true, true]);
    });
    it('201: six at once under one Idempotency-Key get one answer, and the user is let in', async () => {
      const all = await Promise.all(
        Array.from({ length: 6 }, () => create({ user: user('keyed') }).set('Idempotency-Key', 'with-user')),
      );
      expect(all.map((res) => [res.status, res.body.id])).toEqual(Array(6).fill([201, all[0]?.body.id]));
      const [made] = await sql<{ uuid: string }>(service.db, `select uuid from portal_user where username = 'keyed'`);
      expect(service.identity.users.get(made?.uuid as string)?.active).toBe(true);
    });
    it('400: the address of a user who is not let in yet: identity would forget that one for a namesake', async () => {
      const activate = service.identity.activateUser;
      service.identity.activateUser = async () => {
        throw new Error('silent');
      };
      try {
        await create({ user: user('first') }).expect(201);
      } finally {
        service.identity.activateUser = activate;
      }
      expect((await create({ user: { ...user('second'), email: 'First@example.com' } }).expect(400)).body).toEqual({
        user: { email: ['This field must be unique.'] },
      });
      await service.work();
      expect([...service.identity.users.values()].find((one) => one.email === 'first@example.com')?.active).toBe(true);
    });
    it('400: a name that is taken, an e-mail that is verified elsewhere', async () => {
      expect((await create({ user: { ...user('owner2'), username: 'demo' } }).expect(400)).body).toEqual({
        user: { username: ['This field must be unique.'] },
      });
      expect((await create({ user: { ...user('owner3'), email: 'demo@example.com' } }).expect(400)).body).toEqual({
        user: { email: ['This field must be unique.'] },
      });
      expect((await create({ user: { ...user('owner4'), email: 'nobody' } }).expect(400)).body).toEqual({
        user: { email: ['Enter a valid email address.'] },
      });
    });
  });

  describe('Idempotency-Key', () => {
    const keyed = (key: string, body: object, path = '/staffapi/clients') =>
      service.staff.post(path, body).set('Idempotency-Key', key);

    it('201: the same request again gets the same answer and makes nothing', async () => {
      const first = await keyed('one', PLAIN).expect(201);
      const before = await count();
      expect((await keyed('one', PLAIN).expect(201)).body).toEqual(first.body);
      expect(await count()).toBe(before);
    });
    it('422: another body, or another route, under the same key', async () => {
      await keyed('two', PLAIN).expect(201);
      expect((await keyed('two', { ...PLAIN, city: 'Boston' }).expect(422)).headers['x-error-code']).toBe(
        'idempotency_mismatch',
      );
      await keyed('two', { name: 'g' }, '/staffapi/clientgroups').expect(422);
    });
    it('201: eight at once make one client and get one answer', async () => {
      const before = await count();
      const all = await Promise.all(Array.from({ length: 8 }, () => keyed('race', PLAIN)));
      expect(all.map((res) => res.status)).toEqual(Array(8).fill(201));
      expect(new Set(all.map((res) => res.body.id)).size).toBe(1);
      expect(await count()).toBe(before + 1);
    });
    it('201: a refused request does not use its key up', async () => {
      await keyed('three', { ...PLAIN, currency: 'XXX' }).expect(400);
      await keyed('three', PLAIN).expect(201);
    });
    it('201: after a day the key is free again', async () => {
      const { body } = await keyed('day', PLAIN).expect(201);
      service.clock.advance(24 * 3600 + 1);
      expect((await keyed('day', PLAIN).expect(201)).body.id).not.toBe(body.id);
    });
    it('201: the stored answer is the first one byte for byte, members in the same order', async () => {
      const first = await keyed('bytes', { ...PLAIN, custom_fields: [{ value: 'Ω', name: 'z' }] }).expect(201);
      const again = await keyed('bytes', { ...PLAIN, custom_fields: [{ value: 'Ω', name: 'z' }] }).expect(201);
      expect(again.text).toBe(first.text);
    });
    it('500: when the answer can not be stored there is no effect either', async () => {
      await sql(
        service.db,
        `create function refuse() returns trigger language plpgsql as $$ begin raise 'full'; end $$;
        create trigger refuse before update on idempotency_key for each row execute function refuse()`,
      );
      const before = await count();
      await keyed('together', PLAIN).expect(500);
      expect(await count()).toBe(before);
      await sql(service.db, 'drop trigger refuse on idempotency_key; drop function refuse');
      await keyed('together', PLAIN).expect(201);
      expect(await count()).toBe(before + 1);
    });
    it('409: an answer that an earlier release lost after the effect makes no second effect', async () => {
      await keyed('lost', PLAIN).expect(201);
      await sql(service.db, `update idempotency_key set status = null, body = null, headers = null where key = 'lost'`);
      service.clock.advance(60);
      const before = await count();
      await keyed('lost', PLAIN).expect(409);
      expect(await count()).toBe(before);
    });
    it("201: another user's key of the same name is another key", async () => {
      const other = await service.seedUser({ username: 'staff2', staff: true });
      const { body } = await keyed('shared', PLAIN).expect(201);
      expect(
        (await other.as.post('/staffapi/clients', PLAIN).set('Idempotency-Key', 'shared').expect(201)).body.id,
      ).not.toBe(body.id);
    });
  });
});
