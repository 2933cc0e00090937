import { databaseAway } from '@nefos/service-kit';
import pg from 'pg';
import { makeTurns } from '../src/job-turns.js';
import { useDatabase } from './support.js';

describe('turns', () => {
  const database = useDatabase();
  it('a lock that is not waited for any more may still come, so the connection is made anew', async () => {
    const client = new pg.Client({ connectionString: database.url, query_timeout: 100 });
    client.on('error', () => undefined);
    await client.connect();
    const resets: Error[] = [];
    const turns = makeTurns((err) => {
      resets.push(err);
      turns.lost();
    });
    await turns.reopened(client);
    const slow = client.query('select pg_sleep(0.4)').catch(() => undefined);
    const err: unknown = await turns.alone('one', () => Promise.resolve()).catch((caught: unknown) => caught);
    expect([resets.length, databaseAway(err)]).toEqual([1, true]);
    await slow;
    await client.end();
    // Until there is a connection nobody gets a turn; then everybody does.
    const none: unknown = await turns.alone('one', () => Promise.resolve()).catch((caught: unknown) => caught);
    expect(databaseAway(none)).toBe(true);
    const fresh = new pg.Client({ connectionString: database.url });
    await fresh.connect();
    await turns.reopened(fresh);
    expect(await turns.alone('one', () => Promise.resolve())).toBe(true);
    await fresh.end();
  });
});
