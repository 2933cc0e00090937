import { lockRun } from '../../src/runs/domain/transitions.js';
import { useRuns } from './support.js';

const service = useRuns();
const TIMEOUT = 'Introspection timeout';
/** A run in a state that began so long ago. */
const old = async (state: string, ago = '2 hours'): Promise<string> => {
  const uuid = await service.node();
  await service.start(uuid).expect(202);
  await service.rows(
    'update run set state = $2, started_at = now() - $3::interval, state_at = now() - $3::interval where node_uuid = $1',
    [uuid, state, ago],
  );
  return uuid;
};

it.each(['starting', 'waiting', 'processing', 'enrolling', 'aborting', 'reapplying'])(
  'a run that is %s for too long fails, whatever its state',
  async (state) => {
    const uuid = await old(state);
    if (state === 'reapplying')
      await service.rows('update run set finished_at = started_at where node_uuid = $1', [uuid]);
    await service.sweep('runs.timeouts');
    expect(await service.status(uuid)).toMatchObject({ state: 'error', error: TIMEOUT, finished: true });
    expect(await service.rows('select from run_attribute where node_uuid = $1', [uuid])).toEqual([]);
    const [kept] = await service.rows<{ phases: { phase: string }[] }>(
      'select phases from run_history where node_uuid = $1',
      [uuid],
    );
    expect(kept?.phases.map(({ phase }) => phase)).toContain('timeout');
  },
);
it('younger ones, and those that have ended, stay', async () => {
  const young = await old('waiting', '59 minutes');
  const ended = await old('finished');
  await service.rows('update run set finished_at = started_at where node_uuid = $1', [ended]);
  await service.sweep('runs.timeouts');
  expect([(await service.status(young)).state, (await service.status(ended)).state]).toEqual(['waiting', 'finished']);
});
it('one that somebody works on is left to the next round', async () => {
  const uuid = await old('waiting');
  await service.db.transaction(async (tx) => {
    await lockRun(tx, uuid);
    await service.sweep('runs.timeouts');
  });
  expect((await service.status(uuid)).state).toBe('waiting');
  await service.sweep('runs.timeouts');
  expect((await service.status(uuid)).error).toBe(TIMEOUT);
});
it('the node of a run by the registry shows it', async () => {
  const uuid = await old('waiting');
  await service.rows(`update node set provision_state = 'inspect wait' where uuid = $1`, [uuid]);
  await service.sweep('runs.timeouts');
  const [node] = await service.rows(
    `select provision_state, last_error, inspection_finished_at is not null finished from node where uuid = $1`,
    [uuid],
  );
  expect(node).toEqual({ provision_state: 'inspect failed', last_error: TIMEOUT, finished: true });
});
describe('a time limit of 0', () => {
  const endless = useRuns({ NEFOS_INTROSPECTION_TIMEOUT: '0' });
  it('is none', async () => {
    const uuid = await endless.node();
    await endless.start(uuid).expect(202);
    await endless.rows(`update run set started_at = '2000-01-01' where node_uuid = $1`, [uuid]);
    await endless.sweep('runs.timeouts');
    expect((await endless.status(uuid)).state).toBe('waiting');
  });
});
