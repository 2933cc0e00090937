import { randomUUID } from 'node:crypto';
import { people, service, useService } from '../support.js';

const TOKENS = '/identity/v3/auth/tokens';
const DEEP = '['.repeat(100_000) + ']'.repeat(100_000);
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every place in a value, the value itself included. */
const placesIn = (value: Json, at: (string | number)[] = []): (string | number)[][] => [
  at,
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...at, Array.isArray(value) ? +key : key]))
    : []),
];
const valueAt = (value: Json, at: (string | number)[]): Json =>
  at.reduce<Json>((inner, key) => (inner as Record<string | number, Json>)[key] as Json, value);
/** The value with another one in this place. */
const withAt = (value: Json, [key, ...rest]: (string | number)[], other: Json): Json => {
  if (key === undefined) return other;
  const copy = structuredClone(value) as Record<string | number, Json>;
  copy[key] = withAt(copy[key] as Json, rest, other);
  return copy;
};

describe('authentication on v3 with what no client sends', () => {
  const s = useService();
  const identity = (name: string, payload: Json, scope?: Json): Json => ({
    auth: { identity: { methods: [name], [name]: payload }, ...(scope !== undefined && { scope }) },
  });
  const PROJECT = { project: { name: 'nothing', domain: { name: 'Default' } } };
  const BODIES: [string, Json][] = [
    ['token', identity('token', { id: people.user.token }, PROJECT)],
    ['token, domain', identity('token', { id: people.user.token }, { domain: { id: 'default' } })],
    ['token, system', identity('token', { id: people.user.token }, { system: { all: true } })],
    [
      'password',
      identity('password', { user: { name: 'nobody@example.com', domain: { id: 'default' }, password: 'wrong' } }),
    ],
    ['credential', identity('application_credential', { name: 'a', secret: 'b', user: { id: people.user.uuid } })],
  ];
  const JUNK: Json[] = [null, true, 5, 1e308, '', [], ['x'], [[]], { id: 5 }, { id: { id: 'x' } }, { name: [] }];
  const post = (raw: string) => s.api().post(TOKENS).type('json').send(raw);
  const tokens = async (): Promise<number> =>
    Number((await s.rows<{ n: string }>('select count(*) n from token'))[0]?.n);
  // The guard against guessing is another test's.
  beforeEach(async () => {
    await s.rows('delete from rate_limit');
  });

  it.each(BODIES)('400 or 401, never 500, and no token: wrong types in every place: %s', async (_name, body) => {
    const before = await tokens();
    for (const place of placesIn(body))
      for (const junk of [...JUNK, 'x'.repeat(100_000)]) {
        const { status, body: answer, text } = await post(JSON.stringify(withAt(body, place, junk)));
        const asked = `${place.join('.')} = ${JSON.stringify(junk).slice(0, 40)}`;
        expect([asked, [400, 401, 429].includes(status), text.slice(0, 300)]).toEqual([
          asked,
          true,
          text.slice(0, 300),
        ]);
        expect([asked, (answer as { error: { code: number } }).error.code]).toEqual([asked, status]);
        expect([asked, text.length < 1000]).toEqual([asked, true]);
      }
    expect(await tokens()).toBe(before);
  });
  it.each(BODIES)(
    '400: NUL, lone surrogates and a hundred thousand brackets in every text: %s',
    async (_name, body) => {
      const texts = placesIn(body).filter((place) => typeof valueAt(body, place) === 'string');
      expect(texts.length).toBeGreaterThan(1);
      for (const place of texts)
        for (const hostile of ['"a\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', DEEP]) {
          const { body: answer } = await post(JSON.stringify(withAt(body, place, '@')).replace('"@"', hostile)).expect(
            400,
          );
          expect((answer as { error: { title: string } }).error.title).toBe('Bad Request');
        }
    },
  );
  it('400, 401: two scopes, two methods, a method that is none, a scope without its parts', async () => {
    const { token } = people.user;
    for (const [status, scope] of [
      [400, { ...PROJECT, system: { all: true } }],
      [400, { project: {} }],
      [400, { project: null }],
      [400, { domain: {} }],
      [400, { system: {} }],
      [400, { system: { all: false } }],
      [400, { 'OS-TRUST:trust': { id: 'x' } }],
      [400, 'everything'],
      [400, { project: { id: 'x'.repeat(256) } }],
      [401, { project: { id: 'x'.repeat(255) } }],
      [401, { project: { id: "' or true --" } }],
    ] as const)
      expect([scope, (await post(JSON.stringify(identity('token', { id: token }, scope as Json)))).status]).toEqual([
        scope,
        status,
      ]);
  });
  it('404, 401: hostile tokens in the headers, whether the look-up is quick or not', async () => {
    for (const hostile of ['x'.repeat(6000), "' or true --", '%00', 'a b', 'a,b', '\u00e9', '__proto__', '=', '====']) {
      for (const method of ['get', 'head', 'delete'] as const) {
        await s.as(people.user.token)[method](TOKENS).set('X-Subject-Token', hostile).expect(404);
        await s.as(hostile)[method](TOKENS).set('X-Subject-Token', people.user.token).expect(401);
      }
      await post(JSON.stringify(identity('token', { id: hostile }))).expect(hostile.length > 4096 ? 400 : 401);
    }
    await s.as(service.token).get(TOKENS).set('X-Subject-Token', people.user.token).expect(200);
  });
  it('404, 400: hostile ids in paths and filters of reads find nothing', async () => {
    for (const hostile of ["' or true --", '%25', '..', '__proto__', 'constructor', randomUUID().toUpperCase()])
      for (const path of ['projects', 'users', 'groups', 'roles', 'services', 'endpoints', 'regions', 'domains']) {
        const at = `/identity/v3/${path}/${encodeURIComponent(hostile).replaceAll('.', '%2E')}`;
        const { status } = await s.as(people.admin.token).get(at);
        expect([at, [404, 400].includes(status) || hostile === '..']).toEqual([at, true]);
        expect([at, status < 500]).toEqual([at, true]);
      }
    for (const query of [
      'user.id=%00',
      'include_names=perhaps',
      'effective=1&effective=0',
      'scope.project.id[]=x',
      `scope.system=${'x'.repeat(3000)}`,
    ])
      await s.as(people.admin.token).get(`/identity/v3/role_assignments?${query}`).expect(400);
  });
});
