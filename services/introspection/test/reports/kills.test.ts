import { run, sql, type Db } from '@nefos/service-kit';
import { takeReport } from '../../src/reports/domain/callback.js';
import { reapplyStored } from '../../src/reports/domain/reapply.js';
import type { IntrospectionCtx } from '../../src/ctx.js';
import { useService } from '../support.js';
import { drain, nodeOf, portsOf, report, runOf, send, waitingNode, type Waiting } from './support.js';

const service = useService();
class Killed extends Error {}
interface Client {
  query: (...args: unknown[]) => Promise<unknown>;
}
const textOf = (statement: unknown): string =>
  typeof statement === 'string' ? statement : (statement as { text: string }).text;
/**
 * A context whose process dies at its n-th statement: before it is sent, or after PostgreSQL has carried it out and
 * before anybody knows. From then on nothing is sent any more, and open transactions are lost, as of a process that is
 * killed.
 */
const dying = (n: number, after: boolean): { ctx: IntrospectionCtx; isDead: () => boolean; count: () => number } => {
  let count = 0;
  let dead = false;
  const counted = async (send: (...args: unknown[]) => Promise<unknown>, args: unknown[]): Promise<unknown> => {
    if (dead) throw new Killed('dead');
    count += 1;
    if (count < n) return send(...args);
    dead = true;
    // A commit that was sent may have been carried out.
    if (after) await send(...args);
    throw new Killed(textOf(args[0]));
  };
  const { db } = service;
  const pool = new Proxy(db.pool, {
    get: (target, name) => {
      if (name === 'query')
        return (...args: unknown[]) => counted((...all) => (target.query as never as Client['query'])(...all), args);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  const source = new Proxy(db.source, {
    get: (target, name) => {
      if (name !== 'createQueryRunner') return Reflect.get(target, name) as unknown;
      return () => {
        const runner = target.createQueryRunner();
        const connect = runner.connect.bind(runner) as () => Promise<Client>;
        let over: Client | undefined;
        runner.connect = async () => {
          const client = await connect();
          return (over ??= { query: (...args) => counted((...all) => client.query(...all), args) });
        };
        // What PostgreSQL does when the connection of a process that died is gone.
        runner.rollbackTransaction = async () => {
          await (await connect()).query('ROLLBACK');
        };
        return runner;
      };
    },
  });
  const { beginTransaction, transactionOnce } = jest.requireActual<{
    beginTransaction: (of: unknown) => Promise<never>;
    transactionOnce: (of: unknown, work: never) => Promise<never>;
  }>('../../../../packages/service-kit/src/transaction.js');
  const mortal: Db = {
    ...db,
    pool,
    source,
    transaction: (work) => transactionOnce(source, work as never),
    begin: () => beginTransaction(source),
  };
  return { ctx: { ...service.ctx, db: mortal }, isDead: () => dead, count: () => count };
};
const raw = (m: Waiting): Buffer => Buffer.from(JSON.stringify(report(m)));
const CALLBACK = { token: undefined, address: '127.0.0.1' };
/** Everything that a report changes. */
const all = async (m: Waiting) => ({
  run: await sql(service.db, 'select state, error, finished_at, phases from run where node_uuid = $1', [m.uuid]),
  node: await nodeOf(service, m.uuid),
  ports: await portsOf(service, m.uuid),
  data: await sql(service.db, 'select processed, body from run_data where node_uuid = $1 order by 1', [m.uuid]),
  jobs: (
    await sql<{ key: string }>(service.db, 'select key from graphile_worker.jobs where key like $1', [`%${m.run}%`])
  ).length,
});
const isSaved = ({ run: [row], node, ports, data, jobs }: Awaited<ReturnType<typeof all>>): boolean =>
  row?.state === 'processing' && node.properties.cpus === '4' && ports.length === 1 && data.length === 2 && jobs === 1;

describe.each([
  ['quickly', {}],
  // What changes more than properties goes statement by statement.
  ['the careful way', { provision: 'inspect wait' }],
])('a process dies while it takes a report, %s', (_how, { provision }: { provision?: string }) => {
  const waiting = async (): Promise<Waiting> => {
    const m = await waitingNode(service);
    if (provision) await run(service.db, 'update node set provision_state = $2 where uuid = $1', [m.uuid, provision]);
    return m;
  };
  it.each([
    ['before', false],
    ['after', true],
  ])(
    '%s each statement: all or nothing, and what was acknowledged is there',
    async (_when, after) => {
      let died = true;
      let commits = 0;
      for (let n = 1; died; n += 1) {
        const m = await waiting();
        const before = await all(m);
        const { ctx, isDead } = dying(n, after);
        const acknowledged = await takeReport(ctx, raw(m), CALLBACK).then(
          () => true,
          (err: unknown) => {
            if (!isDead()) throw err;
            return false;
          },
        );
        died = isDead();
        expect(acknowledged).toBe(!died);
        const found = await all(m);
        if (isSaved(found)) commits += 1;
        else expect(found).toEqual(before);
        if (acknowledged) expect(isSaved(found)).toBe(true);
        // The ramdisk sends it again, or the job is there: in the end the run is finished, once.
        if (!isSaved(found)) expect((await send(service, report(m))).status).toBe(200);
        await drain(service);
        expect(await runOf(service, m.uuid)).toMatchObject({ state: 'finished', error: null });
        const [{ n: kept } = { n: 0 }] = await sql<{ n: number }>(
          service.db,
          'select count(*)::int n from run_history where node_uuid = $1',
          [m.uuid],
        );
        expect(kept).toBe(1);
        expect(n).toBeLessThan(60);
      }
      // The last time, and where it died after the commit.
      expect(commits).toBe(after ? 2 : 1);
    },
    120_000,
  );
});
it.each([
  ['before', false],
  ['after', true],
])(
  'a process dies %s each statement of the job that processes again: it is done in the end',
  async (_when, after) => {
    let died = true;
    for (let n = 1; died; n += 1) {
      const m = await waitingNode(service);
      expect((await send(service, report(m))).status).toBe(200);
      await drain(service);
      await run(service.db, `update node set properties = '{}' where uuid = $1`, [m.uuid]);
      expect((await service.call('post', `/v1/introspection/${m.uuid}/data/unprocessed`)).status).toBe(202);
      const [{ id } = { id: '' }] = await sql<{ id: string }>(service.db, 'select id from run where node_uuid = $1', [
        m.uuid,
      ]);
      const { ctx, isDead } = dying(n, after);
      await reapplyStored(ctx, m.uuid, id).catch((err: unknown) => {
        if (!isDead()) throw err;
      });
      died = isDead();
      const { state } = await runOf(service, m.uuid);
      // Half of it is never there.
      expect((await nodeOf(service, m.uuid)).properties.cpus).toBe(state === 'finished' ? '4' : undefined);
      await drain(service);
      expect(await runOf(service, m.uuid)).toMatchObject({ state: 'finished', error: null });
      expect((await nodeOf(service, m.uuid)).properties.cpus).toBe('4');
      expect(n).toBeLessThan(60);
    }
  },
  120_000,
);
