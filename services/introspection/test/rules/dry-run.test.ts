import { randomUUID } from 'node:crypto';
import { nodeOf, portsOf, report, runOf, send, waitingNode, type Waiting } from '../reports/support.js';
import { TOKENS, useService } from '../support.js';

const service = useService();
const tryOn = (node: string, body?: object | string) => {
  const call = service.call('post', `/v1/introspection/${node}/dry-run`);
  return body === undefined ? call : call.send(body);
};
const set = (path: string, value: unknown) => ({ action: 'set-attribute', path, value });
const op = (name: string, args: object) => ({ op: name, args });
const reported = async (): Promise<Waiting> => {
  const machine = await waitingNode(service, { extra: { mark: 'before' } });
  expect((await send(service, report(machine))).status).toBe(200);
  return machine;
};
const stateOf = async ({ uuid }: Waiting) => [
  await nodeOf(service, uuid),
  await portsOf(service, uuid),
  await runOf(service, uuid),
];

it('200: what rules of both forms would change; nothing is', async () => {
  const machine = await reported();
  const before = await stateOf(machine);
  const res = await tryOn(machine.uuid, {
    rules: [
      { actions: [set('extra/mark', 'after'), { action: 'add-trait', name: 'CUSTOM_A' }] },
      { conditions: [{ op: 'eq', field: 'cpus', value: 5 }], actions: [set('extra/never', 1)] },
    ],
    inspection_rules: [
      { actions: [op('set-port-attribute', { port_id: machine.mac, path: 'extra/rack', value: 'r1' })] },
      {
        priority: 5,
        actions: [op('log', { msg: 'seen' }), op('set-attribute', ['driver_info/ipmi_password', 'secret'])],
      },
    ],
  }).expect(200);
  expect(res.body).toEqual({
    uuid: machine.uuid,
    error: null,
    applied: ['rules/0', 'inspection_rules/1', 'inspection_rules/0'],
    notes: ['seen'],
    changes: [
      { path: '/node/driver_info/ipmi_password', after: '******' },
      { path: '/node/extra/mark', before: 'before', after: 'after' },
      { path: '/node/traits', before: [], after: ['CUSTOM_A'] },
      { path: `/ports/${machine.mac}/extra`, before: {}, after: { rack: 'r1' } },
    ],
  });
  expect(await stateOf(machine)).toEqual(before);
});
it('200: without rules, those that are in force', async () => {
  const machine = await reported();
  const { body: rule } = await service
    .call('post', '/v1/rules')
    .send({ actions: [set('extra/mark', '{data[cpus]}')] })
    .expect(201);
  const found = await tryOn(machine.uuid).expect(200);
  expect(found.body).toMatchObject({
    applied: [(rule as { uuid: string }).uuid],
    changes: [{ path: '/node/extra/mark', before: 'before', after: '4' }],
  });
  expect((await tryOn(machine.uuid, {}).expect(200)).body).toEqual(found.body);
  expect((await tryOn(machine.uuid, { rules: [] }).expect(200)).body).toMatchObject({ applied: [], changes: [] });
  await service.call('delete', '/v1/rules').expect(204);
});
it('200: why the run would fail', async () => {
  const machine = await reported();
  const rules = [{ actions: [set('extra/x', '{data[absent_thing]}')] }];
  const { body } = await tryOn(machine.uuid, { rules }).expect(200);
  expect(body).toMatchObject({ error: expect.stringMatching(/absent_thing/) as string, applied: [] });
});
it('404: no node, no data', async () => {
  await tryOn(randomUUID()).expect(404);
  await tryOn((await waitingNode(service)).uuid).expect(404);
});
it.each([{ rules: [{}] }, { rules: 'x' }, { colour: 1 }, [], 'x', { inspection_rules: [{ actions: [] }] }])(
  '400: %j',
  async (body) => {
    const { uuid } = await reported();
    await tryOn(uuid, JSON.stringify(body)).set('Content-Type', 'application/json').expect(400);
  },
);
it.each([
  ['', 401],
  [TOKENS.observer, 403],
])('of "%s" it is refused with %i', async (token, status) => {
  await service.call('post', `/v1/introspection/${randomUUID()}/dry-run`, token).expect(status);
});
