import { login, people, service, useService } from '../support.js';

describe('a crowd at two doors does not tell which names are one person', () => {
  const s = useService({ env: { NEFOS_IDENTITY_ADDRESS_FAILURES: '1000' } });
  const { user, other } = people;
  const v3 = (name: string) => login(s, { email: name }, undefined, 'wrong');
  const v2 = (username: string) =>
    s
      .api()
      .post('/identity/v2.0/tokens')
      .send({ auth: { passwordCredentials: { username, password: 'wrong' } } });
  const portal = (uuid: string) =>
    s.as(service.token).post(`/internal/v1/users/${uuid}/check-password`).send({ password: 'wrong' });
  const crowd = async (...doors: (() => PromiseLike<{ status: number }>)[]): Promise<number[]> =>
    (await Promise.all(doors.flatMap((door) => Array.from({ length: 16 }, () => door())))).map((res) => res.status);
  const all401 = Array<number>(32).fill(401);

  it('401: sixteen at each door, whether the names are of one account, of two, or of none', async () => {
    expect(
      await crowd(
        () => portal(user.uuid),
        () => v3(user.email),
      ),
    ).toEqual(all401);
    expect(
      await crowd(
        () => portal(user.uuid),
        () => v3(other.email),
      ),
    ).toEqual(all401);
    expect(
      await crowd(
        () => portal('00000000-0000-4000-8000-000000000000'),
        () => v3('nobody@example.com'),
      ),
    ).toEqual(all401);
  }, 60_000);
  it('401: so at one door with two names of one account', async () => {
    expect(
      await crowd(
        () => v2(user.uuid),
        () => v2(user.email),
      ),
    ).toEqual(all401);
  }, 60_000);
  it("429: too many at one door with one name, in any case, whether it is somebody's or not", async () => {
    for (const [name, again] of [
      [user.email, user.email.toUpperCase()],
      ['nobody@example.com', 'Nobody@Example.com'],
    ] as const) {
      const statuses = await crowd(
        () => v3(name),
        () => v3(again),
      );
      expect(new Set(statuses)).toEqual(new Set([401, 429]));
    }
  }, 60_000);
});
