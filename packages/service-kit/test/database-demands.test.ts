import { migrate, openDatabase } from '@nefos/service-kit';
import { testServer } from '@nefos/testing';
import pg from 'pg';
import { pino } from 'pino';

const NAME = `demands_${process.pid}`;
const server = async (text: string): Promise<void> => {
  const client = new pg.Client({ connectionString: testServer() });
  await client.connect();
  await client.query(text).finally(() => client.end());
};

it('a database that is not UTF8 is refused in words before anything is made in it', async () => {
  await server(`create database ${NAME} encoding 'LATIN1' locale 'C' template template0`);
  const url = new URL(testServer());
  url.pathname = `/${NAME}`;
  const db = await openDatabase({ url: url.toString(), log: pino({ level: 'silent' }), applicationName: 'test' });
  try {
    await expect(migrate(db)).rejects.toThrow(
      "the database has the encoding LATIN1, and Nefos needs UTF8: create database ... encoding 'UTF8' template template0",
    );
    expect((await db.pool.query(`select 1 from pg_tables where schemaname = 'public'`)).rows).toEqual([]);
  } finally {
    await db.close();
    await server(`drop database ${NAME} with (force)`);
  }
});
