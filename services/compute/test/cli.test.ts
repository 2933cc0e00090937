import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { enqueue, migrateJobs, openDatabase, publish, sql, type Db } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';
import { useService } from './support.js';

const root = path.resolve(__dirname, '../../..');

describe('npm run nefos -- outbox, jobs', () => {
  const service = useService();
  const said = (env: Record<string, string>, args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      execFile(process.execPath, ['scripts/nefos.mjs', ...args], { cwd: root, env }, (failure, out, err) =>
        resolve({ code: Number(failure?.code ?? 0), out, err }),
      );
    });
  const nefos = (...args: string[]) =>
    said({ PATH: process.env.PATH ?? '', NEFOS_COMPUTE_DATABASE_URL: service.url }, args);

  it('lists what is kept and tries it again; bad input is one line', async () => {
    await sql(service.db, 'delete from outbox');
    const id = await service.db.transaction((tx) => publish(tx, 'instance:1', (event) => ({ id: event })));
    await service.db.transaction((tx) => publish(tx, 'instance:1', (event) => ({ id: event })));
    await sql(
      service.db,
      "update outbox set set_aside_at = now(), blamed = 5, last_error = 'answered 500' where event_id = $1",
      [id],
    );
    const listed = await nefos('outbox', 'list', '--json');
    expect({ ...listed, out: JSON.parse(listed.out) as unknown }).toMatchObject({
      code: 0,
      err: '',
      out: [{ event: id, aggregate: 'instance:1', state: 'set aside', waiting: 1, error: 'answered 500' }],
    });
    expect(await nefos('outbox', 'retry', id)).toMatchObject({ code: 0 });
    expect(JSON.parse((await nefos('outbox', 'list', '--json')).out)).toEqual([]);
    expect(await nefos('outbox', 'retry', id)).toMatchObject({ code: 1, err: '1 of these ids are not in the list\n' });
    expect(await nefos('outbox', 'retry', 'x')).toMatchObject({
      code: 1,
      err: 'x is no id of an event: see `outbox list`\n',
    });
    expect(await nefos('jobs', 'retry')).toMatchObject({ code: 1, err: 'give ids, or --all\n' });
    expect(await nefos('jobs', 'retry', '--all', '--json')).toMatchObject({
      code: 0,
      out: JSON.stringify([{ retried: 0 }], null, 2) + '\n',
    });
    expect((await nefos('jobs', 'list')).out).toBe('(none)\n');
    expect(await nefos('outbox', 'burn')).toMatchObject({ code: 1 });
  }, 60_000);
  it("jobs of identity are listed and run again like compute's", async () => {
    const log = pino({ level: 'silent' });
    const other = await cloneDatabase({ name: 'compute_cli_other', log, more: migrateJobs });
    const identity = await openDatabase({ url: other.url, log, applicationName: 'test' });
    const env = {
      PATH: process.env.PATH ?? '',
      NEFOS_COMPUTE_DATABASE_URL: service.url,
      NEFOS_IDENTITY_DATABASE_URL: other.url,
    };
    const both = (...args: string[]) => said(env, args);
    const kill = async (db: Db, task: string): Promise<void> => {
      await sql(db, 'alter table graphile_worker._private_jobs alter column id restart with 77');
      await db.transaction((tx) => enqueue(tx, task, { id: 1 }, { maxAttempts: 1 }));
      await sql(db, "update graphile_worker._private_jobs set attempts = 1, last_error = 'no'");
    };
    const dead = async () =>
      (JSON.parse((await both('jobs', 'list', '--json')).out) as { service: string; job: string; task: string }[]).map(
        pick,
      );
    const pick = ({ service: name, job, task }: { service: string; job: string; task: string }) => [name, job, task];
    try {
      await sql(service.db, 'delete from graphile_worker._private_jobs');
      await kill(identity, 'feedback.mail');
      expect(await dead()).toEqual([['identity', '77', 'feedback.mail']]);
      await kill(service.db, 'token.revoke');
      // The oldest of both comes first, and a list that was cut says so.
      for (const [newest, oldest, name] of [
        [service.db, identity, 'identity'],
        [identity, service.db, 'compute'],
      ] as const) {
        await sql(newest, 'update graphile_worker._private_jobs set updated_at = now()');
        await sql(oldest, "update graphile_worker._private_jobs set updated_at = now() - interval '1 hour'");
        const { out, err } = await both('jobs', 'list', '--json', '--limit', '1');
        expect((JSON.parse(out) as { service: string }[]).map((one) => one.service)).toEqual([name]);
        expect(err).toBe('these are the oldest 1; there are more: --limit\n');
      }
      expect((await both('jobs', 'list', '--limit', '2')).err).toBe('');
      expect(await both('jobs', 'retry', '77')).toMatchObject({
        code: 1,
        err: 'job 77 is in compute and in identity: say which by --service\n',
      });
      expect(await both('jobs', 'retry', '77', '--service', 'mail')).toMatchObject({
        code: 1,
        err: '--service is compute or identity or introspection\n',
      });
      expect(await both('jobs', 'retry', '77', '--service', 'identity')).toMatchObject({ code: 0 });
      expect(await dead()).toEqual([['compute', '77', 'token.revoke']]);
      expect(await both('jobs', 'retry', '77')).toMatchObject({ code: 0 });
      expect(await dead()).toEqual([]);
    } finally {
      await sql(service.db, 'delete from graphile_worker._private_jobs');
      await identity.close();
      await other.drop();
    }
  }, 60_000);
  it('one line where Nefos does not run, whatever an earlier run has left behind', async () => {
    const state = mkdtempSync(path.join(os.tmpdir(), 'nefos-cli-'));
    try {
      const env = { PATH: process.env.PATH ?? '', NEFOS_START_STATE: state };
      const line = /^Nefos does not run: start it with `npm start`, or set NEFOS_[^\n]*\n$/;
      expect(await said(env, ['user', 'list'])).toMatchObject({ code: 1, out: '', err: expect.stringMatching(line) });
      const url = 'postgres://u:p@127.0.0.1:1/x';
      writeFileSync(
        path.join(state, 'runtime.json'),
        JSON.stringify({ identity_database_url: url, compute_database_url: url, introspection_database_url: url }),
      );
      for (const args of [
        ['user', 'list'],
        ['jobs', 'list'],
        ['outbox', 'list'],
      ])
        expect(await said(env, args)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(line) });
    } finally {
      rmSync(state, { recursive: true });
    }
  }, 60_000);
});
