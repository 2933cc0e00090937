import { faultOf, newNode, type SeenNode } from '../registry-seed.js';
import { useService } from '../support.js';

const service = useService();
let node: SeenNode;
const path = (trait = ''): string => `/v1/nodes/${node.uuid}/traits${trait && `/${trait}`}`;
const traits = async (): Promise<unknown> =>
  ((await service.registry('get', path())).body as { traits: unknown }).traits;
beforeEach(async () => {
  node = await newNode(service);
});
it('204: set, added, taken away; the list is sorted, and in the node', async () => {
  expect(await traits()).toEqual([]);
  const all = await service.registry('put', path()).send({ traits: ['HW_CPU_X86_VMX', 'CUSTOM_A', 'CUSTOM_A'] });
  expect(all.status).toBe(204);
  const one = await service.registry('put', path('CUSTOM_0'));
  expect([one.status, one.headers.location]).toEqual([204, expect.stringContaining('/traits/CUSTOM_0')]);
  expect((await service.registry('put', path('CUSTOM_0')).send({})).status).toBe(204);
  expect(await traits()).toEqual(['CUSTOM_0', 'CUSTOM_A', 'HW_CPU_X86_VMX']);
  expect((await service.registry('get', `/v1/nodes/${node.uuid}`)).body.traits).toEqual(await traits());
  expect((await service.registry('delete', path('CUSTOM_A'))).status).toBe(204);
  expect(await traits()).toEqual(['CUSTOM_0', 'HW_CPU_X86_VMX']);
  expect((await service.registry('delete', path())).status).toBe(204);
  expect(await traits()).toEqual([]);
});
it('two at once: both are there', async () => {
  await Promise.all(['CUSTOM_A', 'CUSTOM_B', 'CUSTOM_C'].map((one) => service.registry('put', path(one))));
  expect(await traits()).toEqual(['CUSTOM_A', 'CUSTOM_B', 'CUSTOM_C']);
});
it('404: a trait that is not there, no node, versions before 1.37', async () => {
  const res = await service.registry('delete', path('CUSTOM_A'));
  expect([res.status, faultOf(res.body)]).toEqual([404, `Node ${node.uuid} doesn't have a trait 'CUSTOM_A'`]);
  expect((await service.registry('put', '/v1/nodes/nope/traits/CUSTOM_A')).status).toBe(404);
  expect((await service.registry('get', '/v1/nodes/nope/traits')).status).toBe(404);
  const old = service.registry('get', path()).set('X-OpenStack-Ironic-API-Version', '1.36');
  expect((await old).status).toBe(404);
});
it.each<[string, unknown]>([
  ['lower case', { traits: ['custom_a'] }],
  ['an empty name', { traits: [''] }],
  ['a long name', { traits: [`CUSTOM_${'A'.repeat(250)}`] }],
  ['a number', { traits: [1] }],
  ['51 traits', { traits: Array.from({ length: 51 }, (_, i) => `CUSTOM_${i}`) }],
  ['no list', { traits: 'CUSTOM_A' }],
  ['nothing', {}],
  ['another key', { traits: [], more: 1 }],
  ['a list', ['CUSTOM_A']],
])('400: %s', async (_what, body) => {
  const res = await service.registry('put', path()).send(body as object);
  expect([res.status, typeof faultOf(res.body), await traits()]).toEqual([400, 'string', []]);
});
it.each(['custom', 'CUSTOM_a', 'CUSTOM_', '%20', 'CUSTOM_A%0A'])('400: the trait %s', async (name) => {
  expect((await service.registry('put', path(name))).status).toBe(400);
});
it('400: one trait with a body; the 51st trait', async () => {
  expect((await service.registry('put', path('CUSTOM_A')).send({ a: 1 })).status).toBe(400);
  const fifty = Array.from({ length: 50 }, (_, i) => `CUSTOM_${i}`);
  expect((await service.registry('put', path()).send({ traits: fifty })).status).toBe(204);
  expect((await service.registry('put', path('CUSTOM_MORE'))).status).toBe(400);
});
