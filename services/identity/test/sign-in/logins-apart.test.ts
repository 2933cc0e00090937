import pg from 'pg';
import request from 'supertest';
import { readIdentityConfig } from '../../src/config.js';
import { createGate } from '../../src/sign-in/domain/gate.js';
import { start } from '../../src/start.js';
import { people, PASSWORD, until, useService } from '../support.js';

describe('validations do not stand in line behind log-ins', () => {
  const s = useService();
  it('200: while log-ins hold all connections of theirs, a token is looked up in the database at once', async () => {
    const running = await start(
      readIdentityConfig({
        NEFOS_IDENTITY_DATABASE_URL: s.url,
        NEFOS_IDENTITY_PORT: '0',
        NEFOS_IDENTITY_TOKEN_CACHE_SECONDS: '0',
        NEFOS_DATABASE_POOL: '2',
        NEFOS_DRAIN_SECONDS: '0',
        NEFOS_LOG_LEVEL: 'silent',
      }),
    );
    const base = `http://127.0.0.1:${running.port}`;
    const holder = new pg.Client({ connectionString: s.url });
    await holder.connect();
    try {
      // Log-ins write when somebody was last here, and wait for whoever holds the row.
      await holder.query('begin');
      await holder.query('select from account for update');
      const logins = [people.user, people.other].map((who) =>
        request(base)
          .post('/identity/v2.0/tokens')
          .send({ auth: { passwordCredentials: { username: who.email, password: PASSWORD } } })
          .then((res) => res.status),
      );
      await until(async () => {
        const [row] = await s.rows<{ n: number }>(
          `select count(*)::int n from pg_stat_activity where datname = current_database()
            and application_name = 'nefos-identity' and wait_event_type = 'Lock'`,
        );
        return row?.n === 2;
      }, 20);
      const begun = performance.now();
      await request(base).get('/account/v1.0/authenticate').set('X-Auth-Token', people.admin.token).expect(200);
      // Behind the log-ins it would wait for five seconds, and then fail.
      expect(performance.now() - begun).toBeLessThan(4000);
      await holder.query('rollback');
      expect(await Promise.all(logins)).toEqual([200, 200]);
    } finally {
      await holder.end();
      await running.stop();
    }
  }, 60_000);
});

describe('a gate', () => {
  const later = () => {
    let go!: () => void;
    const promise = new Promise<void>((resolve) => {
      go = resolve;
    });
    return { promise, go };
  };
  it('lets a few in at once, the others in their order, and refuses who finds too many waiting', async () => {
    const gate = createGate({ maxRunning: 2, maxQueued: 2 });
    const seen: number[] = [];
    const ends = Array.from({ length: 4 }, later);
    const all = ends.map(({ promise }, n) =>
      gate(async () => {
        seen.push(n);
        await promise;
      }),
    );
    await expect(gate(async () => undefined)).rejects.toMatchObject({ kind: 'unavailable', code: 'busy' });
    expect(seen).toEqual([0, 1]);
    ends[1]?.go();
    await all[1];
    await Promise.resolve();
    expect(seen).toEqual([0, 1, 2]);
    for (const { go } of ends) go();
    await Promise.all(all);
    await gate(() => Promise.reject(new Error('work that fails'))).catch(() => undefined);
    expect(await gate(async () => 'free again')).toBe('free again');
  });
});
