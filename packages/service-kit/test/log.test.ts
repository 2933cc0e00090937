import { createLog, em, integer, openDatabase, run, sql, table, text, type Db } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';

const SECRET = 'argon2-hash-of-somebody';
const people = table('person', { id: integer(), passwordHash: text() }, { primary: ['id'] });
let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  const log = pino({ level: 'silent' });
  const clone = await cloneDatabase({ name: 'kit_log', log });
  db = await openDatabase({ url: clone.url, log, applicationName: 'test', entities: [people] });
  drop = async () => {
    await db.close();
    await clone.drop();
  };
  await sql(db, "create table person (id int primary key, password_hash text check (password_hash = ''))");
});
afterAll(() => drop());

/** The log line of an error, taken where pino writes it. */
const lineOf = (err: unknown): string => {
  const lines: string[] = [];
  const log = createLog('test', 'error');
  const { [pino.symbols.streamSym]: stream } = log as unknown as Record<symbol, { write: (line: string) => void }>;
  if (!stream) throw new Error('pino has no stream');
  stream.write = (line) => void lines.push(line);
  log.error({ err }, 'unexpected error');
  return lines.join('');
};

it.each([
  ["TypeORM's", () => em(db).insert(people, { id: 1, passwordHash: SECRET })],
  ["the driver's", () => run(db, 'insert into person values (1, $1)', [SECRET])],
])('a log line of %s error names the constraint, and no value of the statement', async (_whose, insert) => {
  const err = await insert().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const line = lineOf(err);
  expect(JSON.parse(line)).toMatchObject({
    level: 'error',
    err: { constraint: 'person_password_hash_check', stack: expect.any(String) },
  });
  expect(line).not.toContain(SECRET);
});
