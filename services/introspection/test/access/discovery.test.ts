import { useService } from '../support.js';

const service = useService();
const VERSION = 'X-OpenStack-Ironic-Inspector-API-Version';
const HOST = 'inspector.example:5050';

it('200: / and /v1 name what there is, with absolute links, without a token', async () => {
  const root = await service.call('get', '/', '').set('Host', HOST);
  expect(root.text).toBe(
    `{"versions":[{"id":"1.18","links":[{"href":"http://${HOST}/v1","rel":"self"}],"status":"CURRENT"}]}\n`,
  );
  const resources = ['continue', 'introspection', 'rules'].map((name) => ({
    links: [{ href: `http://${HOST}/v1/${name}`, rel: 'self' }],
    name,
  }));
  for (const path of ['/v1', '/v1/', '//v1']) {
    const res = await service.call('get', path, '').set('Host', HOST);
    expect([res.status, res.body]).toEqual([200, { resources }]);
    expect(res.headers['x-openstack-ironic-inspector-api-minimum-version']).toBe('1.0');
    expect(res.headers['x-openstack-ironic-inspector-api-maximum-version']).toBe('1.18');
  }
});
it('links follow what a trusted proxy says, the last entry of each', async () => {
  const res = await service
    .call('get', '/', '')
    .set({
      'X-Forwarded-Proto': 'http, https',
      'X-Forwarded-Host': 'evil, api.example',
      'X-Forwarded-Prefix': '/inspector',
    });
  expect(res.body.versions[0].links[0].href).toBe('https://api.example/inspector/v1');
});
it.each(['1.19', '0.9', '2.0'])('406: version %s, before path, method and token', async (version) => {
  for (const [method, path] of [
    ['get', '/v1/nope'],
    ['get', '/'],
    ['put', '/v1'],
  ] as const) {
    const res = await service.call(method, path, '').set(VERSION, version);
    expect(res.status).toBe(406);
    expect(res.body.error.message).toContain(version);
    expect(res.body.error.message).toContain('1.0 to 1.18');
  }
});
it.each(['1', 'abc', '1.x', '', '1.2.3'])('400: version "%s" is none', async (version) => {
  const res = await service.call('get', '/v1', '').set(VERSION, version);
  expect([res.status, Object.keys(res.body as object)]).toEqual([400, ['error']]);
});
it.each(['1.0', '1.18', 'latest', 'LATEST', '1.05', ' 1.5 '])('200: version "%s"', async (version) => {
  expect((await service.call('get', '/v1', '').set(VERSION, version)).status).toBe(200);
});
it("the general header counts where the older one is absent; other services' entries do not", async () => {
  const ask = async (general: string, own?: string): Promise<number> => {
    const test = service.call('get', '/v1', '').set('OpenStack-API-Version', general);
    return (await (own === undefined ? test : test.set(VERSION, own))).status;
  };
  expect(await ask('baremetal-introspection 1.5')).toBe(200);
  expect(await ask('compute 2.90')).toBe(200);
  expect(await ask('compute 2.90, baremetal-introspection 1.99')).toBe(406);
  expect(await ask('baremetal-introspection 1.99', '1.5')).toBe(200);
});
it('404: unknown paths, in the form of each API', async () => {
  const one = await service.call('get', '/v2', '');
  expect([one.status, one.body]).toEqual([404, { error: { message: 'version v2 not found' } }]);
  expect((await service.call('get', '/v1/nope/nope', '')).body).toEqual({
    error: { message: 'The requested URL was not found on the server.' },
  });
  const registry = await service.call('get', '/baremetal/v1/nope', '');
  expect(registry.status).toBe(404);
  expect(JSON.parse(registry.body.error_message as string)).toMatchObject({ faultcode: 'Client', debuginfo: null });
});
it('405 with Allow; OPTIONS: 200 with Allow and no body; HEAD as GET', async () => {
  const wrong = await service.call('post', '/v1', '');
  expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
  const options = await service.call('options', '/v1', '');
  expect([options.status, options.headers.allow, options.text]).toEqual([200, 'GET, HEAD, OPTIONS', '']);
  const head = await service.call('head', '/v1', '');
  expect([head.status, head.text]).toEqual([200, undefined]);
});
