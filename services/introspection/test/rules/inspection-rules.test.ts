import { randomUUID } from 'node:crypto';
import { messageOf, nodeOf, portsOf, report, runOf, send, waitingNode } from '../reports/support.js';
import { TOKENS, useService } from '../support.js';

const service = useService();
const PATH = '/v1/inspection_rules';
/** Each call has a port of its own; links do not. */
const registry: typeof service.registry = (...call) => service.registry(...call).set('Host', 'registry.example');
const FAIL = [{ op: 'fail', args: { msg: 'm' } }];
const add = (rule: object | string) => registry('post', PATH).send(rule);
const reasonOf = (body: unknown): string =>
  (JSON.parse((body as { error_message: string }).error_message) as { faultstring: string }).faultstring;
interface Shown {
  uuid: string;
  priority: number;
  [key: string]: unknown;
}
const shown = (body: unknown): Shown => body as Shown;
beforeEach(() => registry('delete', PATH).expect(204));

it('201: a rule is kept, with its defaults, links and times', async () => {
  const conditions = [{ op: '!eq', args: { values: ['{node.driver}', 'x'] }, loop: ['a'], multiple: 'all' }];
  const res = await add({ actions: FAIL, conditions, description: 'd' }).expect(201);
  const { uuid } = shown(res.body);
  expect(res.body).toEqual({
    ...{ uuid, description: 'd', priority: 0, phase: 'main', sensitive: false, conditions, actions: FAIL },
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/) as string,
    updated_at: null,
    links: [
      { href: expect.stringMatching(new RegExp(`/baremetal/v1/inspection_rules/${uuid}$`)) as string, rel: 'self' },
      { href: expect.stringMatching(new RegExp(`/baremetal/inspection_rules/${uuid}$`)) as string, rel: 'bookmark' },
    ],
  });
  expect(res.headers.location).toMatch(new RegExp(`/v1/inspection_rules/${uuid}$`));
  expect((await registry('get', `${PATH}/${uuid}`).expect(200)).body).toEqual(res.body);
  const some = await registry('get', `${PATH}/${uuid}?fields=uuid,phase`).expect(200);
  expect(Object.keys(some.body as object).sort()).toEqual(['links', 'phase', 'uuid']);
});
it('numbers keep their spelling, through a patch of something else, too', async () => {
  const sent = '{"actions":[{"op":"set-attribute","args":{"path":"extra/a","value":[2048.0,1e3]}}]}';
  const made = await add(sent).expect(201);
  expect(made.text).toContain('[2048.0,1e3]');
  const path = `${PATH}/${shown(made.body).uuid}`;
  const patched = await registry('patch', path)
    .send([{ op: 'replace', path: '/priority', value: 7 }])
    .expect(200);
  expect(patched.text).toContain('[2048.0,1e3]');
  expect((await registry('get', path)).text).toBe(patched.text);
});
it('what a sensitive rule says is null, and it stays sensitive', async () => {
  const { body } = await add({ actions: FAIL, sensitive: true }).expect(201);
  const { uuid } = shown(body);
  expect(body).toMatchObject({ sensitive: true, conditions: null, actions: null });
  const list = await registry('get', `${PATH}?detail=true`).expect(200);
  expect(list.body).toMatchObject({ inspection_rules: [{ uuid, conditions: null, actions: null }] });
  const patch = [{ op: 'replace', path: '/sensitive', value: false }];
  expect(reasonOf((await registry('patch', `${PATH}/${uuid}`).send(patch).expect(400)).body)).toMatch(/sensitive/);
});
it('200: pages of the list', async () => {
  const made: Shown[] = [];
  for (const priority of [5, 1, 9]) made.push(shown((await add({ actions: FAIL, priority })).body));
  const list = async (query = '') => {
    const { body } = await registry('get', `${PATH}${query}`).expect(200);
    const { inspection_rules: rules, next } = body as { inspection_rules: Shown[]; next?: string };
    return { rules, priorities: rules.map(({ priority }) => priority), next };
  };
  const all = await list();
  expect(all.priorities).toEqual([5, 1, 9]);
  expect(Object.keys(all.rules[0] ?? {}).sort()).toEqual(['description', 'links', 'phase', 'priority', 'uuid']);
  expect((await list('?detail=true')).rules[0]).toMatchObject({ actions: FAIL, conditions: [] });
  expect((await list('?sort_key=priority&sort_dir=desc')).priorities).toEqual([9, 5, 1]);
  const first = await list('?limit=2');
  expect([first.priorities, first.next]).toEqual([[5, 1], expect.stringContaining(`marker=${made[1]?.uuid}`)]);
  expect((await list(`?limit=2&marker=${made[1]?.uuid}`)).priorities).toEqual([9]);
  expect((await list('?phase=main')).rules).toHaveLength(3);
  expect((await list('?phase=other')).rules).toEqual([]);
  for (const query of ['?limit=0', '?limit=x', '?sort_key=actions', '?sort_dir=up', '?fields=colour', '?marker=x'])
    await registry('get', `${PATH}${query}`).expect(400);
  await registry('get', `${PATH}?marker=${randomUUID()}`).expect(404);
});
it('200: a patch; 400 for what a rule can not be, and nothing changes', async () => {
  const { uuid } = shown((await add({ actions: FAIL })).body);
  const patch = (...list: object[]) => registry('patch', `${PATH}/${uuid}`).send(list);
  const conditions = [{ op: 'is-true', args: { value: true } }];
  const changed = await patch(
    { op: 'replace', path: '/description', value: 'new' },
    { op: 'add', path: '/conditions', value: conditions },
    { op: 'replace', path: '/actions/0/args/msg', value: 'other' },
  ).expect(200);
  expect(changed.body).toMatchObject({ description: 'new', conditions, actions: [{ args: { msg: 'other' } }] });
  expect(shown(changed.body).updated_at).not.toBeNull();
  for (const bad of [
    { op: 'remove', path: '/actions' },
    { op: 'replace', path: '/actions', value: [] },
    { op: 'replace', path: '/priority', value: -1 },
    { op: 'replace', path: '/uuid', value: randomUUID() },
    { op: 'replace', path: '/conditions/5', value: {} },
    { op: 'move', path: '/priority' },
  ])
    await patch(bad).expect(400);
  await registry('patch', `${PATH}/${uuid}`).send({ a: 1 }).expect(400);
  expect((await registry('get', `${PATH}/${uuid}`)).body).toEqual(changed.body);
});
it('204: one is deleted, then it is 404; all are', async () => {
  const { uuid } = shown((await add({ actions: FAIL })).body);
  await add({ actions: FAIL });
  await registry('delete', `${PATH}/${uuid.toUpperCase()}`).expect(204);
  for (const method of ['get', 'delete', 'patch'] as const)
    await registry(method, `${PATH}/${uuid}`)
      .send(method === 'patch' ? [] : undefined)
      .expect(404);
  await registry('get', `${PATH}/nobody`).expect(400);
  await registry('delete', PATH).expect(204);
  expect((await registry('get', PATH)).body).toEqual({ inspection_rules: [] });
});
it.each([
  ['{}', /at least one|actions must be/],
  ['{"actions":[{"op":"nope","args":{}}]}', /Unsupported action/],
  ['{"actions":[{"op":"api-call","args":{"url":"http://127.0.0.1"}}]}', /not offered/],
  ['{"actions":[{"op":"fail","args":["\\u0000"]}]}', /Null|NUL/],
  ['x', /not valid/],
])('400: %s', async (text, reason) => {
  const res = await registry('post', PATH).set('Content-Type', 'application/json').send(text).expect(400);
  expect(reasonOf(res.body)).toMatch(reason);
});
it('409: the UUID is taken, also by a rule of the inspector', async () => {
  const uuid = randomUUID();
  await service
    .call('post', '/v1/rules')
    .send({ uuid, actions: [{ action: 'fail', message: 'm' }] })
    .expect(201);
  await add({ uuid, actions: FAIL }).expect(409);
  await registry('get', `${PATH}/${uuid}`).expect(404);
  await service.call('delete', '/v1/rules').expect(204);
});
it('404: older versions do not know them', async () => {
  for (const method of ['get', 'delete'] as const)
    await service.call(method, `/baremetal${PATH}`).set('X-OpenStack-Ironic-API-Version', '1.95').expect(404);
});
it.each([
  ['', 401],
  [TOKENS.person, 403],
  [TOKENS.observer, 403],
])('of "%s" every call is refused with %i', async (token, status) => {
  for (const method of ['get', 'post', 'delete'] as const) await registry(method, PATH, token).expect(status);
  for (const method of ['get', 'patch', 'delete'] as const)
    await registry(method, `${PATH}/${randomUUID()}`, token).expect(status);
});

describe('when a report is processed', () => {
  it('they follow the rules of the inspector, by priority; each sees what was changed before', async () => {
    await service
      .call('post', '/v1/rules')
      .send({ actions: [{ action: 'set-attribute', path: 'extra/order', value: ['inspector'] }] })
      .expect(201);
    const extend = (value: string) => [{ op: 'extend-attribute', args: { path: 'extra/order', value } }];
    await add({ priority: 1, actions: extend('low') }).expect(201);
    await add({
      priority: 9,
      actions: [...extend('high'), { op: 'set-plugin-data', args: { path: 'seen', value: '{inventory[cpu][count]}' } }],
    }).expect(201);
    await add({
      conditions: [{ op: 'eq', args: { values: ['{node.extra[order][1]}', 'high'] } }],
      actions: [...extend('last'), { op: 'log', args: { msg: 'noted' } }],
    }).expect(201);
    const machine = await waitingNode(service);
    expect((await send(service, report(machine))).status).toBe(200);
    expect((await nodeOf(service, machine.uuid)).extra).toEqual({ order: ['inspector', 'high', 'low', 'last'] });
    const data = await service.call('get', `/v1/introspection/${machine.uuid}/data`).expect(200);
    expect((data.body as { seen: string }).seen).toBe('4');
    expect((await runOf(service, machine.uuid)).warnings.join()).toContain('noted');
    await service.call('delete', '/v1/rules').expect(204);
  });
  it('a rule counts from its change on', async () => {
    const extraNow = async () => {
      const machine = await waitingNode(service);
      expect((await send(service, report(machine))).status).toBe(200);
      return (await nodeOf(service, machine.uuid)).extra;
    };
    const actions = [{ op: 'set-attribute', args: { path: 'extra/now', value: 'old' } }];
    const { uuid } = shown((await add({ actions })).body);
    expect(await extraNow()).toEqual({ now: 'old' });
    const patch = [{ op: 'replace', path: '/actions/0/args/value', value: 'new' }];
    await registry('patch', `${PATH}/${uuid}`).send(patch).expect(200);
    expect(await extraNow()).toEqual({ now: 'new' });
    await registry('delete', `${PATH}/${uuid}`).expect(204);
    expect(await extraNow()).toEqual({});
  });
  it('they change ports', async () => {
    const args = { port_id: '{inventory[interfaces][0][mac_address]}', path: 'extra/rack', value: 'r1' };
    await add({ actions: [{ op: 'set-port-attribute', args }] }).expect(201);
    const machine = await waitingNode(service);
    expect((await send(service, report(machine))).status).toBe(200);
    expect(await portsOf(service, machine.uuid)).toEqual([{ address: machine.mac, pxe: true, extra: { rack: 'r1' } }]);
  });
  it('400: fail ends the run', async () => {
    await add({ actions: [{ op: 'fail', args: { msg: 'no such machine' } }] }).expect(201);
    const machine = await waitingNode(service);
    const res = await send(service, report(machine));
    expect([res.status, messageOf(res)]).toEqual([400, 'no such machine']);
    expect(await runOf(service, machine.uuid)).toMatchObject({ state: 'error', error: 'no such machine' });
  });
});
it('values of a comparison may stand in a row, as clients of the original send them', async () => {
  const machine = await waitingNode(service);
  const set = (path: string) => [{ op: 'set-attribute', args: [path, 'yes'] }];
  await add({ conditions: [{ op: 'eq', args: ['{node.driver}', 'fake-hardware'] }], actions: set('extra/same') });
  await add({ conditions: [{ op: 'eq', args: ['node:memory_mb', 4096] }], actions: set('extra/other') });
  expect((await send(service, report(machine))).status).toBe(200);
  expect((await nodeOf(service, machine.uuid)).extra).toEqual({ same: 'yes' });
});
