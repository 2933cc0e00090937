import { sql } from '@nefos/service-kit';
import type { JsonObject } from '../../src/values.js';
import { messageOf, nodeOf, report, runOf, send, waitingNode } from '../reports/support.js';
import { useService } from '../support.js';

const service = useService();
const add = async (rule: object | string): Promise<void> => {
  await service.call('post', '/v1/rules').send(rule).expect(201);
};
const set = (path: string, value: unknown) => ({ action: 'set-attribute', path, value });
beforeEach(() => service.call('delete', '/v1/rules').expect(204));

/** What the rules that hold leave in the node's extra. */
const extraAfter = async (top: JsonObject, fields: JsonObject = {}): Promise<JsonObject> => {
  const machine = await waitingNode(service, fields);
  const res = await send(service, report(machine, { top }));
  expect([res.status, res.body]).toEqual([200, { uuid: machine.uuid }]);
  return (await nodeOf(service, machine.uuid)).extra;
};

it('rules are judged by the spelling of their numbers, also in what is stored', async () => {
  for (const [name, value] of [
    ['whole', '2048'],
    ['float', '2048.0'],
    ['text', '"2048"'],
  ])
    await add(
      `{"conditions":[{"op":"eq","field":"part","value":${value}}],` +
        `"actions":[{"action":"set-attribute","path":"extra/${name}","value":true}]}`,
    );
  expect(await extraAfter({ part: 2048.7 })).toEqual({ whole: true });
  expect(await extraAfter({ part: 2048 })).toEqual({ whole: true, float: true });
});
it('all are judged before any acts, in the order of their creation; scopes count', async () => {
  await add({ actions: [set('extra/mark', 'after'), set('extra/order', [1])] });
  await add({
    conditions: [{ op: 'eq', field: 'node://extra.mark', value: 'before' }],
    actions: [{ action: 'extend-attribute', path: 'extra/order', value: 2 }],
  });
  await add({ scope: 'other', actions: [set('extra/other', true)] });
  await add({ scope: 'here', actions: [set('extra/here', '{data[cpus]} {data[inventory][bmc_address]}')] });
  const fields = { extra: { mark: 'before' }, properties: { inspection_scope: 'here' } };
  const extra = await extraAfter({}, fields);
  expect(extra).toEqual({ mark: 'after', order: [1, 2], here: expect.stringMatching(/^4 198\.18\./) as string });
});
it('traits, capabilities and drivers', async () => {
  await add({
    actions: [
      { action: 'add-trait', name: 'CUSTOM_SEEN' },
      { action: 'remove-trait', name: 'CUSTOM_ABSENT' },
      { action: 'set-capability', name: 'cpus', value: '{data[cpus]}' },
      set('/driver', 'manual'),
      set('description', 'found by {data[cpu_arch]}'),
    ],
  });
  const fields = { properties: { capabilities: 'kept:1' }, power_interface: 'fake' };
  const machine = await waitingNode(service, fields);
  expect((await send(service, report(machine))).status).toBe(200);
  expect(await nodeOf(service, machine.uuid)).toMatchObject({
    traits: ['CUSTOM_SEEN'],
    properties: { capabilities: 'kept:1,cpus:4' },
  });
  const query = 'select driver, description, settings from node where uuid = $1';
  expect(await sql(service.db, query, [machine.uuid])).toEqual([
    { driver: 'manual', description: 'found by x86_64', settings: {} },
  ]);
});
it('400: fail says its message as it is; the run failed, the data can be read', async () => {
  await add({ actions: [set('extra/before', 1), { action: 'fail', message: 'stop {data[cpus]}' }] });
  const machine = await waitingNode(service);
  const res = await send(service, report(machine));
  expect([res.status, messageOf(res)]).toEqual([400, 'stop {data[cpus]}']);
  expect(await runOf(service, machine.uuid)).toMatchObject({ state: 'error', error: 'stop {data[cpus]}' });
  expect((await nodeOf(service, machine.uuid)).extra).toEqual({ before: 1 });
  const data = await service.call('get', `/v1/introspection/${machine.uuid}/data`).expect(200);
  expect((data.body as JsonObject).cpus).toBe(4);
});
it.each([
  ['a key that is missing', [], [set('extra/x', '{data[absent_thing]}')], /absent_thing/],
  ['a value that can not be compared', [{ op: 'gt', field: 'cpu_arch', value: 3 }], [set('extra/x', 1)], /cpu_arch/],
  ['a path that is not for rules', [], [set('provision_state', 'active')], /provision_state/],
  ['a driver that there is not', [], [set('driver', 'nope')], /nope/],
  ['a format that escapes', [], [set('extra/x', '{data.__class__}')], /names nothing/],
  ['a format that is wide', [], [set('extra/x', '{data[cpus]:999999999d}')], /format specifier/],
])('400: %s', async (_what, conditions, actions, text) => {
  await add({ conditions, actions });
  const machine = await waitingNode(service);
  const res = await send(service, report(machine));
  expect([res.status, messageOf(res)]).toEqual([400, expect.stringMatching(text)]);
  expect((await runOf(service, machine.uuid)).state).toBe('error');
});
it('reports that threads process follow the same rules', async () => {
  await add(
    '{"conditions":[{"op":"eq","field":"part","value":2048.0}],' +
      '"actions":[{"action":"set-attribute","path":"extra/large","value":"{data[part]}"}]}',
  );
  expect(await extraAfter({ part: 2048, filler: 'x'.repeat(300_000) })).toEqual({ large: '2048' });
});
