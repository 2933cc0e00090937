import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { cloneDatabase } from '@nefos/testing';
import {
  countSealed,
  createSecretBox,
  masked,
  newSecretKey,
  openDatabase,
  parseSecretKeys,
  readConfig,
  reseal,
  sql,
  type Db,
  type SecretBox,
} from '../src/index.js';

const place = { table: 'region', column: 'driver_secrets', row: 'Region1' };
const box = (...keys: string[]): SecretBox => createSecretBox(parseSecretKeys(keys.join('\n')));
const [first, second] = [newSecretKey(), newSecretKey()];

describe('an envelope', () => {
  it('opens to what was sealed, whatever that is', () => {
    for (const secret of ['', 'a', 'Grüße 🎈\u0000', randomBytes(5000).toString('base64')])
      expect(box(first).open(box(first).seal(secret, place), place)).toBe(secret);
  });
  it('is never the same twice, and shows nothing of the secret but its length', () => {
    const [one, two] = [box(first).seal('password', place), box(first).seal('password', place)];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^nefos1:[0-9a-f]{8}:[A-Za-z0-9_-]+$/);
    expect(Buffer.from(one.split(':')[2] ?? '', 'base64url').toString('latin1')).not.toContain('password');
  });
  it('is opened by every key of the set, and sealed by the first', () => {
    const old = box(first).seal('x', place);
    expect(box(second, first).open(old, place)).toBe('x');
    expect(box(second, first).seal('x', place).split(':')[1]).toBe(box(second).keyId);
  });
  it('of a key that is not set: the refusal says which key is wanted and which are there', () => {
    const sealed = box(first).seal('x', place);
    const wanted = box(first).keyId as string;
    const open = (with_: SecretBox) => () => with_.open(sealed, place);
    expect(open(box(second))).toThrow(
      expect.objectContaining({ name: 'SecretError', code: 'unknown_key', keyId: wanted }) as Error,
    );
    expect(open(box(second))).toThrow(`region.driver_secrets of Region1 is sealed with key ${wanted}`);
    expect(open(box(second))).toThrow(`it has ${box(second).keyId}`);
    expect(open(box())).toThrow(expect.objectContaining({ code: 'no_key', keyId: wanted }) as Error);
    expect(() => box().seal('x', place)).toThrow(expect.objectContaining({ code: 'no_key', keyId: null }) as Error);
  });
  it('does not open when any byte was changed', () => {
    const sealed = box(first).seal('secret', place);
    const [form = '', id = '', text = ''] = sealed.split(':');
    const data = Buffer.from(text, 'base64url');
    for (let at = 0; at < data.length; at += 1) {
      const changed = Buffer.from(data);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => box(first).open([form, id, changed.toString('base64url')].join(':'), place)).toThrow(
        expect.objectContaining({ code: 'not_opened' }) as Error,
      );
    }
    for (const cut of ['', 'nefos1', `${form}:${id}:`, sealed.slice(0, -3), `x${sealed}`, 'plain'])
      expect(() => box(first).open(cut, place)).toThrow(expect.objectContaining({ code: 'not_opened' }) as Error);
  });
  it('does not open in another row, column or table, nor under the name of another key', () => {
    const sealed = box(first).seal('secret', place);
    for (const moved of [{ row: 'Region2' }, { column: 'driver_settings' }, { table: 'flavor' }])
      expect(() => box(first).open(sealed, { ...place, ...moved })).toThrow(/was changed, or moved/);
    const renamed = sealed.replace(box(first).keyId as string, box(second).keyId as string);
    expect(() => box(first, second).open(renamed, place)).toThrow(/was changed, or moved/);
  });
});

describe('the keys', () => {
  const read = (NEFOS_SECRET_KEYS: string) => readConfig('compute', {}, { NEFOS_SECRET_KEYS });
  it('are separated by blanks, line ends or commas; base64url is read too', () => {
    const url = second.replaceAll('+', '-').replaceAll('/', '_').replace('=', '');
    expect(parseSecretKeys(` ${first},\n${url}\n`)).toEqual(parseSecretKeys(`${first} ${second}`));
    expect(parseSecretKeys('')).toEqual([]);
  });
  it.each(['short', `${first} ${'A'.repeat(44)}`, randomBytes(31).toString('base64'), `${first},${first}`])(
    'are refused without being shown: %#',
    (text) => {
      expect(() => read(text)).toThrow(/NEFOS_SECRET_KEYS: (key \d is not 32 bytes in base64|a key is there twice)/);
      expect(() => read(text)).not.toThrow(first);
    },
  );
  it('are masked in the log; none at all is seen', () => {
    expect(masked(read(first)).NEFOS_SECRET_KEYS).toBe('***');
    expect(masked(read('')).NEFOS_SECRET_KEYS).toEqual([]);
  });
});

describe('rotation', () => {
  const columns = [{ table: 'thing', column: 'secret', key: 'id' }];
  const log = pino({ level: 'silent' });
  let db: Db;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const clone = await cloneDatabase({ name: 'kit_secrets', log });
    db = await openDatabase({ url: clone.url, log, applicationName: 'test' });
    drop = async () => {
      await db.close();
      await clone.drop();
    };
    await sql(db, 'create table thing (id int primary key, secret text)');
  });
  afterAll(() => drop());
  const at = (row: number) => ({ table: 'thing', column: 'secret', row: String(row) });
  const fill = async (count: number): Promise<void> => {
    await sql(db, 'delete from thing');
    for (let i = 1; i <= count; i += 1)
      await sql(db, 'insert into thing values ($1, $2)', [i, box(first).seal(`secret ${i}`, at(i))]);
    await sql(db, 'insert into thing values (0, null)');
  };
  const opened = async (by: SecretBox): Promise<string[]> =>
    (await sql<{ id: number; secret: string }>(db, 'select * from thing where secret is not null order by id')).map(
      ({ id, secret }) => by.open(secret, at(id)),
    );
  const all = (count: number) => Array.from({ length: count }, (_, i) => `secret ${i + 1}`);

  it('seals every row anew, and a second time nothing', async () => {
    await fill(25);
    const both = box(second, first);
    expect(await reseal(db, both, columns, 10)).toBe(25);
    expect(await opened(box(second))).toEqual(all(25));
    expect(await reseal(db, both, columns, 10)).toBe(0);
    expect(await countSealed(db, columns)).toEqual([
      { table: 'thing', column: 'secret', sealed_with: box(second).keyId, rows: 25 },
    ]);
  });
  it('killed in the middle: nothing is lost, and the next run does the rest', async () => {
    await fill(30);
    const both = box(second, first);
    let left = 17;
    const dies: SecretBox = {
      ...both,
      seal: (secret, where) => {
        if ((left -= 1) < 0) throw new Error('killed');
        return both.seal(secret, where);
      },
    };
    await expect(reseal(db, dies, columns, 5)).rejects.toThrow('killed');
    expect((await countSealed(db, columns)).map(({ rows }) => rows).sort()).toEqual([15, 15]);
    expect(await opened(both)).toEqual(all(30));
    expect(await reseal(db, both, columns, 5)).toBe(15);
    expect(await opened(box(second))).toEqual(all(30));
  });
  it('what a service writes meanwhile is not overwritten', async () => {
    await fill(3);
    const both = box(second, first);
    const races: SecretBox = {
      ...both,
      seal: (secret, where) => {
        if (where.row === '2') void sql(db, 'update thing set secret = $1 where id = 2', [both.seal('new', at(2))]);
        return both.seal(secret, where);
      },
    };
    await reseal(db, races, columns, 1);
    expect(['new', 'secret 2']).toContain((await opened(both))[1]);
    await sql(db, 'update thing set secret = $1 where id = 2', [box(first).seal('newer', at(2))]);
    expect(await reseal(db, both, columns)).toBe(1);
    expect((await opened(box(second)))[1]).toBe('newer');
  });
  it('without the old key it says which one is wanted, and changes nothing', async () => {
    await fill(2);
    await expect(reseal(db, box(second), columns)).rejects.toThrow(`is sealed with key ${box(first).keyId}`);
    await expect(reseal(db, box(), columns)).rejects.toMatchObject({ code: 'no_key' });
    expect(await opened(box(first))).toEqual(all(2));
  });
});
