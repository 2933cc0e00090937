import { hash } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { parseStringPromise } from 'xml2js';
import { people, service, useService } from '../support.js';

/** Every example of the guide (seed astakos-api.rst), with the slips of contract identity §6 corrected and named. */
describe("the guide's examples", () => {
  const s = useService({ fixture: true });
  const SAMPLE = 'CDEe2k0T/HdiJWBMMbHyOA'; // answered with the "==" that the request leaves away (C17)
  const user = people.user.uuid;
  beforeAll(async () => {
    // The sample token expired in 2013 and is in no running installation; here it lives, to be shown.
    await sql(
      s.db,
      `insert into token (hash, audit_id, kind, account_id, hint, pad, created_at, expires_at)
        select $1, 'sample', 'api', id, 'CDEe2k', 2, '2013-05-20 15:23:59.975572+00',
          '2113-06-19 15:23:59.975572+00' from account where uuid = $2`,
      [hash('sha256', SAMPLE, 'buffer'), user],
    );
  });

  it('200: Get Services, in the printed order with string ids', async () => {
    const { body } = await s.api().get('/ui/get_services').expect(200);
    expect(
      body.map(({ url, icon, name, id }: Record<string, string>) => ({ url, ...(icon && { icon }), name, id })),
    ).toEqual([
      { url: '/', icon: 'home-icon.png', name: 'grnet cloud', id: '1' },
      { url: '/okeanos.html', name: '~okeanos', id: '2' },
      { url: '/ui/', name: 'pithos', id: '3' },
    ]);
  });
  it('200: Get Menu of a browser that is not signed in', async () => {
    const { body } = await s.api().get('/ui/get_menu').expect(200);
    expect(body).toEqual([{ url: '/ui/', name: 'Sign in', is_active: true }]);
  });
  it('200 with a body, not 204 (C1): Authenticate, email a list (C4), id text (C5), dates RFC 1123 (C6)', async () => {
    const token = 'replay-token-of-user-twelve-000000000000000';
    await sql(
      s.db,
      `insert into token (hash, audit_id, kind, account_id, hint, created_at, expires_at)
        values ($1, 'twelve', 'api', 12, 'replay', '2012-05-30 10:03:37+00', '2112-06-29 10:03:37+00')`,
      [hash('sha256', token, 'buffer')],
    );
    const { body } = await s.as(token).get('/account/v1.0/authenticate').expect(200);
    expect(body).toEqual({
      id: '12',
      displayname: 'user1@example.com',
      uuid: 'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8',
      email: ['user1@example.com'],
      name: 'Firstname Lastname',
      username: 'user1@example.com',
      groups: ['default'],
      auth_token_created: 'Wed, 30 May 2012 10:03:37 GMT',
      auth_token_expires: 'Wed, 29 Jun 2112 10:03:37 GMT',
    });
  });
  it('200: Send feedback, with an empty body', async () => {
    const res = await s
      .as(people.user.token)
      .post('/account/v1.0/feedback')
      .type('form')
      .send({ feedback_msg: 'all well', feedback_data: 'v1' })
      .expect(200);
    expect(res.text).toBe('');
  });
  const question = {
    displaynames: ['user1@example.com', 'user2@example.com'],
    uuids: ['ff53baa9-c025-4d56-a6e3-963db0438830', 'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8'],
  };
  // The guide answers user2@example.com for two uuids at once, which can not be: ff53... is user3@example.com here.
  const answer = {
    displayname_catalog: {
      'user1@example.com': 'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8',
      'user2@example.com': '816351c7-7405-4f26-a968-6380cf47ba1f',
    },
    uuid_catalog: {
      'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8': 'user1@example.com',
      'ff53baa9-c025-4d56-a6e3-963db0438830': 'user3@example.com',
    },
  };
  for (const path of ['/account/v1.0/user_catalogs', '/user_catalogs'])
    it(`200: Get User catalogs at ${path}`, async () => {
      expect((await s.as(people.user.token).post(path).send(question).expect(200)).body).toEqual(answer);
    });
  for (const path of ['/account/v1.0/service/user_catalogs', '/service/api/user_catalogs'])
    it(`200: Get User catalogs for services at ${path}`, async () => {
      expect((await s.as(service.token).post(path).send(question).expect(200)).body).toEqual(answer);
    });

  const printed = [
    ['astakos_account', 'account', 'v1.0', 'http://gateway.test/account/v1.0', 'http://gateway.test/ui'],
    ['astakos_identity', 'identity', 'v2.0', 'http://gateway.test/identity/v2.0', 'http://gateway.test/ui'],
    [
      'cyclades_compute',
      'compute',
      'v2.0',
      'https://cyclades.example.synnefo.org/cyclades/compute/v2.0',
      'https://cyclades.example.synnefo.org/ui',
    ],
    [
      'cyclades_vmapi',
      'cyclades_vmapi',
      'v1.0',
      'https://cyclades.example.synnefo.org/cyclades/vmapi/v1.0',
      'https://cyclades.example.synnefo.org/ui',
    ],
    [
      'cyclades_plankton',
      'image',
      'v1.0',
      'https://cyclades.example.synnefo.org/cyclades/image/v1.0',
      'https://cyclades.example.synnefo.org/ui',
    ],
    [
      'pithos_public',
      'public',
      'v2.0',
      'https://object-store.example.synnefo.org/pithos/public/v2.0',
      'https://object-store.example.synnefo.org/ui',
    ],
    [
      'pithos_object-store',
      'object-store',
      'v1',
      'https://object-store.example.synnefo.org/pithos/object-store/v1',
      'https://object-store.example.synnefo.org/ui',
    ],
    ['astakos_weblogin', 'astakos_weblogin', '', 'http://gateway.test/weblogin', 'http://gateway.test/ui'],
    ['astakos_oauth2', 'astakos_auth', '', 'http://gateway.test/oauth2', 'http://gateway.test/ui'],
  ].map(([name, type, versionId, publicURL, ui]) => ({
    endpoints_links: [],
    endpoints: [
      {
        'SNF:uiURL': ui,
        versionId,
        publicURL,
        // Not printed: services look for identity at these by default.
        ...(type === 'identity' && { internalURL: publicURL, adminURL: publicURL }),
        region: 'default',
        ...(name === 'astakos_weblogin' && { 'SNF:webloginURL': publicURL }),
      },
    ],
    type,
    name,
  }));
  const requests = {
    token: { auth: { token: { id: SAMPLE }, tenantName: user } },
    pair: { auth: { passwordCredentials: { username: user, password: SAMPLE }, tenantName: user } },
  };
  for (const [name, body] of Object.entries(requests))
    it(`200: Tokens Authenticate by ${name}: the padded token, the printed catalog (C11: URLs corrected)`, async () => {
      const res = await s.api().post('/identity/v2.0/tokens/').send(body).expect(200);
      const { token, serviceCatalog, user: who } = res.body.access;
      expect({ expires: token.expires, id: token.id, tenant: token.tenant }).toEqual({
        expires: '2113-06-19T15:23:59.975572+00:00',
        id: `${SAMPLE}==`,
        tenant: { id: user, name: 'Firstname Lastname' },
      });
      expect(serviceCatalog).toEqual(printed);
      expect(who).toEqual({
        roles_links: [],
        id: user,
        roles: [{ id: 1, name: 'default' }],
        name: 'Firstname Lastname',
        projects: [user],
      });
    });
  it('200: no body gives the catalog only', async () => {
    expect((await s.api().post('/identity/v2.0/tokens/').expect(200)).body).toEqual({
      access: { serviceCatalog: printed },
    });
  });
  it("200: the XML, well-formed where the guide's is not (C12)", async () => {
    const res = await s
      .api()
      .post('/identity/v2.0/tokens/')
      .set('Accept', 'application/xml')
      .send(requests.token)
      .buffer(true)
      .parse((r, done) => {
        let text = '';
        r.on('data', (part) => {
          text += String(part);
        });
        r.on('end', () => done(null, text));
      })
      .expect(200);
    const { access } = await parseStringPromise(res.body as string);
    expect(access.$).toEqual({
      xmlns: 'http://docs.openstack.org/identity/api/v2.0',
      'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      'xmlns:SNF': 'urn:synnefo:identity:ext',
    });
    expect(access.token).toEqual([
      {
        $: { id: `${SAMPLE}==`, expires: '2113-06-19T15:23:59.975572+00:00' },
        tenant: [{ $: { id: user, name: 'Firstname Lastname' } }],
      },
    ]);
    expect(access.user).toEqual([
      { $: { id: user, name: 'Firstname Lastname' }, roles: [{ role: [{ $: { id: '1', name: 'default' } }] }] },
    ]);
    expect(
      access.serviceCatalog[0].service.map((one: { $: object; endpoint: { $: object }[] }) => ({
        ...one.$,
        ...one.endpoint[0]?.$,
      })),
    ).toEqual(printed.map(({ type, name, endpoints }) => ({ type, name, ...endpoints[0] })));
  });
});
