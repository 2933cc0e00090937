import { randomUUID } from 'node:crypto';
import { ExactNumber } from '@nefos/contracts';
import { sql } from '@nefos/service-kit';
import { rulesInForce } from '../../src/rules/domain/rules.js';
import { TOKENS, useService } from '../support.js';

const service = useService();
const VERSION = 'X-OpenStack-Ironic-Inspector-API-Version';
const FAIL = [{ action: 'fail', message: 'm' }];
const add = (rule: object) => service.call('post', '/v1/rules').send(rule);
beforeEach(() => service.call('delete', '/v1/rules').expect(204));

describe('POST /v1/rules', () => {
  it('201: the rule of the contract (§3.4) is answered as it was sent, with defaults', async () => {
    const uuid = randomUUID();
    const sent =
      `{"uuid":"${uuid}","description":"d","scope":"S","conditions":[{"op":"is-empty",` +
      '"field":"node://driver_info.deploy_ramdisk"}],' +
      '"actions":[{"value":"x","action":"set-attribute","path":"driver_info/deploy_kernel"}]}';
    const answered =
      '{"actions":[{"action":"set-attribute","path":"driver_info/deploy_kernel","value":"x"}],' +
      '"conditions":[{"field":"node://driver_info.deploy_ramdisk","invert":false,"multiple":"any","op":"is-empty"}],' +
      `"description":"d","links":[{"href":"/v1/rules/${uuid}","rel":"self"}],"scope":"S","uuid":"${uuid}"}\n`;
    const res = await service.call('post', '/v1/rules').send(sent).expect(201);
    expect(res.text).toBe(answered);
    expect(res.headers['content-type']).toBe('application/json');
    expect((await service.call('get', `/v1/rules/${uuid}`).expect(200)).text).toBe(answered);
    expect((await service.call('get', `/v1/rules/${uuid}/`).expect(200)).text).toBe(answered);
  });
  it('201: numbers keep their spelling; they are judged by it', async () => {
    const uuid = randomUUID();
    const sent =
      `{"uuid":"${uuid}","conditions":[{"op":"eq","field":"a","value":2048.0},{"op":"eq","field":"a","value":1e3},` +
      '{"op":"eq","field":"a","value":[12345678901234567890,-0.50]}],' +
      '"actions":[{"action":"set-attribute","path":"/extra/a","value":{"b":1.10}}]}';
    const { text } = await service.call('post', '/v1/rules').send(sent).expect(201);
    for (const number of ['"value":2048.0}', '"value":1e3}', '[12345678901234567890,-0.50]', '{"b":1.10}'])
      expect(text).toContain(number);
    expect((await service.call('get', `/v1/rules/${uuid}`)).text).toBe(text);
    const [rule] = await rulesInForce(service.db);
    expect(rule?.conditions[0]).toMatchObject({ value: new ExactNumber('2048.0') });
  });
  it('201: defaults, a uuid that is made, unknown keys at the top are passed over', async () => {
    const { body } = await add({ actions: FAIL, uuid: null, colour: 'red' }).expect(201);
    const { uuid } = body as { uuid: string };
    expect(uuid).toMatch(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    expect(body).toEqual({
      ...{ actions: FAIL, conditions: [], description: null, scope: null, uuid },
      links: [{ href: `/v1/rules/${uuid}`, rel: 'self' }],
    });
  });
  it.each([randomUUID().toUpperCase(), randomUUID().replaceAll('-', '')])(
    '201: %s is kept as it is spelt',
    async (uuid) => {
      expect((await add({ uuid, actions: FAIL }).expect(201)).body.uuid).toBe(uuid);
      await service.call('get', `/v1/rules/${uuid}`).expect(200);
    },
  );
  it('201: the longest scope, and null as a value', async () => {
    const actions = [{ action: 'set-attribute', path: '/a', value: null }];
    expect((await add({ scope: 'x'.repeat(255), actions }).expect(201)).body.actions).toEqual(actions);
  });
  it('200 below version 1.6', async () => {
    await add({ actions: FAIL }).set(VERSION, '1.5').expect(200);
    await add({ actions: FAIL }).set(VERSION, '1.6').expect(201);
  });
  it('links have the prefix of the proxy, and no host', async () => {
    const { body } = await add({ actions: FAIL }).set({
      'X-Forwarded-Prefix': '/inspector',
      'X-Forwarded-Host': 'api.example',
    });
    expect(body.links[0].href).toBe(`/inspector/v1/rules/${body.uuid}`);
  });
  it('409: the uuid is taken, and the rule stays', async () => {
    const { uuid } = (await add({ actions: FAIL, description: 'first' })).body as { uuid: string };
    const res = await add({ uuid, actions: FAIL, description: 'second' }).expect(409);
    expect(res.body.error.message).toContain(uuid);
    expect((await service.call('get', `/v1/rules/${uuid}`)).body.description).toBe('first');
  });
  it('of two at once with one uuid, one is kept', async () => {
    const uuid = randomUUID();
    const statuses = await Promise.all([1, 2, 3].map(async () => (await add({ uuid, actions: FAIL })).status));
    expect(statuses.sort()).toEqual([201, 409, 409]);
  });
  it.each(['', 'xx', 'null', '[]', '"s"', '1', '{}', '{"actions":[]}', '{"actions":[{"action":"nope"}]}'])(
    '400: %j, in the form of this API; nothing is kept',
    async (text) => {
      const res = await service.call('post', '/v1/rules').set('Content-Type', 'application/json').send(text);
      expect([res.status, typeof res.body.error.message]).toEqual([400, 'string']);
      expect(Object.keys(res.body as object)).toEqual(['error']);
      expect((await service.call('get', '/v1/rules')).body).toEqual({ rules: [] });
    },
  );
  it.each([
    ['an unknown parameter is named', { actions: [{ action: 'fail', message: 'm', colour: 1 }] }, /colour/],
    ['a missing one is named', { actions: [{ action: 'fail' }] }, /message/],
    ['NUL', { actions: [{ action: 'fail', message: 'a\0' }] }, /Null|NUL/i],
    ['a scope that is no text', { actions: FAIL, scope: 5 }, /scope/],
    ['a rule that is very large', { actions: [{ action: 'fail', message: 'x'.repeat(300_000) }] }, /longer than/],
  ])('400: %s', async (_what, rule, text) => {
    expect((await add(rule).expect(400)).body.error.message).toMatch(text);
  });
  it('400: deep nesting', async () => {
    const value = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    await service
      .call('post', '/v1/rules')
      .send(`{"actions":[{"action":"set-attribute","path":"a","value":${value}}]}`)
      .expect(400);
  });
  it('413: more than a megabyte', async () => {
    await add({ description: 'x'.repeat(1_200_000) }).expect(413);
  });
  it('400: a thousand rules are enough', async () => {
    await sql(
      service.db,
      `insert into rule (uuid, form, conditions, actions)
       select 'many-' || i, 'inspector', '[]', '[]' from generate_series(1, 1000) i`,
    );
    expect((await add({ actions: FAIL }).expect(400)).body.error.message).toMatch(/1000 rules/);
    expect((await service.call('get', '/v1/rules')).body.rules).toHaveLength(1000);
  });
});
it('200: the short list, in the order of creation', async () => {
  const made = [];
  for (const description of ['one', 'two', 'three']) made.push((await add({ description, actions: FAIL })).body);
  const res = await service.call('get', '/v1/rules/').expect(200);
  expect(res.body).toEqual({
    rules: made.map(({ description, links, scope, uuid }) => ({ description, links, scope, uuid })),
  });
});
it('204: a rule is deleted; then it is 404', async () => {
  const { uuid } = (await add({ actions: FAIL })).body as { uuid: string };
  const res = await service.call('delete', `/v1/rules/${uuid}`).expect(204);
  expect([res.text, res.headers['content-type'], res.headers['content-length']]).toEqual(['', 'text/plain', '0']);
  for (const method of ['get', 'delete'] as const)
    expect((await service.call(method, `/v1/rules/${uuid}`).expect(404)).body.error.message).toMatch(/not found/);
});
it.each(['nobody', randomUUID(), '%E2%82%AC', "a'b", 'a%2Fb', 'x'.repeat(1000)])('404: %s', async (name) => {
  expect((await service.call('get', `/v1/rules/${name}`).expect(404)).body.error.message).toMatch(/not found/);
});
it('204: all are deleted, also when there is none', async () => {
  await add({ actions: FAIL });
  for (let i = 0; i < 2; i += 1) {
    await service.call('delete', '/v1/rules').expect(204);
    expect((await service.call('get', '/v1/rules')).body).toEqual({ rules: [] });
  }
});
it('405: other methods, with what there is', async () => {
  expect((await service.call('put', '/v1/rules').expect(405)).headers.allow).toBe('POST, GET, HEAD, DELETE, OPTIONS');
  await service.call('patch', `/v1/rules/${randomUUID()}`).expect(405);
  await service.call('head', '/v1/rules').expect(200);
});
it.each([
  ['', 401],
  [TOKENS.person, 403],
  [TOKENS.observer, 403],
])('of "%s" every call is refused with %i', async (token, status) => {
  for (const [method, path] of [
    ['get', '/v1/rules'],
    ['post', '/v1/rules'],
    ['delete', '/v1/rules'],
    ['get', '/v1/rules/x'],
    ['delete', '/v1/rules/x'],
  ] as const)
    await service.call(method, path, token).expect(status);
});
it('each change is recorded, with who made it', async () => {
  await sql(service.db, 'delete from audit');
  const { uuid } = (await add({ actions: FAIL })).body as { uuid: string };
  await service.call('delete', `/v1/rules/${uuid}`);
  await service.call('delete', `/v1/rules/${uuid}`);
  await service.call('delete', '/v1/rules');
  const rows = await sql(service.db, 'select actor, operation, details from audit order by id');
  const actor = '0f7e1c1e-3f6b-4a4e-9a55-6f1c2f0e9d01';
  expect(rows).toEqual([
    { actor, operation: 'rule.create', details: { rule: uuid } },
    { actor, operation: 'rule.delete', details: { rule: uuid } },
  ]);
});
