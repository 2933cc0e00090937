import { useService } from '../support.js';
import { useFaces } from './face-support.js';

describe("OpenStack's face", () => {
  const service = useService();
  const face = useFaces(service);
  const uuidOf = (token: string): string => (service.identity.tokens.get(token) as { uuid: string }).uuid;
  const USER = (): string => uuidOf(service.tokens.user);
  const STAFF = (): string => uuidOf(service.tokens.staff);

  it.each(['/compute', '/compute/'])('200: %s says its versions without a token', async (path) => {
    const { body, headers } = await face.nobody.get(path).expect(200);
    expect(body).toEqual({
      versions: [
        {
          id: 'v2.1',
          status: 'CURRENT',
          version: '2.90',
          min_version: '2.1',
          updated: '2013-07-23T11:33:21Z',
          links: [{ rel: 'self', href: 'http://cloud.test/compute/v2.1/' }],
        },
      ],
    });
    expect(headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
    expect(headers['x-compute-request-id']).toBe(headers['x-openstack-request-id']);
    expect(headers.vary).toBe('OpenStack-API-Version, X-OpenStack-Nova-API-Version');
    expect(headers['openstack-api-version']).toBe('compute 2.1');
  });
  it.each(['/compute/v2.1', '/compute/v2.1/'])('200: %s says its range without a token', async (path) => {
    const { body } = await face.nobody.get(path).expect(200);
    expect(body).toMatchObject({ version: { id: 'v2.1', version: '2.90', min_version: '2.1' } });
  });
  it('200: HEAD is GET without a body', async () => {
    const { text } = await face.nobody.head('/compute/v2.1').expect(200);
    expect(text ?? '').toBe('');
  });

  it('400: a microversion that is none', async () => {
    const { body } = await face.nobody.get('/compute/v2.1', 'compute foo').expect(400);
    expect(body).toEqual({
      badRequest: {
        code: 400,
        message: 'API Version String foo is of invalid format. Must be of format MajorNum.MinorNum.',
      },
    });
  });
  it.each(['2.999', '2.91', '2.0', '3.1', '1.90'])('406: microversion %s is not offered', async (version) => {
    const { body } = await face.nobody.get('/compute/v2.1', `compute ${version}`).expect(406);
    expect(body).toEqual({
      computeFault: {
        code: 406,
        message: `Version ${version} is not supported by the API. Minimum is 2.1 and maximum is 2.90.`,
      },
    });
  });
  it.each([
    ['OpenStack-API-Version', 'compute 2.53', '2.53'],
    ['OpenStack-API-Version', 'compute latest', '2.90'],
    ['OpenStack-API-Version', 'volume 3.59', '2.1'],
    ['OpenStack-API-Version', 'volume 3.59, compute 2.60', '2.60'],
    ['X-OpenStack-Nova-API-Version', '2.10', '2.10'],
  ])('200: %s: %s is %s', async (name, value, version) => {
    const { headers } = await face.nobody.get('/compute/v2.1').set(name, value).expect(200);
    expect(headers['openstack-api-version']).toBe(`compute ${version}`);
    expect(headers['x-openstack-nova-api-version']).toBe(version);
  });
  it('200: the newer header goes before the older one', async () => {
    const { headers } = await face.nobody
      .get('/compute/v2.1', 'compute 2.20')
      .set('X-OpenStack-Nova-API-Version', '2.10');
    expect(headers['openstack-api-version']).toBe('compute 2.20');
  });

  it.each([
    ['/compute/nothing', { itemNotFound: { code: 404, message: 'The resource could not be found.' } }],
    ['/compute/%zz', { itemNotFound: { code: 404, message: 'The resource could not be found.' } }],
    ['/image/nothing', { code: '404 Not Found', title: 'Not Found', message: 'The resource could not be found.' }],
    [
      '/network/nothing',
      { NeutronError: { type: 'HTTPNotFound', message: 'The resource could not be found.', detail: '' } },
    ],
    ['/volume/nothing', { itemNotFound: { code: 404, message: 'The resource could not be found.' } }],
  ])('404: %s, in the form of its API', async (path, body) => {
    expect((await face.user.get(path).expect(404)).body).toEqual(body);
  });
  it('403: a token with roles that only read changes nothing', async () => {
    const reads = face.as(
      face.tokenFor(USER(), face.project, { roles: ['reader'], readOnly: true, byCredential: true }),
    );
    await reads.get('/compute/v2.1/servers').expect(200);
    await reads.post('/compute/v2.1/os-keypairs', { keypair: { name: 'x' } }).expect(403);
  });
  it.each([
    ['in a client’s project', () => face.staffInside],
    [
      'with an application credential without the role',
      () => face.as(face.tokenFor(STAFF(), STAFF(), { roles: ['reader', 'member'], byCredential: true })),
    ],
  ])('403: staff %s administrate nothing', async (_how, as) => {
    await as().get('/compute/v2.1/servers').expect(200);
    await as().get('/compute/v2.1/servers?all_tenants=1').expect(403);
    await as().get('/compute/v2.1/os-hypervisors').expect(403);
    await as().get('/network/v2.0/agents').expect(403);
  });
  it('200: staff administrate in their own project, also without the role, and elsewhere with it', async () => {
    for (const [project, roles] of [
      [STAFF(), []],
      [face.project, ['admin']],
    ] as const)
      await face
        .as(face.tokenFor(STAFF(), project, { roles }))
        .get('/compute/v2.1/os-hypervisors')
        .expect(200);
  });
  it.each([
    '/compute/v2.1/servers',
    '/compute/v2.1/limits',
    '/compute/v2.1/os-security-groups',
    '/image/v2/images',
    '/network/v2.0/ports',
    '/volume/v3/volumes',
  ])('403: who is no longer a user of the client sees nothing of its project: %s', async (path) => {
    await face.as(face.tokenFor(USER(), face.otherProject)).get(path).expect(403);
  });
  it.each([
    '2026-02-31',
    '2026-02-31T00:00:00Z',
    '0000-01-01',
    '2026-01-01T25:00:00',
    '2026-01-01T00:00:00+23:59',
    'x',
  ])('400: %s is no time, wherever one is asked for', async (at) => {
    const time = encodeURIComponent(at);
    for (const [path, version] of [
      [`/compute/v2.1/servers?changes-since=${time}`, undefined],
      [`/compute/v2.1/servers?changes-before=${time}`, 'compute 2.66'],
      [`/compute/v2.1/os-simple-tenant-usage/${face.project}?start=${time}`, undefined],
      [`/image/v2/images?created_at=gt:${time}`, undefined],
      [`/volume/v3/volumes/detail?created_at=gt:${time}`, 'volume 3.60'],
      [`/volume/v3/snapshots?updated_at=gt:${time}`, 'volume 3.60'],
    ] as const)
      expect([path, (await face.user.get(path, version)).status]).toEqual([path, 400]);
  });
  it.each(['2026-11-27', '2026-11-27 10:00', '2026-11-27T10:00:00 02:00', '2026-11-27T10:00:00.5Z'])(
    '200: %s is a time',
    async (at) => {
      const time = encodeURIComponent(at);
      await face.user.get(`/compute/v2.1/servers?changes-since=${time}`).expect(200);
      await face.user.get(`/image/v2/images?created_at=gt:${time}`).expect(200);
      await face.user.get(`/volume/v3/volumes?created_at=gt:${time}`, 'volume 3.60').expect(200);
    },
  );
  it('405: a method that the path does not have', async () => {
    const { body, headers } = await face.nobody.post('/compute/v2.1', {}).expect(405);
    expect(body).toEqual({ badMethod: { code: 405, message: 'The method is not allowed for this resource.' } });
    expect(headers.allow).toBe('GET, HEAD');
  });
  it('404: what only begins with the same letters is none of it', async () => {
    expect((await face.nobody.get('/computers').expect(404)).body).toEqual({ detail: 'Not found.' });
  });
});
