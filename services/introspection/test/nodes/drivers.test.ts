import { faultOf } from '../registry-seed.js';
import { useService } from '../support.js';

const service = useService();
const VERSION = 'X-OpenStack-Ironic-API-Version';
const HOST = 'bm.example';
interface Driver {
  name: string;
  [field: string]: unknown;
}
const get = (path: string, version = '1.96') => service.registry('get', path).set({ Host: HOST, [VERSION]: version });

it('200: / and /v1 without a token', async () => {
  const version = {
    id: 'v1',
    links: [{ href: `http://${HOST}/baremetal/v1/`, rel: 'self' }],
    min_version: '1.1',
    status: 'CURRENT',
    version: '1.96',
  };
  for (const path of ['/baremetal', '/baremetal/', '//baremetal/']) {
    const root = await service.call('get', path, '').set('Host', HOST);
    expect(root.body).toMatchObject({ default_version: version, versions: [version] });
  }
  for (const path of ['/baremetal/v1', '/baremetal/v1/']) {
    const v1 = await service.call('get', path, '').set('Host', HOST);
    expect(v1.body).toMatchObject({
      id: 'v1',
      version,
      nodes: [
        { href: `http://${HOST}/baremetal/v1/nodes/`, rel: 'self' },
        { href: `http://${HOST}/baremetal/nodes/`, rel: 'bookmark' },
      ],
    });
    expect(Object.keys(v1.body as object)).not.toContain('inspection_rules');
  }
});
it('200: the hardware types; more of them in newer versions', async () => {
  const { drivers } = (await get('/v1/drivers')).body as { drivers: Driver[] };
  expect(drivers.map(({ name }) => name)).toEqual(['fake-hardware', 'ipmi', 'manual', 'redfish']);
  expect(drivers[3]).toEqual({
    name: 'redfish',
    hosts: ['nefos-introspection'],
    type: 'dynamic',
    links: [
      { href: `http://${HOST}/baremetal/v1/drivers/redfish`, rel: 'self' },
      { href: `http://${HOST}/baremetal/drivers/redfish`, rel: 'bookmark' },
    ],
    properties: [
      { href: `http://${HOST}/baremetal/v1/drivers/redfish/properties`, rel: 'self' },
      { href: `http://${HOST}/baremetal/drivers/redfish/properties`, rel: 'bookmark' },
    ],
  });
  const [old] = ((await get('/v1/drivers', '1.1')).body as { drivers: Driver[] }).drivers;
  expect(Object.keys(old as Driver).sort()).toEqual(['hosts', 'links', 'name']);
  const shown = (await get('/v1/drivers/redfish')).body as Driver;
  expect(shown).toMatchObject({ default_inspect_interface: 'agent', enabled_power_interfaces: ['redfish'] });
  expect((await get('/v1/drivers?detail=true')).body.drivers[3]).toEqual(shown);
  expect((await get('/v1/drivers?type=classic')).body).toEqual({ drivers: [] });
  expect(Object.keys((await get('/v1/drivers/redfish?fields=name')).body as object).sort()).toEqual(['links', 'name']);
  expect((await get('/v1/drivers/redfish/properties')).body).toMatchObject({
    redfish_address: expect.stringContaining('Required') as string,
  });
});
it.each([
  [404, '/v1/drivers/nope'],
  [404, '/v1/drivers/__proto__'],
  [404, '/v1/drivers/nope/properties'],
  [400, '/v1/drivers?type=x'],
  [400, '/v1/drivers?colour=x'],
])('%i: %s', async (status, path) => {
  const res = await get(path);
  expect([res.status, typeof faultOf(res.body)]).toEqual([status, 'string']);
});
it('406: a filter that is newer', async () => {
  expect((await get('/v1/drivers?type=dynamic', '1.29')).status).toBe(406);
});
it('405 with Allow, in the form of the registry', async () => {
  const res = await service.registry('post', '/v1/drivers');
  expect([res.status, res.headers.allow, typeof faultOf(res.body)]).toEqual([405, 'GET', 'string']);
});
it('HEAD as GET', async () => {
  const res = await service.registry('head', '/v1/nodes');
  expect([res.status, res.text]).toEqual([200, undefined]);
});
