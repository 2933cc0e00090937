import { openDatabase, sql } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { migrations } from '../../src/migrations/index.js';
import { log, useService } from '../support.js';

describe("a user's clients", () => {
  const service = useService();
  // The ids of clients are random: of many sign-ups some are below the first.
  it('the oldest stays the default, however many more come, in every list', async () => {
    const user = await service.seedUser({ username: 'many', clients: [] });
    const signUp = async (n: number) =>
      (
        await user.as
          .post('/api/clients', {
            first_name: `F${n}`,
            last_name: 'L',
            address1: '1 Street',
            city: 'City',
            country: 'US',
            zip_code: '1',
            phone: '1',
            email: 'x@example.com',
          })
          .expect(201)
      ).body.id as number;
    const ids: number[] = [];
    for (let n = 0; n < 8; n += 1) ids.push(await signUp(n));
    expect(ids).not.toEqual([...ids].sort((a, b) => a - b));
    expect((await user.as.get('/api/current-user').expect(200)).body.clients.map((c: { id: number }) => c.id)).toEqual(
      ids,
    );
    expect((await service.staff.get(`/staffapi/users/${user.id}`).expect(200)).body.clients).toEqual(ids);
    expect((await service.ctx.callers.find(service.ctx.db, user.uuid, undefined)) as object).toMatchObject({
      clientIds: ids,
    });
    await service.staff.patch(`/staffapi/users/${user.id}`, { clients: [...ids].reverse() }).expect(200);
    expect((await service.staff.get(`/staffapi/users/${user.id}`).expect(200)).body.clients).toEqual(ids);
  });
  it('clients that staff give come in the order in which they are named', async () => {
    const user = await service.seedUser({ username: 'given', clients: [] });
    const [one, two] = [service.ownClient, service.otherClient].sort((a, b) => b - a) as [number, number];
    expect(
      (await service.staff.patch(`/staffapi/users/${user.id}`, { clients: [one, two] }).expect(200)).body.clients,
    ).toEqual([one, two]);
  });
});

it('memberships from before their order was kept: by the age of the client', async () => {
  const { url, drop } = await cloneDatabase({ name: 'compute_bare', migrations, log });
  const db = await openDatabase({ url, migrations, applicationName: 'test', log });
  try {
    const last = migrations.findIndex((one) => one.name.startsWith('MembershipOrder'));
    for (let n = migrations.length; n > last; n -= 1) await db.source.undoLastMigration();
    await sql(
      db,
      "insert into portal_user (id, uuid, username, email) values (1, gen_random_uuid(), 'u', 'u@example.com')",
    );
    for (const [id, age] of [
      [200, 3],
      [100, 1],
      [300, 2],
    ])
      await sql(
        db,
        `insert into client (id, first_name, last_name, email, address1, city, country, zip_code, phone, currency, configuration_id, created_at)
        select $1, 'A', 'B', 'x@example.com', '1', 'C', 'US', '1', '1', 'EUR', id, now() - $2 * interval '1 day' from configuration where is_default`,
        [id, age],
      );
    await sql(db, 'insert into client_user (client_id, user_id) select id, 1 from client order by id');
    await db.source.runMigrations();
    expect(
      (await sql<{ client_id: number }>(db, 'select client_id from client_user order by position')).map(
        (r) => r.client_id,
      ),
    ).toEqual([200, 300, 100]);
    await sql(
      db,
      "insert into portal_user (id, uuid, username, email) values (2, gen_random_uuid(), 'v', 'v@example.com')",
    );
    await sql(db, 'insert into client_user (client_id, user_id) values (100, 2)');
    expect(
      (await sql<{ user_id: number }>(db, 'select user_id from client_user order by position desc limit 1'))[0]
        ?.user_id,
    ).toBe(2);
  } finally {
    await db.close();
    await drop();
  }
});
