import { sql } from '@nefos/service-kit';
import { useService } from '../support.js';

describe('staff who are no superusers', () => {
  const service = useService();
  const forbidden = { detail: 'You do not have permission to perform this action.' };
  const person = async (username: string, { staff = true, superuser = false } = {}) => {
    const user = await service.seedUser({ username, staff });
    if (superuser) await sql(service.db, 'update portal_user set is_superuser = true where id = $1', [user.id]);
    return user;
  };
  const newUser = (name: string, more: object = {}) => ({
    username: name,
    email: `${name}@example.com`,
    first_name: 'A',
    last_name: 'B',
    password: 'Aa1-something-long',
    ...more,
  });

  it('403: change, delete, and hold the tokens of no superuser and no other staff; nothing happens', async () => {
    const me = await person('me');
    for (const other of [await person('root', { superuser: true }), await person('peer')]) {
      const own = (await other.as.post(`/staffapi/users/${other.id}/tokens`, { name: 'own' }).expect(201)).body;
      const rows = () => sql(service.db, 'select * from portal_user where id = $1', [other.id]);
      const before = await rows();
      const path = `/staffapi/users/${other.id}`;
      for (const change of [
        { is_active: false },
        { first_name: 'X' },
        { clients: [service.ownClient] },
        { external_billing_id: '7' },
        {},
      ])
        expect([change, (await me.as.patch(path, change)).body]).toEqual([change, forbidden]);
      await me.as.delete(path).expect(403);
      await me.as.get(`${path}/tokens`).expect(403);
      await me.as.post(`${path}/tokens`, { name: 'mine' }).expect(403);
      await me.as.delete(`${path}/tokens/${own.id}`).expect(403);
      expect(await rows()).toEqual(before);
      await service.as(own.key).get('/staffapi/current-user').expect(200);
    }
  });
  it('403: make no staff; identity hears nothing', async () => {
    const me = await person('maker');
    const calls = service.identity.calls.length;
    expect((await me.as.post('/staffapi/users', newUser('second', { is_staff: true })).expect(403)).body).toEqual(
      forbidden,
    );
    expect(service.identity.calls.length).toBe(calls);
  });
  it('200: change the own name, and nothing else of themselves; own tokens', async () => {
    const me = await person('self');
    const path = `/staffapi/users/${me.id}`;
    expect((await me.as.patch(path, { first_name: 'New', last_name: 'Name' }).expect(200)).body).toMatchObject({
      first_name: 'New',
      last_name: 'Name',
    });
    for (const change of [
      { is_active: false },
      { clients: [] },
      { external_billing_id: '7' },
      { first_name: 'X', is_active: true },
    ])
      await me.as.patch(path, change).expect(403);
    await me.as.delete(path).expect(403);
    const { body } = await me.as.post(`${path}/tokens`, { name: 'own' }).expect(201);
    expect((await me.as.get(`${path}/tokens`).expect(200)).body.totalCount).toBe(1);
    await me.as.delete(`${path}/tokens/${body.id}`).expect(204);
  });
  it('403: change a person, or make one, with a restricted application credential, a superuser too; nothing happens', async () => {
    const root = await person('limited', { superuser: true });
    const customer = await service.seedUser({ username: 'left alone', staff: false });
    const { body } = await root.as.post(`/staffapi/users/${root.id}/tokens`, { name: 'own' }).expect(201);
    service.identity.tokens.set('b'.repeat(40), { ...service.identity.tokens.get(body.key)!, restricted: true });
    const limited = service.as('b'.repeat(40));
    const calls = service.identity.calls.length;
    await limited.get('/staffapi/users').expect(200);
    const client = {
      first_name: 'A',
      last_name: 'B',
      address1: 'C',
      city: 'D',
      country: 'US',
      zip_code: '1',
      phone: '1',
      email: 'left@example.com',
    };
    const answers = [
      await limited.post('/staffapi/users', newUser('third', { is_staff: true })),
      await limited.post('/staffapi/users', newUser('fourth')),
      await limited.post('/staffapi/clients', { ...client, user: newUser('fifth') }),
      await limited.patch(`/staffapi/users/${customer.id}`, { clients: [service.ownClient] }),
      await limited.patch(`/staffapi/users/${root.id}`, { first_name: 'X' }),
      await limited.delete(`/staffapi/users/${customer.id}`),
    ];
    expect(answers.map(({ status, body: said }) => [status, said])).toEqual(answers.map(() => [403, forbidden]));
    expect(service.identity.calls.length).toBe(calls);
    await limited.post('/staffapi/clients', client).expect(201);
  });
  it('200: do everything with end users', async () => {
    const me = await person('worker');
    const { body } = await me.as.post('/staffapi/users', newUser('customer')).expect(201);
    const path = `/staffapi/users/${body.id}`;
    await me.as.patch(path, { is_active: false, clients: [service.ownClient] }).expect(200);
    await me.as.patch(path, { is_active: true }).expect(200);
    const { body: token } = await me.as.post(`${path}/tokens`, { name: 't' }).expect(201);
    await me.as.get(`${path}/tokens`).expect(200);
    await me.as.delete(`${path}/tokens/${token.id}`).expect(204);
    await me.as.delete(path).expect(204);
  });
  it('200: a superuser does all of this to everybody', async () => {
    const root = await person('top', { superuser: true });
    const other = await person('top two', { superuser: true });
    const { body } = await root.as.post('/staffapi/users', newUser('staff', { is_staff: true })).expect(201);
    for (const id of [body.id, other.id]) {
      await root.as.patch(`/staffapi/users/${id}`, { is_active: true, first_name: 'X' }).expect(200);
      await root.as.post(`/staffapi/users/${id}/tokens`, { name: 't' }).expect(201);
      await root.as.delete(`/staffapi/users/${id}`).expect(204);
    }
  });
});
