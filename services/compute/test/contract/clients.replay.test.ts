import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sql } from '@nefos/service-kit';
import { seed } from '../../src/seed.js';
import { useService } from '../support.js';

// The exchanges of the seed document (fleio-using-api.txt), as printed there.
const LIST = JSON.parse(`{ "count" : 3, "next" : null, "previous" : null, "objects" : [
 { "last_name" : "Demo2", "date_created" : "2019-11-21T16:43:25.073366+02:00", "phone" : "453453456t56", "city" : "vsdfvg", "long_name" : "My Co (Demo2 Demo2)", "first_name" : "Demo2", "uptodate_credit" : "0.00", "vat_id" : "DE9090909090", "country_name" : "Germany", "group_name" : "", "company" : "My Co", "currency" : "EUR", "country" : "DE", "state" : "sadfvgsd", "outofcredit_datetime" : null, "name" : "Demo2 Demo2", "configuration_name" : "", "email" : "demo2@demo2.com", "id" : 322208, "suspend_instead_of_terminate" : false, "status" : "active" },
 { "country_name" : "Switzerland", "group_name" : "", "company" : "Die Firma GmbH", "country" : "CH", "currency" : "EUR", "last_name" : "Test", "date_created" : "2019-09-13T11:30:41.443349+03:00", "phone" : "0267123456", "city" : "Cluj-Napoca", "long_name" : "Die Firma GmbH (Emil232663 Test)", "uptodate_credit" : "100.00", "first_name" : "Emil232663", "vat_id" : "CHE-909.222.212", "id" : 765823, "suspend_instead_of_terminate" : false, "status" : "active", "state" : "Cluj", "outofcredit_datetime" : null, "name" : "Emil232663 Test", "configuration_name" : "", "email" : "emil232663@duhan.com" },
 { "long_name" : "Demo Demo", "first_name" : "Demo", "uptodate_credit" : "13674.00", "vat_id" : null, "date_created" : "2019-06-06T11:27:06.543770+03:00", "last_name" : "Demo", "phone" : "89898989", "city" : "jhjh", "company" : null, "currency" : "EUR", "country" : "RO", "country_name" : "Romania", "group_name" : "", "configuration_name" : "", "email" : "demo@fleiobogustest.com", "state" : "ujhjhjh", "outofcredit_datetime" : null, "name" : "Demo Demo", "status" : "active", "id" : 599151, "suspend_instead_of_terminate" : false } ],
 "totalCount" : 3, "pageNo" : 1 }`) as { objects: Record<string, unknown>[] };
const CREATE =
  '{"address1": "99 Elm St.", "city": "New York", "country": "US", "create_auto_order_service": true, "currency": "EUR", "email": "jane@doe.com", "first_name": "Jane", "last_name": "Doe", "phone": "9999999", "state": "NY", "zip_code": "1000"}';
const CREATED = JSON.parse(
  `{ "external_billing_id" : null, "create_auto_order_service" : false, "address2" : null, "last_name" : "Doe", "custom_fields" : [], "address1" : "99 Elm St.", "zip_code" : "1000", "id" : 722694, "first_name" : "Jane", "reseller_client" : 0, "fax" : null, "country" : "US", "phone" : "9999999", "configuration" : "default", "city" : "New York", "currency" : "EUR", "company" : null, "groups" : [], "auto_order_service_external_billing_id" : null, "state" : "NY", "email" : "jane@doe.com", "vat_id" : null }`,
) as Record<string, unknown>;
const TOKEN = '4e93e9b8e5072259856249e7ad5a7a1f2222cfa9';
const STAFF = {
  uuid: '7b1f2a3c-5d4e-4f60-8a91-b2c3d4e5f601',
  username: 'seedadmin',
  email: 'seedadmin@example.com',
  first_name: 'Demo',
  last_name: 'Admin',
  is_staff: true,
};
const USER = {
  uuid: '3c9e7d52-64c1-4b0f-9d1a-2f6b8a7c5e02',
  username: 'seeduser',
  email: 'demo@fleiobogustest.com',
  first_name: 'Demo',
  last_name: 'Demo',
  clients: [599151, 1],
};

describe('the seed document, replayed against the demo fixture', () => {
  const service = useService();
  const plant = async () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-bootstrap-'));
    const file = path.join(dir, 'bootstrap.json');
    writeFileSync(file, JSON.stringify({ compute: { users: [STAFF, USER] } }));
    await seed({
      ...service.ctx,
      config: { ...service.ctx.config, NEFOS_FIXTURE: 'demo', NEFOS_BOOTSTRAP_FILE: file },
    });
    rmSync(dir, { recursive: true });
  };
  beforeAll(async () => {
    // The suite's own clients are not in the document.
    await sql(service.db, 'delete from client');
    await plant();
    service.identity.tokens.set(TOKEN, {
      kind: 'user',
      uuid: STAFF.uuid,
      displayName: 'demoadmin',
      roles: [],
      via: 'token',
    });
  });
  const asDocumented = () => service.as(TOKEN);

  it('List all clients: letter for letter, but for the two keys of later editions', async () => {
    const { body } = await asDocumented().get('/staffapi/clients').expect(200);
    for (const one of body.objects) {
      expect([one.external_billing_id, one.has_billing_agreement]).toEqual([null, false]);
      delete one.external_billing_id;
      delete one.has_billing_agreement;
    }
    expect(body).toEqual(LIST);
  });
  it('Create a new client: the documented answer, with an id of its own', async () => {
    const { body, headers } = await asDocumented()
      .post('/staffapi/clients')
      .set('Content-Type', 'application/json')
      .send(CREATE)
      .expect(201);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(body).toEqual({ ...CREATED, id: body.id });
    expect(String(body.id)).toMatch(/^\d{6}$/);
    await asDocumented().delete(`/staffapi/clients/${body.id}?delete_cloud_resources=true`).expect(204);
  });
  it('loading again changes nothing, and brings nothing back that was deleted', async () => {
    await asDocumented().patch('/staffapi/clients/322208', { city: 'Elsewhere' }).expect(200);
    await asDocumented().delete('/staffapi/clients/765823?delete_cloud_resources=true').expect(204);
    await service.work();
    await plant();
    expect((await asDocumented().get('/staffapi/clients/322208').expect(200)).body.city).toBe('Elsewhere');
    await asDocumented().get('/staffapi/clients/765823').expect(404);
    expect(
      await sql(
        service.db,
        `select u.username, m.client_id from portal_user u left join client_user m on m.user_id = u.id where u.username like 'seed%' order by 1`,
      ),
    ).toEqual([
      { username: 'seedadmin', client_id: null },
      { username: 'seeduser', client_id: 599151 },
    ]);
  });
  it('a bootstrap file that can not be read stops the start with one line', async () => {
    await expect(
      seed({ ...service.ctx, config: { ...service.ctx.config, NEFOS_BOOTSTRAP_FILE: '/nowhere.json' } }),
    ).rejects.toThrow(/NEFOS_BOOTSTRAP_FILE: can not read/);
  });
});
