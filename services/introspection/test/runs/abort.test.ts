import { randomUUID } from 'node:crypto';
import { TOKENS } from '../support.js';
import { useRuns } from './support.js';

const service = useRuns();
const abort = (node: string, token?: string) => service.call('post', `/v1/introspection/${node}/abort`, token);
const waiting = async (): Promise<string> => {
  const uuid = await service.node();
  await service.port(uuid);
  await service.start(uuid).expect(202);
  return uuid;
};

describe('POST /v1/introspection/{node}/abort', () => {
  it('202: with {}; the run ends as canceled, and its machine is not recognised any more', async () => {
    const uuid = await waiting();
    expect((await abort(uuid).expect(202)).text).toBe('{}\n');
    expect(await service.rows('select from run_attribute where node_uuid = $1', [uuid])).toEqual([]);
    await service.work();
    expect(await service.status(uuid)).toMatchObject({ state: 'error', error: 'Canceled by operator', finished: true });
  });
  it('202: nothing happens to a run that has ended', async () => {
    for (const state of ['finished', 'error']) {
      const uuid = await waiting();
      await service.rows('update run set state = $2, finished_at = now(), error = $2 where node_uuid = $1', [
        uuid,
        state,
      ]);
      const before = await service.status(uuid);
      await abort(uuid).expect(202);
      await service.work();
      expect(await service.status(uuid)).toEqual(before);
    }
  });
  it.each(['starting', 'processing', 'reapplying', 'enrolling', 'aborting'])('409: in the state %s', async (state) => {
    const uuid = await waiting();
    await service.rows('update run set state = $2 where node_uuid = $1', [uuid, state]);
    const before = await service.status(uuid);
    expect((await abort(uuid).expect(409)).body.error.message).toContain('locked');
    expect(await service.status(uuid)).toEqual(before);
  });
  it('409: while a callback has the lock of the run, at once', async () => {
    const uuid = await waiting();
    await service.db.transaction(async (tx) => {
      const { lockRun } = await import('../../src/runs/domain/transitions.js');
      await lockRun(tx, uuid);
      await abort(uuid).expect(409);
    });
    await abort(uuid).expect(202);
  });
  it('two at once: one aborts, others are locked out or come too late', async () => {
    const uuid = await waiting();
    const all = await Promise.all([abort(uuid), abort(uuid), abort(uuid)]);
    expect(all.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
  });
  it('404: no record, no node', async () => {
    for (const ref of [await service.node({ name: 'unrun' }), 'unrun', randomUUID(), 'nobody'])
      await abort(ref).expect(404);
  });
  it('401, 403: by whom it may not be', async () => {
    await abort('x', '').expect(401);
    await abort('x', TOKENS.observer).expect(403);
  });
  it('goes on when its job is lost', async () => {
    const uuid = await waiting();
    await abort(uuid).expect(202);
    await service.loseJobs();
    await service.sweep('runs.rescue');
    await service.work();
    expect((await service.status(uuid)).state).toBe('aborting'); // it is not still for long enough
    await service.rows(`update run set state_at = state_at - interval '1 minute' where node_uuid = $1`, [uuid]);
    await service.sweep('runs.rescue');
    await service.work();
    expect(await service.status(uuid)).toMatchObject({ state: 'error', error: 'Canceled by operator' });
  });
});
