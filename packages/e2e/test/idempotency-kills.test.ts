import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { requestBody } from './cloud.js';
import { ask, eventually, startStack, type Stack } from './stack.js';

const PRELOAD = pathToFileURL(path.join(__dirname, 'kill-at.mjs')).href;
const JANE = {
  first_name: 'Jane',
  last_name: 'Doe',
  address1: '1 Elm St.',
  city: 'York',
  country: 'US',
  zip_code: '1',
  phone: '9',
};
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.stop('compute');
}, 150_000);
afterAll(() => stack?.close(), 30_000);

const restart = async (kill: Record<string, string> = {}): Promise<void> => {
  await stack.kill('compute');
  await stack.start('compute', { NODE_OPTIONS: `--import=${PRELOAD}`, NEFOS_COMPUTE_WORKER: 'off', ...kill });
};
const post = (key: string, where: string, body: object) =>
  ask(`${stack.origin('compute')}${where}`, {
    method: 'POST',
    headers: { Authorization: `Token ${stack.credentials.compute.staff.token}`, 'Idempotency-Key': key },
    body,
  });
const count = async (text: string, values: unknown[]): Promise<number> =>
  (await stack.query<{ n: number }>('compute', text, values))[0]!.n;
/** The answer of a repetition, which another repetition gets too, byte for byte. */
const repeated = async (key: string, where: string, body: object): Promise<{ status: number; text: string }> => {
  const [one, other] = [await post(key, where, body), await post(key, where, body)];
  expect([other.status, other.text, other.headers.location]).toEqual([one.status, one.text, one.headers.location]);
  return one;
};

describe('SIGKILL of compute during a request with an Idempotency-Key, and the request again', () => {
  it('a client with a user, at every line: one client, one user who is let in, one answer', async () => {
    const form = (line: number) => ({
      ...JANE,
      email: `line${line}@doe.example`,
      external_billing_id: `line-${line}`,
      create_auto_order_service: true,
      user: { username: `line-${line}`, email: `line${line}@doe.example`, password: 'a good long password' },
    });
    const check = async (line: number, { status, text }: { status: number; text: string }): Promise<void> => {
      const { id } = JSON.parse(text) as { id: number };
      expect([line, status]).toEqual([line, 201]);
      expect(
        await count('select count(*)::int n from client where external_billing_id = $1 and id = $2', [
          `line-${line}`,
          id,
        ]),
      ).toBe(1);
      expect(await count('select count(*)::int n from service where client_id = $1', [id])).toBe(1);
      expect(
        await count(
          'select count(*)::int n from client_user m join portal_user u on u.id = m.user_id where m.client_id = $1',
          [id],
        ),
      ).toBe(1);
    };
    let line = 1;
    for (await restart({ KILL_KEY: 'line-1', KILL_AT: '1' }); line < 100; line += 1) {
      const first = await post(`line-${line}`, '/staffapi/clients', form(line));
      const survived = first.status !== 0;
      if (!survived) await restart({ KILL_KEY: `line-${line + 1}`, KILL_AT: String(line + 1) });
      const repetition = await repeated(`line-${line}`, '/staffapi/clients', form(line));
      await check(line, repetition);
      if (!survived) continue;
      expect(repetition.text).toBe(first.text);
      break;
    }
    expect(line).toBeGreaterThan(15);
    expect(line).toBeLessThan(100);
    await stack.kill('compute');
    await stack.start('compute');
    await eventually(
      'all users are let in',
      async () => (await count('select count(*)::int n from portal_user where not activated', [])) === 0,
    );
    expect(stack.unexpected('compute')).toEqual([]);
  }, 300_000);

  const AT = ['update idempotency_key', 'COMMIT', 'answer'];
  it.each(AT)(
    'an instance, credit, a user and a suspension, before: %s',
    async (at) => {
      await restart();
      const { id: client } = JSON.parse(
        (
          await post(`client-${AT.indexOf(at)}`, '/staffapi/clients', {
            ...JANE,
            email: 'j@doe.example',
            create_auto_order_service: true,
          })
        ).text,
      ) as { id: number };
      const requests: [string, string, object, () => Promise<number>][] = [
        [
          'instance',
          '/staffapi/openstack/instances',
          await requestBody(stack, client, `killed ${at}`),
          () => count('select count(*)::int n from instance where client_id = $1', [client]),
        ],
        [
          'credit',
          `/staffapi/clients/${client}/change_credit`,
          { amount: '10.00', currency: 'EUR', add_credit: true },
          () => count(`select count(*)::int n from client_credit where client_id = $1 and amount = 10`, [client]),
        ],
        [
          'user',
          '/staffapi/users',
          {
            username: `user ${at}`,
            email: `u${AT.indexOf(at)}@doe.example`,
            password: 'a good long password',
            clients: [client],
          },
          () => count('select count(*)::int n from portal_user where username = $1', [`user ${at}`]),
        ],
        [
          'suspend',
          `/staffapi/clients/${client}/suspend`,
          {},
          () => count(`select count(*)::int n from client where id = $1 and hold = 'suspended'`, [client]),
        ],
      ];
      for (const [what, where, body, effects] of requests) {
        const key = `${what}-${AT.indexOf(at)}`;
        await restart({ KILL_KEY: key, KILL_AT: at });
        expect([what, (await post(key, where, body)).status]).toEqual([what, 0]);
        expect([what, await effects()]).toEqual([what, at === 'answer' ? 1 : 0]);
        await restart();
        const { status } = await repeated(key, where, body);
        expect([what, status]).toEqual([what, what === 'instance' || what === 'user' ? 201 : 200]);
        expect([what, await effects()]).toEqual([what, 1]);
      }
    },
    120_000,
  );
});
