import { randomUUID } from 'node:crypto';
import { people, PASSWORD, service, useService } from '../support.js';

/** What a stranger may compare: everything but what differs from answer to answer. */
const seen = ({ status, headers, text }: { status: number; headers: Record<string, unknown>; text: string }) => {
  const {
    date: _d,
    'x-request-id': _r,
    'x-openstack-request-id': _o,
    expires: _e,
    'last-modified': _l,
    ...rest
  } = headers;
  return JSON.stringify({ status, rest, text });
};
const tally = (all: string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const one of all) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
};

describe('a name that exists and one that does not', () => {
  const s = useService({ env: { NEFOS_IDENTITY_ADDRESS_FAILURES: '100000' } });
  beforeEach(async () => {
    await s.rows('delete from rate_limit');
  });
  const v3 = (user: object) =>
    s
      .api()
      .post('/identity/v3/auth/tokens')
      .send({ auth: { identity: { methods: ['password'], password: { user: { ...user, password: 'wrong' } } } } });
  const appCredential = (credential: object) =>
    s
      .api()
      .post('/identity/v3/auth/tokens')
      .send({
        auth: {
          identity: { methods: ['application_credential'], application_credential: { ...credential, secret: 'wrong' } },
        },
      });
  const domain = { id: 'default' };
  /** Each door with a way to knock for somebody and for nobody. */
  const DOORS: Record<string, [known: () => Promise<never>, unknown: () => Promise<never>]> = {
    'internal check-password': [
      () =>
        s
          .as(service.token)
          .post(`/internal/v1/users/${people.user.uuid}/check-password`)
          .send({ password: 'wrong' }) as never,
      () =>
        s
          .as(service.token)
          .post('/internal/v1/users/8d6cb1a0-0000-8000-8000-000000000000/check-password')
          .send({ password: 'wrong' }) as never,
    ],
    'v2.0 tokens': [
      () =>
        s
          .api()
          .post('/identity/v2.0/tokens')
          .send({ auth: { passwordCredentials: { username: people.user.email, password: 'wrong' } } }) as never,
      () =>
        s
          .api()
          .post('/identity/v2.0/tokens')
          .send({ auth: { passwordCredentials: { username: 'gone@example.com', password: 'wrong' } } }) as never,
    ],
    'v3 by name': [
      () => v3({ name: people.user.email, domain }) as never,
      () => v3({ name: 'gone@example.com', domain }) as never,
    ],
    'v3 by id': [
      () => v3({ id: people.user.uuid }) as never,
      () => v3({ id: '8d6cb1a0-0000-8000-8000-000000000000' }) as never,
    ],
    'application credential by id': [
      () => appCredential({ id: known.id }) as never,
      () => appCredential({ id: '0'.repeat(32) }) as never,
    ],
    'application credential by name': [
      () => appCredential({ name: known.name, user: { name: people.user.email, domain } }) as never,
      () => appCredential({ name: known.name, user: { name: 'gone@example.com', domain } }) as never,
    ],
    '/ui/login': [
      () =>
        s
          .api()
          .post('/ui/login')
          .set('Origin', 'http://gateway.test')
          .type('form')
          .send({ username: people.user.email, password: 'wrong' }) as never,
      () =>
        s
          .api()
          .post('/ui/login')
          .set('Origin', 'http://gateway.test')
          .type('form')
          .send({ username: 'gone@example.com', password: 'wrong' }) as never,
    ],
  };
  const known = { id: '', name: 'mine' };
  beforeAll(async () => {
    const made = await s
      .as(people.user.token)
      .post(`/identity/v3/users/${people.user.uuid}/application_credentials`)
      .send({ application_credential: { name: known.name } })
      .expect(201);
    known.id = made.body.application_credential.id;
  });

  it.each(Object.keys(DOORS))(
    '%s: thirty at once get the same answers, cost the same work and leave the same counters',
    async (door) => {
      const knock = async (one: () => Promise<never>) => {
        await s.rows('delete from rate_limit');
        const { verify } = s.ctx.passwords;
        let hashed = 0;
        // Counted, and not done: what one hash costs is looked at below.
        s.ctx.passwords.verify = async () => {
          hashed += 1;
          await new Promise((r) => {
            setTimeout(r, 5);
          });
          return { matches: false };
        };
        try {
          const answers = tally((await Promise.all(Array.from({ length: 30 }, one))).map(seen));
          const counters = await s.rows<{ locked: boolean }>(
            "select points >= 6 locked from rate_limit where key like 'account:%'",
          );
          return { answers, hashed, counters };
        } finally {
          s.ctx.passwords.verify = verify;
        }
      };
      const [somebody, nobody] = DOORS[door] as (typeof DOORS)[string];
      const a = await knock(somebody);
      const b = await knock(nobody);
      // How many of a burst find the line too long differs by one or two from burst to burst.
      expect(Object.keys(b.answers).sort()).toEqual(Object.keys(a.answers).sort());
      for (const [answer, times] of Object.entries(a.answers))
        expect(Math.abs((b.answers[answer] ?? 0) - times)).toBeLessThanOrEqual(5);
      expect(Math.abs(a.hashed - b.hashed)).toBeLessThanOrEqual(5);
      expect([a.counters, b.counters]).toEqual([[{ locked: true }], [{ locked: true }]]);
    },
  );
  it('one refusal takes as long as the other, by the clock of a busy machine', async () => {
    const unknown = () =>
      s
        .as(service.token)
        .post('/internal/v1/users/8d6cb1a0-0000-8000-8000-000000000000/check-password')
        .send({ password: 'wrong' })
        .expect(401);
    const somebody = () =>
      s
        .as(service.token)
        .post(`/internal/v1/users/${people.user.uuid}/check-password`)
        .send({ password: 'wrong' })
        .expect(401);
    const time = async (one: () => PromiseLike<unknown>) => {
      const begun = performance.now();
      await one();
      return performance.now() - begun;
    };
    const [a, b]: [number[], number[]] = [[], []];
    for (let i = 0; i < 12; i += 1) {
      a.push(await time(somebody));
      b.push(await time(unknown));
    }
    const median = (all: number[]) => all.sort((x, y) => x - y)[6] as number;
    expect(median(b) / median(a)).toBeGreaterThan(0.3);
    expect(median(b) / median(a)).toBeLessThan(3);
  });
  it('the counter of a name that nobody has locks it, and does not outlive its window', async () => {
    const unknown = (DOORS['internal check-password'] as (typeof DOORS)[string])[1];
    for (let i = 0; i < 7; i += 1) await unknown();
    const [row] = await s.rows<{ points: number; minutes: number }>(
      'select points, (expire - extract(epoch from now()) * 1000)::float8 / 60000 minutes from rate_limit',
    );
    expect(row?.points).toBeGreaterThanOrEqual(6);
    expect(row?.minutes).toBeLessThanOrEqual(15);
  });
  it('a right password is right', async () => {
    await s
      .as(service.token)
      .post(`/internal/v1/users/${people.user.uuid}/check-password`)
      .send({ password: PASSWORD })
      .expect(204);
    await s
      .as(service.token)
      .post(`/internal/v1/users/${randomUUID()}/check-password`)
      .send({ password: PASSWORD })
      .expect(401);
  });
});
