import { randomUUID } from 'node:crypto';
import { createComponent } from '../../src/catalog/domain/components.js';
import { people, PASSWORD, service, useService } from '../support.js';

describe('/internal/v1', () => {
  const s = useService();
  const put = async (email: string, password?: string): Promise<string> => {
    const uuid = randomUUID();
    await s
      .as(service.token)
      .put(`/internal/v1/users/${uuid}`)
      .send({ email, first_name: 'A', last_name: 'B', password })
      .expect(200);
    return uuid;
  };
  const issue = (uuid: string, body: object) =>
    s
      .as(service.token)
      .post(`/internal/v1/users/${uuid}/tokens`)
      .send({ label: 'key', form: 'hex', expires_at: null, ...body });

  it('a pending user can not sign in; activated he can; removed he and his tokens are gone, twice', async () => {
    const uuid = await put('life@example.com', PASSWORD);
    const check = (password: string) =>
      s.as(service.token).post(`/internal/v1/users/${uuid}/check-password`).send({ password });
    await check(PASSWORD).expect(401);
    const { token } = (await issue(uuid, {}).expect(201)).body;
    await s.as(token).get('/account/v1.0/authenticate').expect(401);
    await s.as(service.token).post(`/internal/v1/users/${uuid}/activate`).expect(204);
    await s.as(service.token).post(`/internal/v1/users/${uuid}/activate`).expect(204);
    await check(PASSWORD).expect(204);
    await check('wrong').expect(401);
    await s.as(token).get('/account/v1.0/authenticate').expect(200);
    await s.as(service.token).delete(`/internal/v1/users/${uuid}`).expect(204);
    await s.as(service.token).delete(`/internal/v1/users/${uuid}`).expect(204);
    await s.as(token).get('/account/v1.0/authenticate').expect(401);
  });
  it('204: a late repetition of the activation does not undo what an administrator did since', async () => {
    const active = async (uuid: string): Promise<boolean | undefined> =>
      (await s.rows<{ is_active: boolean }>('select is_active from account where uuid = $1', [uuid]))[0]?.is_active;
    const act = (uuid: string, action: object) =>
      s.as(people.admin.token).post(`/identity/v2.0/users/${uuid}/action`).send(action).expect(200);
    const [off, rejected] = [await put('off@example.com'), await put('rejected@example.com')];
    await s.as(service.token).post(`/internal/v1/users/${off}/activate`).expect(204);
    await act(off, { deactivate: { reason: 'abuse' } });
    await act(rejected, { verify: {} });
    await act(rejected, { reject: { reason: 'abuse' } });
    for (const uuid of [off, rejected]) {
      await s.as(service.token).post(`/internal/v1/users/${uuid}/activate`).expect(204);
      expect(await active(uuid)).toBe(false);
    }
  });
  it('401 of a wrong password says so by its reason; a refused service token has another', async () => {
    const path = `/internal/v1/users/${people.user.uuid}/check-password`;
    expect((await s.as(service.token).post(path).send({ password: 'wrong' }).expect(401)).body.error.reason).toBe(
      'credentials.wrong',
    );
    expect((await s.as('no-token').post(path).send({ password: PASSWORD }).expect(401)).body.error.reason).toBe(
      'token.unknown',
    );
  });
  it('401, not 429: failures that a component reports for many users do not keep the next user out', async () => {
    await s.rows(
      `insert into rate_limit (key, points, expire)
        values ('address:local', 1000, extract(epoch from now() + interval '5 minutes') * 1000)`,
    );
    await s
      .as(service.token)
      .post(`/internal/v1/users/${people.user.uuid}/check-password`)
      .send({ password: PASSWORD })
      .expect(204);
    await s.rows('delete from rate_limit');
    await s
      .as(service.token)
      .post(`/internal/v1/users/${people.user.uuid}/check-password`)
      .send({ password: 'wrong' })
      .expect(401);
    expect((await s.rows<{ key: string }>('select key from rate_limit')).map((r) => r.key)).toEqual([
      `account:${people.user.uuid}`,
    ]);
  });
  it('201: tokens in both forms, with and without an end; revoked by their public name, twice', async () => {
    const uuid = await put('forms@example.com');
    await s.as(service.token).post(`/internal/v1/users/${uuid}/activate`).expect(204);
    const hex = (await issue(uuid, {}).expect(201)).body;
    expect([hex.token, hex.expires_at]).toEqual([expect.stringMatching(/^[0-9a-f]{40}$/), null]);
    const other = (await issue(uuid, { form: 'base64url', expires_at: '2099-01-01T02:00:00+02:00' }).expect(201)).body;
    expect([other.token, other.expires_at]).toEqual([
      expect.stringMatching(/^[\w-]{43}$/),
      '2099-01-01T00:00:00.000000Z',
    ]);
    expect(
      (
        await s
          .as(service.token)
          .get('/identity/v3/auth/tokens?nocatalog')
          .set('X-Subject-Token', hex.token)
          .expect(200)
      ).body.token.audit_ids[0],
    ).toBe(hex.audit_id);
    for (let i = 0; i < 2; i += 1) await s.as(service.token).delete(`/internal/v1/tokens/${hex.audit_id}`).expect(204);
    await s.as(hex.token).get('/account/v1.0/authenticate').expect(401);
    await s.as(other.token).get('/account/v1.0/authenticate').expect(200);
  });
  it('409: an address that a verified user has; a uuid with another address; 404: a token for nobody', async () => {
    await s
      .as(service.token)
      .put(`/internal/v1/users/${randomUUID()}`)
      .send({ email: people.user.email, first_name: 'A', last_name: 'B' })
      .expect(409);
    const uuid = await put('mine@example.com');
    await s
      .as(service.token)
      .put(`/internal/v1/users/${uuid}`)
      .send({ email: 'else@example.com', first_name: 'A', last_name: 'B' })
      .expect(409);
    await issue(randomUUID(), {}).expect(404);
  });
  it('403: a component can not become a superuser, nor remove a user it did not make', async () => {
    await issue(people.admin.uuid, {}).expect(403);
    await s.as(service.token).delete(`/internal/v1/users/${people.user.uuid}`).expect(403);
  });
  it('403: a component that is no part of the installation validates tokens and nothing more', async () => {
    const { token } = await createComponent(s.act, { name: 'third party', url: '/' });
    await s.as(token).get('/identity/v3/auth/tokens?nocatalog').set('X-Subject-Token', people.user.token).expect(200);
    await s
      .as(token)
      .post(`/internal/v1/users/${people.user.uuid}/tokens`)
      .send({ label: '', form: 'hex', expires_at: null })
      .expect(403);
    await s.as(token).delete(`/internal/v1/users/${people.user.uuid}`).expect(403);
  });
});
