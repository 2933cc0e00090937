import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { testServer } from '@nefos/testing';
import pg from 'pg';
import { nefosCommand } from './nefos-command.js';
import { ask, eventually } from './stack.js';
import { livingWith, supervisor } from './supervisor.js';

jest.setTimeout(180_000);
const dropAll = async (): Promise<void> => {
  const client = new pg.Client({ connectionString: testServer() });
  await client.connect();
  try {
    for (const name of ['nefos_identity', 'nefos_compute', 'nefos_metering', 'nefos_introspection']) {
      await client.query(`drop database if exists ${name} with (force)`);
      await client.query(`drop role if exists ${name}`);
    }
  } finally {
    await client.end();
  }
};
afterAll(dropAll);

/** The end of a start that should be refused; the test ends one that goes on. */
const refusal = (
  nefos: Awaited<ReturnType<typeof supervisor>>,
  args: string[],
  env: Record<string, string>,
): Promise<number | string> => Promise.race([nefos.run(args, env), sleep(30_000, 'it goes on', { ref: false })]);

interface Credentials {
  identity: { admin: { email: string; password: string; token: string }; service: { token: string } };
  compute: { staff: { token: string } };
}
/** Local addresses of listening sockets, as the kernel writes them: 0100007F is 127.0.0.1, 00000000 is all. */
const listensOn = (port: number): string[] =>
  readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === '0A' && parseInt(local.split(':')[1] ?? '', 16) === port)
    .map(([, local = '']) => local.split(':')[0] ?? '');

describe('npm start and its database', () => {
  it('takes NEFOS_DATABASE_URL_FILE, opens the gateway alone, and is moved by backup and restore', async () => {
    await dropAll();
    const nefos = await supervisor();
    const moved = await supervisor();
    const url = path.join(nefos.dir, 'url');
    writeFileSync(url, `${testServer()}\n`, { mode: 0o600 });
    try {
      const running = nefos.run(['--fixture', 'none'], { NEFOS_DATABASE_URL_FILE: url, NEFOS_HOST: '0.0.0.0' });
      await nefos.ready();
      expect(nefos.output()).toContain(`database (${new URL(testServer()).host})`);
      expect(existsSync(path.join(nefos.state, 'postgres'))).toBe(false);
      expect(listensOn(nefos.ports.GATEWAY)).toEqual(['00000000']);
      for (const name of ['IDENTITY', 'COMPUTE', 'METERING', 'INTROSPECTION'] as const)
        expect([name, listensOn(nefos.ports[name])]).toEqual([name, ['0100007F']]);
      // The password of the database is not stored.
      expect(readFileSync(path.join(nefos.state, 'state.json'), 'utf8')).not.toContain(new URL(testServer()).password);

      const { compute, identity } = nefos.credentials() as unknown as Credentials;
      const headers = { Authorization: `Token ${compute.staff.token}` };
      expect(
        (
          await ask(`${nefos.gateway}/staffapi/clientgroups`, {
            method: 'POST',
            headers,
            body: { name: 'moved', description: '' },
          })
        ).status,
      ).toBe(201);
      const file = path.join(nefos.dir, 'backup');
      expect(await nefosCommand(['backup', file], { NEFOS_START_STATE: nefos.state })).toEqual({
        code: 0,
        output: expect.stringContaining('It has secrets') as string,
      });
      const busy = await nefosCommand(['restore', file, '--overwrite'], {
        NEFOS_START_STATE: nefos.state,
        NEFOS_DATABASE_URL_FILE: url,
      });
      expect([busy.code, busy.output]).toEqual([
        1,
        expect.stringMatching(/^Nefos runs here already \(process \d+\): stop it first/),
      ]);
      nefos.kill('SIGTERM');
      expect(await running).toBe(0);

      // The setting is missing, or names another database: refused in one line, nothing is made.
      const refuses = async (args: string[], env: Record<string, string>, wanted: RegExp): Promise<void> => {
        expect(await refusal(nefos, args, env)).toBe(1);
        expect(nefos.output()).toMatch(wanted);
        expect(existsSync(path.join(nefos.state, 'postgres'))).toBe(false);
      };
      await refuses(
        [],
        {},
        /belongs to the database at [\d.]+:\d+, and NEFOS_DATABASE_URL is not set: set it, or choose another state directory/,
      );
      await refuses(
        [],
        { NEFOS_DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x' },
        /NEFOS_DATABASE_URL names 127\.0\.0\.1:1: change it, or [^]*--database-moved/,
      );

      const restored = await nefosCommand(['restore', file], { NEFOS_START_STATE: moved.state });
      expect([restored.code, restored.output]).toEqual([0, expect.stringContaining(' rows are restored, as of 20')]);
      const again = moved.run([], { NEFOS_START_LOGS: 'stdout', NEFOS_LOG_LEVEL: 'info' });
      await moved.ready();
      expect(moved.output()).toMatch(/^\{"level":"info",[^\n]*"service":"compute"/m);
      expect(existsSync(path.join(moved.state, 'logs', 'compute.log'))).toBe(false);
      const kept = moved.credentials() as unknown as Credentials;
      expect(kept.identity).toEqual(identity);
      expect((await ask(`${moved.gateway}/staffapi/clientgroups`, { headers })).text).toContain('"moved"');
      expect(
        (await ask(`${moved.gateway}/account/v1.0/authenticate`, { headers: { 'X-Auth-Token': identity.admin.token } }))
          .status,
      ).toBe(200);
      // The services accept each other's tokens again: compute's own is good at metering and identity.
      expect((await ask(`${moved.gateway}/healthz`)).status).toBe(200);
      moved.kill('SIGTERM');
      expect(await again).toBe(0);
      await eventually('nothing is left', async () => (await livingWith(moved.state)).length === 0);
    } finally {
      await nefos.close();
      await moved.close();
    }
  });

  it("a restore or a new state directory that is refused leaves another installation's data alone", async () => {
    await dropAll();
    const admin = new pg.Client({ connectionString: testServer() });
    await admin.connect();
    const passwords = async () =>
      (await admin.query("select rolname, rolpassword from pg_authid where rolname like 'nefos%' order by 1")).rows;
    const inIdentity = (more: object): pg.Client => {
      const url = new URL(testServer());
      url.pathname = '/nefos_identity';
      return new pg.Client({ connectionString: url.toString(), ...more });
    };
    const nefos = await supervisor();
    try {
      for (const name of ['nefos_identity', 'nefos_compute', 'nefos_metering', 'nefos_introspection']) {
        await admin.query(`create role ${name} login password 'kept'`);
        await admin.query(`create database ${name} owner ${name} encoding 'UTF8' template template0`);
      }
      const before = await passwords();
      expect(before).toHaveLength(4);
      const service = inIdentity({ user: 'nefos_identity', password: 'kept', application_name: 'a-service' });
      await service.connect();
      await service.query('create table theirs (id int)');

      const file = path.join(nefos.dir, 'backup');
      const databases = Object.fromEntries(
        ['identity', 'compute', 'metering', 'introspection'].map((name) => [name, { migrations: [], queue: [] }]),
      );
      const lines = [
        { nefos_backup: 1, version: '0', made_at: '2026-01-01', databases, state: {} },
        { end: true, tables: 0, rows: 0 },
      ];
      writeFileSync(file, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
      const restore = () =>
        nefosCommand(['restore', file], { NEFOS_START_STATE: nefos.state, NEFOS_DATABASE_URL: testServer() });
      expect(await restore()).toEqual({
        code: 1,
        output: expect.stringMatching(/^the database of identity is in use \(a-service\)/) as string,
      });
      expect(await passwords()).toEqual(before);
      await service.end();
      expect(await restore()).toEqual({
        code: 1,
        output: expect.stringMatching(/^the database of identity is not empty/) as string,
      });
      expect(await passwords()).toEqual(before);

      const env = { NEFOS_DATABASE_URL: testServer() };
      for (let n = 0; n < 2; n += 1) {
        expect(await refusal(nefos, ['--fixture', 'none'], env)).toBe(1);
        expect(nefos.output()).toMatch(
          /nefos_identity at [\d.]+:\d+ belongs to another installation, and [^\n]*state is new: use that one's state directory/,
        );
        expect(await passwords()).toEqual(before);
        expect(existsSync(path.join(nefos.state, 'state.json'))).toBe(false);
      }
      // With the option for a lost state directory it is allowed.
      const running = nefos.run(['--fixture', 'none', '--database-moved'], env);
      await nefos.ready();
      nefos.kill('SIGTERM');
      expect(await running).toBe(0);
      expect(await passwords()).not.toEqual(before);
    } finally {
      await nefos.close();
      await admin.end();
    }
  });

  describe('refuses in one line, before anything runs', () => {
    const refuses = async (
      env: (dir: string) => Record<string, string>,
      wanted: RegExp,
      before: (state: string) => void = () => undefined,
    ) => {
      const nefos = await supervisor();
      try {
        before(nefos.state);
        expect(await refusal(nefos, [], env(nefos.dir))).toBe(1);
        expect(nefos.output()).toMatch(wanted);
        expect(nefos.output()).not.toMatch(/\n {4}at /);
        expect(existsSync(path.join(nefos.state, 'postgres/data-18'))).toBe(false);
      } finally {
        await nefos.close();
      }
    };
    const foreign = 'postgres://u:p@db.example:5432/x';
    const made = (database: string | undefined) => (state: string) => {
      mkdirSync(path.join(state, 'postgres'), { recursive: true });
      writeFileSync(path.join(state, 'state.json'), JSON.stringify({ fixture: 'demo', ...(database && { database }) }));
      writeFileSync(path.join(state, 'postgres/password'), 'x');
    };
    it('a database elsewhere for a state directory with its own', () =>
      refuses(
        () => ({ NEFOS_DATABASE_URL: foreign }),
        /belongs to the embedded database in it, not to db\.example:5432: unset NEFOS_DATABASE_URL/,
        made('embedded'),
      ));
    it('the same for a state directory of before this was remembered', () =>
      refuses(() => ({ NEFOS_DATABASE_URL: foreign }), /belongs to the embedded database in it/, made(undefined)));
    it('a file that is not there', () =>
      refuses(
        () => ({ NEFOS_DATABASE_URL_FILE: '/nowhere' }),
        /NEFOS_DATABASE_URL_FILE: can not read \/nowhere \(ENOENT\)/,
      ));
    it('a file that is empty', () => {
      const empty = (dir: string): Record<string, string> => {
        writeFileSync(path.join(dir, 'empty'), '\n');
        return { NEFOS_DATABASE_URL_FILE: path.join(dir, 'empty') };
      };
      return refuses(empty, /NEFOS_DATABASE_URL_FILE: [^\n]*empty is empty/);
    });
    it('both', () =>
      refuses(
        () => ({ NEFOS_DATABASE_URL: foreign, NEFOS_DATABASE_URL_FILE: '/x' }),
        /NEFOS_DATABASE_URL and NEFOS_DATABASE_URL_FILE are both set/,
      ));
    it('the database of one service, which npm start would not use', () =>
      refuses(
        () => ({ NEFOS_IDENTITY_DATABASE_URL: foreign }),
        /NEFOS_IDENTITY_DATABASE_URL: npm start makes these itself\. [^\n]*NEFOS_DATABASE_URL/,
      ));
  });
});
