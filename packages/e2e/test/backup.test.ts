import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  copyFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { testServer } from '@nefos/testing';
import { newClient, reaches, requestInstance } from './cloud.js';
import { nefosCommand, runNode } from './nefos-command.js';
import { startStack, type Stack } from './stack.js';

jest.setTimeout(180_000);
const SERVICES = ['identity', 'compute', 'metering', 'introspection'] as const;
type Urls = Record<(typeof SERVICES)[number], string>;
const environment = (urls: Urls): Record<string, string> =>
  Object.fromEntries(SERVICES.map((name) => [`NEFOS_${name.toUpperCase()}_DATABASE_URL`, urls[name]]));

let stack: Stack;
const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-backup-'));
beforeAll(async () => {
  stack = await startStack();
}, 150_000);
afterAll(async () => {
  await stack?.close();
  rmSync(dir, { recursive: true, force: true });
}, 30_000);

/** The lines of a backup without the first, which says when and of what it was made. */
const content = (file: string): string => {
  const text = gunzipSync(readFileSync(file)).toString();
  return text.slice(text.indexOf('\n') + 1);
};
/** The rows of one table, as columns by name. */
const rowsOf = (text: string, database: string, table: string): Record<string, string>[] => {
  const head = text
    .split('\n')
    .find(
      (line) =>
        line.startsWith(`{"database":"${database}"`) &&
        line.includes(`"table":${JSON.stringify(`"public"."${table}"`)}`),
    )!;
  const { columns } = JSON.parse(head) as { columns: string[] };
  const from = text.indexOf(head) + head.length + 1;
  const lines = text.slice(from, text.indexOf('\\.\n', from)).split('\n').slice(0, -1);
  return lines.map((line) => Object.fromEntries(line.split('\t').map((value, i) => [columns[i], value])));
};
/** What the first line says of one database. */
const madeOf = (file: string, database: string): { migrations: string[] } => {
  const text = gunzipSync(readFileSync(file)).toString();
  return (JSON.parse(text.slice(0, text.indexOf('\n'))) as { databases: Record<string, { migrations: string[] }> })
    .databases[database]!;
};
/** Addresses with options, as in docs/configuration.md. */
const withOptions = (urls: Urls, options: string): Urls => {
  const asked = { ...urls };
  for (const name of SERVICES) {
    const url = new URL(urls[name]);
    url.searchParams.set('options', options);
    asked[name] = url.toString();
  }
  return asked;
};
/** Empty databases on the test server. */
const emptyDatabases = async (): Promise<Urls> => {
  const client = new pg.Client({ connectionString: testServer() });
  await client.connect();
  const urls = {} as Urls;
  try {
    for (const name of SERVICES) {
      const database = `restored_${name}_${randomBytes(5).toString('hex')}`;
      await client.query(`create database ${database}`);
      const url = new URL(testServer());
      url.pathname = `/${database}`;
      urls[name] = url.toString();
    }
  } finally {
    await client.end();
  }
  return urls;
};
const query = async (url: string, text: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
};
/** Instances that are switched off and on without a pause, until `stop`. */
const keepBusy = async (count: number) => {
  const client = await newClient(stack);
  let going = true;
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await requestInstance(stack, client, `busy-${n}`));
  for (const id of ids) await reaches(stack, id, 'active', 60);
  const running = ids.map(async (id) => {
    for (let off = true; going; off = !off) {
      await stack.staff.instances[off ? 'stop' : 'start'](id);
      await reaches(stack, id, off ? 'stopped' : 'active', 60);
    }
  });
  return {
    ids,
    stop: async () => {
      going = false;
      await Promise.all(running);
    },
  };
};

describe('npm run nefos -- backup and restore', () => {
  const good = path.join(dir, 'good');

  it('a backup under load has each event exactly once: counted by metering, or not yet sent by compute', async () => {
    const busy = await keepBusy(8);
    const files: string[] = [];
    try {
      for (let n = 0; n < 6; n += 1) {
        const file = path.join(dir, `busy-${n}`);
        const { code, output } = await nefosCommand(['backup', file], environment(stack.urls));
        expect([code, output]).toEqual([0, expect.stringContaining(' rows of ')]);
        files.push(file);
        await sleep(100);
      }
    } finally {
      await busy.stop();
    }
    let checked = 0;
    for (const file of files) {
      const text = content(file);
      const counted = rowsOf(text, 'metering', 'nefos_instance').map((one) => one.instance_uuid);
      const links = new Map(rowsOf(text, 'metering', 'nefos_instance').map((one) => [one.id, one.instance_uuid]));
      const instances = new Map(
        rowsOf(text, 'metering', 'instance').map((one) => [one.id, links.get(one.nefos_instance_id ?? '')]),
      );
      const sequences = new Map<string, Set<string>>(busy.ids.map((id) => [id, new Set()]));
      for (const event of rowsOf(text, 'metering', 'instance_event')) {
        const of = instances.get(event.instance_id ?? '');
        if (of) sequences.get(of)?.add(event.sequence ?? '');
      }
      for (const waiting of rowsOf(text, 'compute', 'outbox')) {
        const event = JSON.parse((waiting.payload ?? '').replaceAll('\\\\', '\\')) as {
          sequence: number;
          instance?: { id: string };
        };
        if (event.instance) sequences.get(event.instance.id)?.add(String(event.sequence));
      }
      for (const instance of rowsOf(text, 'compute', 'instance').filter((one) => busy.ids.includes(one.id ?? ''))) {
        const wanted = Array.from({ length: Number(instance.event_sequence) }, (_, i) => String(i + 1));
        expect([...sequences.get(instance.id ?? '')!].sort((a, b) => Number(a) - Number(b))).toEqual(wanted);
        checked += wanted.length;
      }
      expect(counted.length).toBeGreaterThan(0);
    }
    expect(checked).toBeGreaterThan(50);
    copyFileSync(files.at(-1)!, good);
  });

  it('restore makes the same state: a backup of it has the same content', async () => {
    expect(statSync(path.join(dir, 'busy-0')).mode & 0o777).toBe(0o600);
    const urls = await emptyDatabases();
    const { code, output } = await nefosCommand(['restore', good], environment(urls));
    expect([code, output]).toEqual([0, expect.stringContaining(' rows are restored, as of 20')]);
    const again = path.join(dir, 'again');
    expect((await nefosCommand(['backup', again], environment(urls))).code).toBe(0);
    expect(content(again)).toBe(content(good));
    // Foreign keys, triggers and generated columns are there as well.
    const shape = `select (select count(*)::int from pg_constraint where contype = 'f') keys,
      (select count(*)::int from pg_trigger where tgenabled <> 'O') off,
      (select count(*)::int from pg_indexes) indexes`;
    for (const name of SERVICES) {
      const [original] = await query(stack.urls[name], shape);
      expect([name, (await query(urls[name], shape))[0]]).toEqual([name, { ...original, off: 0 }]);
    }
    // Sequences continue where they were.
    await query(urls.identity, "insert into account_group (name) values ('after')");
    // A second restore over the first one needs --overwrite.
    const refused = await nefosCommand(['restore', good], environment(urls));
    expect([refused.code, refused.output]).toEqual([
      1,
      expect.stringMatching(/the database of identity is not empty: [^\n]*--overwrite\n$/),
    ]);
    expect(await query(urls.identity, "select 1 from account_group where name = 'after'")).toHaveLength(1);
    expect((await nefosCommand(['restore', good, '--overwrite'], environment(urls))).code).toBe(0);
    expect(await query(urls.identity, "select 1 from account_group where name = 'after'")).toHaveLength(0);
  });

  // Services that run, a damaged or cut file, something else, some databases only, a file that is there.
  it('refuses in one line, and changes nothing', async () => {
    const before = (await query(stack.urls.identity, 'select count(*)::int n from account'))[0];
    const refuses = async (args: string[], env: Record<string, string>, wanted: RegExp): Promise<void> => {
      const { code, output } = await nefosCommand(args, env);
      expect([code, output]).toEqual([1, expect.stringMatching(wanted)]);
      expect(output.trim()).not.toContain('\n');
    };
    await refuses(
      ['restore', good, '--overwrite'],
      environment(stack.urls),
      /the database of identity is in use \([^)]*nefos-identity[^)]*\): stop Nefos first/,
    );
    const cut = path.join(dir, 'cut');
    copyFileSync(good, cut);
    truncateSync(cut, statSync(good).size - 100);
    const empty = environment(await emptyDatabases());
    await refuses(['restore', cut], empty, /cut is no backup, or is damaged/);
    const damaged = readFileSync(good);
    damaged[Math.floor(damaged.length / 2)]! ^= 0xff;
    writeFileSync(path.join(dir, 'damaged'), damaged);
    await refuses(['restore', path.join(dir, 'damaged')], empty, /damaged is no backup, or is damaged/);
    writeFileSync(path.join(dir, 'other'), 'not at all');
    await refuses(['restore', path.join(dir, 'other')], empty, /other is no backup/);
    await refuses(['restore', path.join(dir, 'absent')], empty, /absent can not be read \(ENOENT\)/);
    await refuses(['backup', good], environment(stack.urls), /good is there already: choose another name/);
    await refuses(
      ['backup', path.join(dir, 'no', 'where')],
      environment(stack.urls),
      /where can not be written \(ENOENT\)/,
    );
    const { NEFOS_COMPUTE_DATABASE_URL: one = '' } = empty;
    await refuses(
      ['restore', good],
      { NEFOS_COMPUTE_DATABASE_URL: one },
      /NEFOS_IDENTITY_DATABASE_URL and NEFOS_METERING_DATABASE_URL and NEFOS_INTROSPECTION_DATABASE_URL is not set/,
    );
    await refuses(
      ['backup', path.join(dir, 'no')],
      { ...empty, NEFOS_IDENTITY_DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x' },
      /the database of identity does not/,
    );
    for (const name of SERVICES)
      expect(
        await query(
          empty[`NEFOS_${name.toUpperCase()}_DATABASE_URL`]!,
          "select 1 from pg_tables where schemaname = 'public'",
        ),
      ).toEqual([]);
    expect((await query(stack.urls.identity, 'select count(*)::int n from account'))[0]).toEqual(before);
  });

  it('no service starts on a database whose restore was broken off; done again, it is whole', async () => {
    const urls = await emptyDatabases();
    expect((await nefosCommand(['restore', good], environment(urls))).code).toBe(0);
    // As if the process had died before its last lines.
    await query(urls.metering, 'create schema nefos_restore');
    const { code, output } = await runNode([path.join('services', 'metering', 'dist', 'main.js')], {
      NEFOS_METERING_DATABASE_URL: urls.metering,
      NEFOS_METERING_TOKEN: 'not-a-token-that-anybody-knows',
      NEFOS_METERING_PORT: '0',
      NEFOS_LOG_LEVEL: 'silent',
    });
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/^a restore of this database goes on, or was broken off: [^\n]*\n$/),
    ]);
    expect((await nefosCommand(['restore', good, '--overwrite'], environment(urls))).code).toBe(0);
    expect(await query(urls.metering, "select 1 from pg_namespace where nspname = 'nefos_restore'")).toEqual([]);
  });

  it('the text of a backup does not depend on settings of the database, nor on options in the address', async () => {
    const urls = await emptyDatabases();
    for (const name of SERVICES)
      await query(urls[name], `alter database ${new URL(urls[name]).pathname.slice(1)} set DateStyle = 'SQL, DMY'`);
    const asking = environment(withOptions(urls, '-c statement_timeout=60000 -c IntervalStyle=sql_standard'));
    expect((await nefosCommand(['restore', good], asking)).code).toBe(0);
    const again = path.join(dir, 'options');
    expect((await nefosCommand(['backup', again], asking)).code).toBe(0);
    expect(content(again)).toBe(content(good));
  });

  it('tables may be in a schema that the address names; there too the outbox is held, for a moment only', async () => {
    const plain = await emptyDatabases();
    for (const name of SERVICES) await query(plain[name], 'create schema nefos');
    const urls = withOptions(plain, '-c search_path=nefos');
    expect((await nefosCommand(['restore', good], environment(urls))).code).toBe(0);
    expect(await query(plain.compute, "select 1 from pg_tables where schemaname = 'public'")).toEqual([]);
    const file = path.join(dir, 'schema');
    const writer = new pg.Client({ connectionString: urls.compute });
    await writer.connect();
    let looks = 0;
    let waiting = 0;
    try {
      // A long transaction on the outbox; then the share of the time in which the backup waits for its lock, with all
      // other writers behind it.
      await writer.query('begin');
      await writer.query('lock table outbox in row exclusive mode');
      let ended = false;
      const backup = nefosCommand(['backup', file], environment(urls)).finally(() => {
        ended = true;
      });
      const inLine = "select 1 from pg_locks where relation = 'nefos.outbox'::regclass and not granted";
      for (let first = 0; !ended && (!first || Date.now() < first + 6000); await sleep(20)) {
        const stands = (await writer.query(inLine)).rows.length > 0;
        if (stands) first ||= Date.now();
        if (!first) continue;
        looks += 1;
        waiting += Number(stands);
      }
      expect([ended, waiting > 0, waiting / looks < 0.6]).toEqual([false, true, true]);
      await writer.query('commit');
      expect((await backup).code).toBe(0);
    } finally {
      await writer.end();
    }
    expect(madeOf(file, 'compute').migrations.length).toBeGreaterThan(0);
    expect(madeOf(file, 'compute').migrations).toEqual(madeOf(good, 'compute').migrations);
    expect(content(file).replaceAll('\\"nefos\\".', '\\"public\\".')).toBe(content(good));
    // Back into the usual schema.
    const usual = environment(await emptyDatabases());
    expect((await nefosCommand(['restore', file], usual)).code).toBe(0);
    expect((await nefosCommand(['backup', `${file}-usual`], usual)).code).toBe(0);
    expect(content(`${file}-usual`)).toBe(content(good));
  });

  it('no backup of a database without our tables, or half restored; nor do commands work in one', async () => {
    const urls = await emptyDatabases();
    const refused = async (args: string[]): Promise<string> => {
      const { code, output } = await nefosCommand(args, environment(urls));
      expect(code).toBe(1);
      return output;
    };
    const file = path.join(dir, 'none');
    expect(await refused(['backup', file])).toMatch(
      /^the database of metering has no tables of Nefos in its search_path/,
    );
    expect((await nefosCommand(['restore', good], environment(urls))).code).toBe(0);
    for (const name of SERVICES) {
      await query(urls[name], 'create schema nefos_restore');
      expect(await refused(['backup', file])).toMatch(
        new RegExp(`^a restore of the database of ${name} goes on, or was broken off`),
      );
      if (name === 'identity') expect(await refused(['user', 'list'])).toMatch(/^a restore of this database goes on/);
      if (name === 'compute') expect(await refused(['outbox', 'list'])).toMatch(/^a restore of this database goes on/);
      await query(urls[name], 'drop schema nefos_restore');
    }
    expect(existsSync(file)).toBe(false);
    expect((await nefosCommand(['user', 'list'], environment(urls))).code).toBe(0);
  });

  it('a service connects while a restore marks the databases: the restore is refused, and the mark goes', async () => {
    const urls = await emptyDatabases();
    // The mark takes long enough for a service to connect.
    await query(
      urls.metering,
      `create function slow() returns event_trigger language plpgsql as $$ begin perform pg_sleep(4); end $$;
       create event trigger slow on ddl_command_start when tag in ('CREATE SCHEMA') execute function slow()`,
    );
    const ended = nefosCommand(['restore', good], environment(urls));
    const database = new URL(urls.metering).pathname.slice(1);
    const active = `select 1 from pg_stat_activity where query like 'create schema%' and datname = '${database}'`;
    for (let n = 0; n < 3000 && !(await query(testServer(), active)).length; n += 1) await sleep(20);
    const late = new pg.Client({ connectionString: urls.metering, application_name: 'late' });
    await late.connect();
    try {
      expect(await ended).toEqual({
        code: 1,
        output: expect.stringMatching(/^the database of metering is in use \(late\)/) as string,
      });
    } finally {
      await late.end();
    }
    for (const name of SERVICES)
      expect(await query(urls[name], "select 1 from pg_namespace where nspname = 'nefos_restore'")).toEqual([]);
    expect(await query(urls.metering, "select 1 from pg_proc where proname = 'slow'")).toHaveLength(1);
  });
});
