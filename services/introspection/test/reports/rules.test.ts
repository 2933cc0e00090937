import { useService } from '../support.js';
import { drain, messageOf, nodeOf, portsOf, report, runOf, send, waitingNode } from './support.js';

const service = useService();
const SCOPE = { properties: { inspection_scope: 's' } };
const rule = async (actions: object[], more: object = {}): Promise<string> => {
  const res = await service.call('post', '/v1/rules').send({ scope: 's', actions, ...more });
  expect(res.status).toBe(201);
  return (res.body as { uuid: string }).uuid;
};
beforeEach(async () => {
  expect((await service.call('delete', '/v1/rules')).status).toBe(204);
});
const set = (path: string, value: unknown) => ({ action: 'set-attribute', path, value });

it('200: rules act on the node; those of another scope do not', async () => {
  await rule([set('/extra/a', '{data[cpus]}'), { action: 'set-capability', name: 'c', value: '1' }]);
  await rule([set('/extra/other', 1)], { scope: 'other' });
  const m = await waitingNode(service, SCOPE);
  expect((await send(service, report(m))).status).toBe(200);
  expect(await nodeOf(service, m.uuid)).toMatchObject({ extra: { a: '4' }, properties: { capabilities: 'c:1' } });
});
it('200: a rule that is made or deleted counts from the next report on', async () => {
  const extraOf = async (): Promise<object> => {
    const m = await waitingNode(service, SCOPE);
    expect((await send(service, report(m))).status).toBe(200);
    return (await nodeOf(service, m.uuid)).extra;
  };
  expect(await extraOf()).toEqual({});
  const one = await rule([set('/extra/a', 1)]);
  expect(await extraOf()).toEqual({ a: 1 });
  expect((await service.call('delete', `/v1/rules/${one}`)).status).toBe(204);
  await rule([set('/extra/b', 2)]);
  expect(await extraOf()).toEqual({ b: 2 });
});
it('200: what is more than properties is saved, too: traits, driver_info, the name', async () => {
  await rule([
    { action: 'add-trait', name: 'CUSTOM_A' },
    set('/driver_info/deploy_kernel', 'k'),
    set('/driver_info/ipmi_password', 'geheim'),
    set('/resource_class', 'large'),
  ]);
  const m = await waitingNode(service, SCOPE);
  expect((await send(service, report(m))).status).toBe(200);
  expect((await nodeOf(service, m.uuid)).traits).toEqual(['CUSTOM_A']);
  const shown = await service.registry('get', `/v1/nodes/${m.uuid}`);
  expect(shown.body).toMatchObject({ resource_class: 'large', driver_info: { deploy_kernel: 'k' } });
  expect(shown.text).not.toContain('geheim');
});
it('400: fail ends the run with its message; the data are stored, what was changed before stays', async () => {
  await rule([set('/extra/before', 1), { action: 'fail', message: 'stop {data[cpus]}' }, set('/extra/after', 1)]);
  const m = await waitingNode(service, SCOPE);
  const res = await send(service, report(m));
  expect([res.status, messageOf(res)]).toEqual([400, 'stop {data[cpus]}']);
  expect(await runOf(service, m.uuid)).toMatchObject({ state: 'error', error: 'stop {data[cpus]}' });
  expect((await service.call('get', `/v1/introspection/${m.uuid}/data`)).body).toMatchObject({ cpus: 4 });
  expect((await nodeOf(service, m.uuid)).extra).toEqual({ before: 1 });
  expect(await portsOf(service, m.uuid)).toHaveLength(1);
});
it.each([
  ['a missing key', '/extra/x', '{data[absent_thing]}', /absent_thing/],
  ['a field that nobody sets', '/uuid', 'x', /uuid/],
  ['a value that the field can not have', '/name', 'no name', /name/],
  ['NUL', '/description', 'a\u0000b', /./],
])('400: %s fails the run, and nothing of the node changes', async (_what, path, value, text) => {
  // The API of rules refuses NUL, so it comes from the data.
  await rule([set(path, value.replace('\0', '{data[nul]}'))]);
  const m = await waitingNode(service, SCOPE);
  const res = await send(service, report(m, { top: { nul: '\0' } }));
  expect(res.status).toBe(400);
  expect(messageOf(res)).toMatch(text);
  expect(await runOf(service, m.uuid)).toMatchObject({ state: 'error', error: messageOf(res) });
});
it('rules run when data are processed again', async () => {
  const m = await waitingNode(service, SCOPE);
  expect((await send(service, report(m))).status).toBe(200);
  await drain(service);
  await rule([set('/extra/again', 'yes')]);
  expect((await service.call('post', `/v1/introspection/${m.uuid}/data/unprocessed`)).status).toBe(202);
  await drain(service);
  expect((await nodeOf(service, m.uuid)).extra).toEqual({ again: 'yes' });
});
