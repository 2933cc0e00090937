import { setTimeout as sleep } from 'node:timers/promises';
import { keepConnected, openDatabase, sql, type Db } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';

const log = pino({ level: 'silent' });
const NAME = 'kept-test';
let db: Db;
let url: string;
let drop: () => Promise<void>;
const connections = async (): Promise<number> =>
  (await sql(db, 'select pid from pg_stat_activity where application_name = $1', [`nefos-${NAME}`])).length;

beforeAll(async () => {
  ({ url, drop } = await cloneDatabase({ name: 'kit_kept', log }));
  db = await openDatabase({ url, log, applicationName: 'test' });
});
afterAll(async () => {
  await db.close();
  await drop();
});

it('a connection that is stopped while it is made again leaves nothing open', async () => {
  let opened = 0;
  const kept = await keepConnected({
    url,
    name: NAME,
    log,
    onOpen: async () => {
      opened += 1;
      if (opened > 1) await sleep(300);
    },
  });
  expect(await connections()).toBe(1);
  await sql(db, 'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
    `nefos-${NAME}`,
  ]);
  while (opened < 2) await sleep(10);
  await kept.stop();
  for (let i = 0; i < 40 && (await connections()); i += 1) await sleep(50);
  expect(await connections()).toBe(0);
  await sleep(700);
  expect(await connections()).toBe(0);
});
