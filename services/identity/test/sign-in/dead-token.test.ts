import { randomBytes } from 'node:crypto';
import { hasTokenForm } from '../../src/access/domain/token-form.js';
import { login, people, PASSWORD, service, useService } from '../support.js';

const { user, admin } = people;
/** As programs have them: minted here, made by the portal, the original's, with padding left, another cloud's. */
const DEAD: Record<string, string> = {
  minted: randomBytes(32).toString('base64url'),
  "the portal's": randomBytes(20).toString('hex'),
  "the original's": 'cJeuEBNDnSVXiQOQ9YZ1Cg==',
  'a secret of an application credential': `ac_${randomBytes(32).toString('base64url')}`,
  "another cloud's": `gAAAAAB${randomBytes(130).toString('base64url')}`,
};

describe('a client that goes on with a dead token', () => {
  const s = useService({ env: { NEFOS_IDENTITY_ADDRESS_FAILURES: '8' } });
  beforeEach(() => s.rows('delete from rate_limit'));
  let serial = 0;
  const elsewhere = () => `198.51.100.${(serial += 1)}`;
  const v2 = (username: string, password: string, from: string) =>
    s
      .api()
      .post('/identity/v2.0/tokens')
      .set('X-Forwarded-For', from)
      .send({ auth: { passwordCredentials: { username, password } } });
  const v3 = (id: string, password: string, from: string) =>
    s
      .api()
      .post('/identity/v3/auth/tokens')
      .set('X-Forwarded-For', from)
      .send({ auth: { identity: { methods: ['password'], password: { user: { id, password } } } } });
  const page = (username: string, password: string, from: string) =>
    s.api().post('/ui/login').set('X-Forwarded-For', from).type('form').send({ username, password });
  const change = (_: string, original: string, from: string) =>
    s
      .as(user.token)
      .post(`/identity/v3/users/${user.uuid}/password`)
      .set('X-Forwarded-For', from)
      .send({ user: { original_password: original, password: 'another right long password' } });
  const component = (uuid: string, password: string) =>
    s.as(service.token).post(`/internal/v1/users/${uuid}/check-password`).send({ password });
  const session = (uuid: string, password: string) =>
    s.as(service.token).post(`/internal/v1/users/${uuid}/sessions`).send({ password, seconds: 60 });
  const DOORS = { v2, v3, page, 'a new password': change, 'a component': component, "a component's session": session };
  const names = Object.keys(DOORS) as (keyof typeof DOORS)[];

  it.each(names)('does not lock the password of the account: %s', async (door) => {
    const from = elsewhere();
    for (const token of [...Object.values(DEAD), DEAD.minted as string, DEAD.minted as string])
      expect([door, token, (await DOORS[door](user.uuid, token, from)).status]).toEqual([
        door,
        token,
        door === 'a new password' ? 403 : 401,
      ]);
    await login(s, user).expect(201);
    await v2(user.uuid, PASSWORD, elsewhere()).expect(200);
  });
  it('is counted by its address: 429 there, and nowhere else', async () => {
    const from = elsewhere();
    for (let i = 0; i < 8; i += 1) await v2(user.uuid, DEAD.minted as string, from).expect(401);
    await v2(user.uuid, DEAD.minted as string, from).expect(429);
    await v2(user.uuid, PASSWORD, elsewhere()).expect(200);
  });
  it('guesses at a password lock it still, whatever stood between them', async () => {
    for (let i = 0; i < 6; i += 1) {
      await v2(user.uuid, `guess ${i}`, elsewhere()).expect(401);
      await v2(user.uuid, DEAD.minted as string, elsewhere()).expect(401);
    }
    await v2(user.uuid, PASSWORD, elsewhere()).expect(401);
  });
  it('a password in the form of a token is right as any other, and refused while the account is locked', async () => {
    const strange = randomBytes(32).toString('base64url');
    await s
      .as(admin.token)
      .put(`/identity/v2.0/users/${people.other.uuid}`)
      .send({ user: { password: strange } })
      .expect(200);
    await v2(people.other.uuid, strange, elsewhere()).expect(200);
    for (let i = 0; i < 6; i += 1) await v2(people.other.uuid, `guess ${i}`, elsewhere()).expect(401);
    await v2(people.other.uuid, strange, elsewhere()).expect(401);
  });
});

it.each<[string, string, boolean]>([
  ...Object.entries(DEAD).map(([name, text]) => [name, text, true] as [string, string, boolean]),
  ['a password that was made here', randomBytes(15).toString('base64url'), false],
  ['a long pass phrase', 'correct horse battery staple and then some more of them', false],
  ['a short text', 'secret', false],
])('the form of a token: %s', (_name, text, is) => {
  expect(hasTokenForm(text)).toBe(is);
});
