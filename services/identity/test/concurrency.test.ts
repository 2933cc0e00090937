import { randomUUID } from 'node:crypto';
import { renewTokens } from '../src/domain/accounts.js';
import { prepare } from '../src/start.js';
import { loadPrincipals } from '../src/domain/bootstrap.js';
import { people, PASSWORD, service, useService } from './support.js';

describe('two at once', () => {
  const s = useService();
  it('two renewals: one token lives', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => renewTokens(s.act, people.other.uuid)));
    const states = await Promise.all(made.map(async ({ token }) => (await s.as(token).get('/account/v1.0/authenticate')).status));
    const [row] = await s.rows<{ n: number }>('select count(*)::int n from token t join account a on a.id = t.account_id where a.uuid = $1 and revoked_at is null', [people.other.uuid]);
    expect([states.filter((one) => one === 200).length, row?.n]).toEqual([1, 1]);
  });
  it('sign-ups with one address: one wins, the others get 409', async () => {
    const create = () => s.as(people.admin.token).post('/identity/v2.0/users').send({ user: { username: 'race@example.com', first_name: 'A', last_name: 'B', password: PASSWORD } });
    expect((await Promise.all([create(), create(), create()])).map((r) => r.status).sort()).toEqual([200, 409, 409]);
  });
  it('an unverified user gives way to the next with this address; a verified one does not', async () => {
    const put = (uuid: string) => s.as(service.token).put(`/internal/v1/users/${uuid}`).send({ email: 'Squatter@example.com', first_name: 'A', last_name: 'B' });
    const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
    await put(first).expect(200);
    await put(second).expect(200);
    expect(await s.rows('select uuid from account where username = $1', ['squatter@example.com'])).toEqual([{ uuid: second }]);
    await s.as(service.token).post(`/internal/v1/users/${second}/activate`).expect(204);
    await put(third).expect(409);
  });
  it('the same putUser many times at once makes one user', async () => {
    const uuid = randomUUID();
    const all = await Promise.all(Array.from({ length: 6 }, () => s.as(service.token).put(`/internal/v1/users/${uuid}`).send({ email: 'once@example.com', first_name: 'A', last_name: 'B' })));
    expect(new Set(all.map((r) => r.status))).toEqual(new Set([200]));
    expect(await s.rows('select 1 from account where username = $1', ['once@example.com'])).toHaveLength(1);
  });
  it('two processes that start at once with one bootstrap make each principal once, and change nothing the next time', async () => {
    const other = await s.replica();
    const users = [{ uuid: randomUUID(), email: 'boot@example.com', first_name: 'B', last_name: 'B', superuser: false, groups: ['g1'], tokens: ['boot-token-00000000000000000000'] }];
    await Promise.all([loadPrincipals(s.ctx, { users, components: [] }), loadPrincipals(other.ctx, { users, components: [] })]);
    await s.as(users[0]!.tokens[0]!).get('/account/v1.0/authenticate').expect(200);
    await s.as(users[0]!.tokens[0]!).delete(`/identity/v2.0/tokens/${users[0]!.tokens[0]!}`).expect(204);
    await loadPrincipals(s.ctx, { users, components: [] });
    await s.as(users[0]!.tokens[0]!).get('/account/v1.0/authenticate').expect(401); // revoked stays revoked
    await Promise.all([prepare(s.ctx, undefined), prepare(other.ctx, undefined)]);
    expect(await s.rows("select name from service where name like 'astakos%' order by id")).toHaveLength(4);
  });
  it('a bootstrap file that is no bootstrap says what is wrong', async () => {
    await expect(prepare(s.ctx, '/nonexistent/bootstrap.json')).rejects.toThrow('NEFOS_BOOTSTRAP_FILE: can not read');
    await expect(prepare(s.ctx, __filename)).rejects.toThrow('is no JSON');
  });
});
