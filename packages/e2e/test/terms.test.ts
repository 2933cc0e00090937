import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ask, eventually, startStack, type Stack } from './stack.js';

let stack: Stack;
const folder = mkdtempSync(path.join(os.tmpdir(), 'nefos-terms-'));
beforeAll(async () => {
  stack = await startStack();
}, 150_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await stack?.close();
}, 30_000);

const PASSWORD = 'Aa1-something-long';
const at = (service: 'identity' | 'compute' | 'metering', to: string): string => `${stack.origin(service)}${to}`;
const compute = (token: string, to: string) => ask(at('compute', to), { headers: { Authorization: `Token ${token}` } });
const login = (side: 'api' | 'staffapi', username: string) =>
  ask(at('compute', `/${side}/login`), { method: 'POST', body: { username, password: PASSWORD } });
const make = async (username: string, more: object = {}): Promise<string> => {
  const headers = { Authorization: `Token ${stack.credentials.compute.staff.token}` };
  const body = {
    username,
    email: `${username}@example.com`,
    first_name: 'A',
    last_name: 'B',
    password: PASSWORD,
    ...more,
  };
  const { status, text } = await ask(at('compute', '/staffapi/users'), { method: 'POST', body, headers });
  expect([status, text]).toEqual([201, expect.any(String)]);
  return username;
};
const form = (to: string, fields: Record<string, string>, cookie = '') =>
  fetch(at('identity', to), {
    method: 'POST',
    redirect: 'manual',
    headers: { Cookie: cookie },
    body: new URLSearchParams(fields),
  });

describe('new terms of use in the whole of Nefos', () => {
  it('bind end users everywhere until they sign; staff, components and the command line go on', async () => {
    const { staff, user } = stack.credentials.compute as { staff: { token: string }; user: { token: string } };
    const person = await make('enduser-of-terms');
    const colleague = await make('staff-of-terms', { is_staff: true });
    expect((await login('api', person)).status).toBe(200);

    const file = path.join(folder, 'terms.txt');
    writeFileSync(file, 'Be kind.');
    expect(await stack.nefos('terms', 'add', file)).toEqual([{ id: 1, location: file }]);

    await eventually(
      'an end user is refused',
      async () => (await compute(user.token, '/api/current-user')).status === 401,
      15,
    );
    expect((await compute(staff.token, '/staffapi/users')).status).toBe(200);
    expect((await login('staffapi', colleague)).status).toBe(200);
    const refused = await login('api', person);
    expect([refused.status, JSON.parse(refused.text)]).toEqual([
      400,
      {
        non_field_errors: [
          `The terms of use have to be accepted first, at ${stack.origin('identity')}/ui/approval_terms.`,
        ],
      },
    ]);
    // Staff can not make a token that would be refused; the answer says why.
    const users = JSON.parse((await compute(staff.token, `/staffapi/users?filtering=username:${person}`)).text)
      .objects as { id: number; username: string }[];
    const { id } = users.find((one) => one.username === person) as { id: number };
    const body = { name: 'too early' };
    const made = await ask(at('compute', `/staffapi/users/${id}/tokens`), {
      method: 'POST',
      body,
      headers: { Authorization: `Token ${staff.token}` },
    });
    expect([made.status, JSON.parse(made.text)]).toEqual([
      409,
      { detail: `The terms of use have to be accepted first, at ${stack.origin('identity')}/ui/approval_terms.` },
    ]);
    const machine = await make('made-meanwhile');
    expect((await login('api', machine)).status).toBe(400);

    // The person reads, signs, and can sign in.
    const signedIn = await form('/ui/login', { username: `${person}@example.com`, password: PASSWORD });
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';', 1)[0] as string;
    const page = await (await fetch(at('identity', '/ui/approval_terms'), { headers: { Cookie: cookie } })).text();
    expect(page).toContain('Be kind.');
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] as string;
    expect((await form('/ui/approval_terms', { csrf: field('csrf'), terms: field('terms') }, cookie)).status).toBe(302);
    expect((await login('api', person)).status).toBe(200);

    // A program can not sign; its operator signs for it.
    await stack.nefos('terms', 'sign', 'demo@fleiobogustest.com');
    await eventually(
      'its token works again',
      async () => (await compute(user.token, '/api/current-user')).status === 200,
      15,
    );
    for (const service of ['identity', 'compute', 'metering'] as const) expect(stack.unexpected(service)).toEqual([]);
  }, 120_000);
});
