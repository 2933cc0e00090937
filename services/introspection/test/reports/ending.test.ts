import { run, sql } from '@nefos/service-kit';
import { createRunEnding } from '../../src/runs/domain/end.js';
import { rescueRuns } from '../../src/runs/domain/rescue.js';
import { useService } from '../support.js';
import { drain, report, runOf, send, waitingNode, type Waiting } from './support.js';

const service = useService();
const jobs = async (): Promise<number> =>
  (await sql<{ n: number }>(service.db, 'select count(*)::int n from graphile_worker.jobs'))[0]?.n ?? 0;
/** Ends what has been collected, as a process that stops does. */
const withEnding = async (work: () => Promise<void>): Promise<void> => {
  const ending = createRunEnding(service.ctx);
  service.ctx.ending = ending;
  try {
    await work();
  } finally {
    await ending.stop();
    service.ctx.ending = null;
  }
};

it('runs that end together end without jobs, each once, with its history and its event', async () => {
  const machines: Waiting[] = [];
  for (let i = 0; i < 20; i += 1) machines.push(await waitingNode(service));
  await withEnding(async () => {
    const answers = await Promise.all(machines.map((m) => send(service, report(m))));
    expect(answers.map(({ status }) => status)).toEqual(machines.map(() => 200));
    expect(await jobs()).toBe(0);
  });
  for (const { uuid } of machines) {
    const found = await runOf(service, uuid);
    expect(found).toMatchObject({ state: 'finished', error: null, finished: true });
    expect(found.phases.map(({ phase }) => phase)).toEqual(['callback seen', 'processing', 'finished']);
  }
  const uuids = machines.map(({ uuid }) => uuid);
  for (const table of ['run_history where node_uuid::text', 'outbox where aggregate'])
    expect(await sql(service.db, `select count(*)::int n from ${table} = any($1)`, [uuids])).toEqual([{ n: 20 }]);
  expect(await sql(service.db, 'select from run_attribute where node_uuid = any($1)', [uuids])).toEqual([]);
  const [event] = await sql<{ payload: object }>(service.db, 'select payload from outbox where aggregate = $1', [
    uuids[0],
  ]);
  expect(event?.payload).toMatchObject({ type: 'node.introspected', node: { uuid: uuids[0] } });
});
it('a run that somebody has locked gets a job; one whose process died is found by the sweep', async () => {
  const [locked, lost] = [await waitingNode(service), await waitingNode(service)];
  await withEnding(async () => {
    expect((await send(service, report(locked))).status).toBe(200);
    await service.db.transaction(async (tx) => {
      await sql(tx, 'select from run where node_uuid = $1 for update', [locked.uuid]);
      await service.ctx.ending?.stop();
    });
  });
  expect((await runOf(service, locked.uuid)).state).toBe('processing');
  await drain(service);
  expect((await runOf(service, locked.uuid)).state).toBe('finished');
  service.ctx.ending = { soon: () => undefined, stop: () => Promise.resolve() };
  expect((await send(service, report(lost))).status).toBe(200);
  service.ctx.ending = null;
  await run(service.db, `update run set state_at = now() - interval '1 minute' where node_uuid = $1`, [lost.uuid]);
  await rescueRuns(service.ctx);
  await drain(service);
  expect(await runOf(service, lost.uuid)).toMatchObject({ state: 'finished', error: null });
});
it('a machine that was switched on for its run has its job, which switches it off first', async () => {
  const m = await waitingNode(service);
  await run(service.db, 'update run set manage_boot = true where node_uuid = $1', [m.uuid]);
  await withEnding(async () => {
    expect((await send(service, report(m))).status).toBe(200);
  });
  expect((await runOf(service, m.uuid)).state).toBe('processing');
  expect(await jobs()).toBe(1);
});
