import { ask, eventually, startStack, type Stack } from './stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 150_000);
afterAll(() => stack?.close(), 30_000);

const PASSWORD = 'Aa1-something-long';
interface Person {
  id: number;
  uuid: string;
  email: string;
}
interface Session {
  Cookie: string;
  'X-CSRFToken': string;
}
const at = (service: 'identity' | 'compute' | 'metering', path: string): string => `${stack.origin(service)}${path}`;
const asStaff = async (method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> =>
  ask(at('compute', `/staffapi${path}`), {
    method,
    body,
    headers: { Authorization: `Token ${stack.credentials.compute.staff.token}` },
  });
/** The administrator at identity. */
const act = (uuid: string, action: object) =>
  ask(at('identity', `/identity/v2.0/users/${uuid}/action`), {
    method: 'POST',
    body: action,
    headers: { 'X-Auth-Token': stack.credentials.identity.admin.token },
  });
const newPerson = async (username: string): Promise<Person> => {
  const email = `${username}@example.com`;
  const { status, text } = await asStaff('POST', '/users', {
    username,
    email,
    first_name: 'A',
    last_name: 'B',
    password: PASSWORD,
  });
  expect(status).toBe(201);
  const { displayname_catalog: found } = await stack.identity.serviceUserCatalogs({ displaynames: [email] });
  return { id: (JSON.parse(text) as { id: number }).id, uuid: found[email] as string, email };
};
const signIn = async (username: string): Promise<Session> => {
  const { status, headers } = await ask(at('compute', '/api/login'), {
    method: 'POST',
    body: { username, password: PASSWORD },
  });
  expect(status).toBe(200);
  const lines = headers['set-cookie'] ?? [];
  return {
    Cookie: lines.map((line) => line.split(';')[0]).join('; '),
    'X-CSRFToken': /csrftoken=([^;]+)/.exec(lines.join('\n'))?.[1] ?? '',
  };
};
const portal = async (session: Session): Promise<number> =>
  (await ask(at('compute', '/api/current-user'), { headers: { ...session } })).status;
const mint = (session: Session, wish: object = {}) =>
  ask(at('compute', '/api/tokens'), { method: 'POST', body: { name: 'k', ...wish }, headers: { ...session } });
const minted = async (session: Session, wish: object = {}): Promise<string> => {
  const { status, text } = await mint(session, wish);
  expect(status).toBe(201);
  return (JSON.parse(text) as { key: string }).key;
};
/** The answers of identity, compute and metering to a token. */
const everywhere = async (token: string): Promise<boolean[]> => {
  const answers = await Promise.all([
    ask(at('identity', '/account/v1.0/authenticate'), { headers: { 'X-Auth-Token': token } }),
    ask(at('compute', '/api/current-user'), { headers: { Authorization: `Token ${token}` } }),
    ask(at('metering', '/v2/instances/'), { headers: { 'X-Auth-Token': token } }),
  ]);
  return answers.map((one) => one.status === 200);
};
const nowhere = (what: string, token: string) =>
  eventually(what, async () => (await everywhere(token)).every((ok) => !ok), 15);
const within = async (work: () => Promise<unknown>): Promise<void> => {
  const began = Date.now();
  await work();
  // Three services on a busy machine. The five seconds themselves are tested by a clock, in packages/auth.
  expect(Date.now() - began).toBeLessThan(15_000);
};
const exchange = (token: string, scope?: unknown) =>
  ask(at('identity', '/identity/v3/auth/tokens'), {
    method: 'POST',
    body: { auth: { identity: { methods: ['token'], token: { id: token } }, scope } },
  });

it('a portal session and its tokens end within 5 s of a new password and of deactivation at identity', async () => {
  const person = await newPerson('session-ends');
  for (const end of [
    () =>
      ask(at('identity', `/identity/v2.0/users/${person.uuid}`), {
        method: 'PUT',
        body: { user: { password: PASSWORD } },
        headers: { 'X-Auth-Token': stack.credentials.identity.admin.token },
      }),
    () => act(person.uuid, { deactivate: { reason: 'test' } }),
  ]) {
    const session = await signIn('session-ends');
    const token = await minted(session);
    expect([await portal(session), await everywhere(token)]).toEqual([200, [true, true, true]]);
    expect((await end()).status).toBe(200);
    await within(async () => {
      await eventually('the session is over', async () => (await portal(session)) === 401, 15);
      await nowhere('its token is refused', token);
    });
    expect((await mint(session)).status).toBe(401);
  }
}, 90_000);
it('one state of a person: inactive in the portal is inactive everywhere within 5 s, and vice versa', async () => {
  const person = await newPerson('one-state');
  const token = await minted(await signIn('one-state'));
  expect(await everywhere(token)).toEqual([true, true, true]);
  expect((await asStaff('PATCH', `/users/${person.id}`, { is_active: false })).status).toBe(200);
  await within(() => nowhere('every service refuses the token', token));
  expect((await asStaff('PATCH', `/users/${person.id}`, { is_active: true })).status).toBe(200);
  expect(await everywhere(await minted(await signIn('one-state')))).toEqual([true, true, true]);
  await eventually('the old token is back', async () => (await everywhere(token)).every((ok) => ok), 15);
  const active = async (): Promise<boolean> =>
    (JSON.parse((await asStaff('GET', `/users/${person.id}`)).text) as { is_active: boolean }).is_active;
  await act(person.uuid, { deactivate: { reason: 'test' } });
  await within(() => eventually('the portal shows it', async () => !(await active()), 15));
  await act(person.uuid, { activate: '' });
  await within(() => eventually('and its end', active, 15));
}, 90_000);
it('identity away when the portal deactivates: it hears of it when it is back', async () => {
  const person = await newPerson('away');
  const token = await minted(await signIn('away'));
  expect(await everywhere(token)).toEqual([true, true, true]);
  await stack.stop('identity');
  expect((await asStaff('PATCH', `/users/${person.id}`, { is_active: false })).status).toBe(200);
  await stack.start('identity');
  await eventually('every service refuses the token', async () => (await everywhere(token)).every((ok) => !ok), 30);
}, 90_000);
it('a read-only token of the portal stays one through every door', async () => {
  await newPerson('read-only');
  const session = await signIn('read-only');
  const token = await minted(session, { read_only: true });
  const { status, headers } = await exchange(token);
  expect(status).toBe(201);
  const child = headers['x-subject-token'] as string;
  const uuid = (
    JSON.parse(
      (await ask(at('identity', '/account/v1.0/authenticate'), { headers: { 'X-Auth-Token': child } })).text,
    ) as { uuid: string }
  ).uuid;
  for (const one of [token, child]) {
    expect(await everywhere(one)).toEqual([true, true, true]);
    const send = (url: string, body: object, header: Record<string, string>) =>
      ask(url, { method: 'POST', body, headers: header });
    const answers = await Promise.all([
      send(at('compute', '/api/tokens'), { name: 'x' }, { Authorization: `Token ${one}` }),
      send(
        at('identity', `/identity/v3/users/${uuid}/application_credentials`),
        { application_credential: { name: 'x' } },
        { 'X-Auth-Token': one },
      ),
      send(at('metering', '/v2/accounts/'), {}, { 'X-Auth-Token': one }),
    ]);
    expect(answers.map((a) => a.status)).toEqual([403, 403, 403]);
    expect((await exchange(one, { system: { all: true } })).status).toBe(401);
  }
});
it('a deleted token of the portal takes along what was made of it', async () => {
  await newPerson('leaked');
  const session = await signIn('leaked');
  const token = await minted(session);
  const child = (await exchange(token)).headers['x-subject-token'] as string;
  const made = await ask(at('compute', '/api/tokens'), {
    method: 'POST',
    body: { name: 'k2' },
    headers: { Authorization: `Token ${child}` },
  });
  const named = (JSON.parse(made.text) as { key: string }).key;
  for (const one of [child, named]) expect(await everywhere(one)).toEqual([true, true, true]);
  const list = await ask(at('compute', '/api/tokens?ordering=id'), { headers: { ...session } });
  const [{ id }] = (JSON.parse(list.text) as { objects: [{ id: number }] }).objects;
  expect((await ask(at('compute', `/api/tokens/${id}`), { method: 'DELETE', headers: { ...session } })).status).toBe(
    204,
  );
  await within(() => Promise.all([token, child, named].map((one) => nowhere('refused', one))));
  expect(await portal(session)).toBe(200);
}, 90_000);

describe('single sign-on', () => {
  it('a link that staff make lets the user in once; the session ends with the token that made it', async () => {
    const person = await newPerson('signed-on');
    expect((await asStaff('PATCH', `/users/${person.id}`, { external_billing_id: 'whmcs-1' })).status).toBe(200);
    const staff = JSON.parse((await asStaff('GET', '/users?username=demoadmin')).text) as { objects: { id: number }[] };
    const made = JSON.parse(
      (await asStaff('POST', `/users/${staff.objects[0]!.id}/tokens`, { name: 'billing' })).text,
    ) as { id: number; key: string };
    const link = async (): Promise<string> => {
      const { status, text } = await ask(at('compute', '/staffapi/get-sso-session'), {
        method: 'POST',
        body: { euid: 'whmcs-1' },
        headers: { Authorization: `Token ${made.key}` },
      });
      expect([status, text]).toEqual([200, expect.any(String)]);
      const [euid, timestamp, mac] = (JSON.parse(text) as { hash_val: string }).hash_val.split(':');
      return at('compute', `/api/sso?euid=${euid}&timestamp=${timestamp}&hash_val=${mac}`);
    };
    const once = await link();
    const { status, headers } = await ask(once);
    expect(status).toBe(200);
    const lines = headers['set-cookie'] ?? [];
    const session = { Cookie: lines.map((line) => line.split(';')[0]).join('; '), 'X-CSRFToken': '' };
    expect(await portal(session)).toBe(200);
    expect((await ask(once)).status).toBe(400);
    const late = await link();
    expect((await asStaff('DELETE', `/users/${staff.objects[0]!.id}/tokens/${made.id}`)).status).toBe(204);
    await eventually('the session is over', async () => (await portal(session)) === 401, 15);
    expect((await ask(late)).status).toBe(400);
  }, 60_000);
});
