import { hash, randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { findTokens } from '../../src/access/store/token-records.js';
import { login, people, service, useService } from '../support.js';

const keyOf = (token: string): string => hash('sha256', token, 'hex');

describe('the look-up of tokens', () => {
  const s = useService();
  it('is planned a few times per connection, then never again, however many tokens are looked for', async () => {
    const keys = Object.values(people).map((p) => keyOf(p.token));
    const plans = await s.db.transaction(async (tx) => {
      for (let i = 0; i < 20; i += 1)
        expect(await findTokens(tx, keys.slice(0, 1 + (i % 3)), ['admin-api'])).toHaveLength(1 + (i % 3));
      return sql<{ own: number; shared: number }>(
        tx,
        `select custom_plans::int own, generic_plans::int shared from pg_prepared_statements
         where statement like '%row_to_json%' and generic_plans + custom_plans >= 20`,
      );
    });
    expect(plans).toHaveLength(1);
    expect(plans[0]?.own).toBeLessThanOrEqual(5);
  });
  it('reads one project for a token of a component’s project, and none for a token of the own one', async () => {
    const uuid = randomUUID();
    await s
      .as(service.token)
      .put(`/internal/v1/projects/${uuid}`)
      .send({ name: 'a client’s', description: '', enabled: true, members: [people.user.uuid], sequence: 1 })
      .expect(204);
    const read = async (token: string): Promise<[name: string | null | undefined, rows: number]> =>
      s.db.transaction(async (tx) => {
        const rows = async (): Promise<number> =>
          (
            await sql<{ n: number }>(
              tx,
              `select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int n
               from pg_stat_xact_user_tables where relname = 'project'`,
            )
          )[0]?.n ?? NaN;
        const before = await rows();
        const [found] = await findTokens(tx, [keyOf(token)], ['admin-api']);
        return [found?.projectName, (await rows()) - before];
      });
    const tokenOf = async (id: string): Promise<string> =>
      (await login(s, people.user, { project: { id } }).expect(201)).header['x-subject-token'] as string;
    expect(await read(await tokenOf(uuid))).toEqual(['a client’s', 1]);
    expect(await read(await tokenOf(people.user.uuid))).toEqual([null, 0]);
    expect(await read(people.user.token)).toEqual([null, 0]);
    expect((await login(s, people.user, { project: { id: people.user.uuid } }).expect(201)).body).toMatchObject({
      token: { project: { id: people.user.uuid, name: `system:${people.user.uuid}` } },
    });
  });
});
