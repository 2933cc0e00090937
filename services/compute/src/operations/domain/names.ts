import { enqueue, ensureJob, TURN_MS, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { InstanceView } from '../../ports/driver.js';
import type { TaskState } from '../instance-states.js';
import { findMisnamed, findNamed } from '../store/names.js';
import { WAITED } from './accept.js';
import { isDriverError } from './driver-errors.js';

/** The job that gives a machine the name of its instance. */
export const RENAME = 'instance.rename';
const jobOf = (instance: string) => [RENAME, { instance }, { key: `${RENAME}:${instance}` }] as const;
/** A build or rebuild gives the machine a name as well: that one comes first. */
const NAMING: ReadonlySet<TaskState | null> = new Set<TaskState>(['rebuilding', 'rebuild_spawning']);
const BUILD_MS = 5000;

/** An instance got another name: its machine gets it by a job, in the same transaction. */
export const touchName = async (
  { drivers }: Pick<ComputeCtx, 'drivers'>,
  tx: Tx,
  { id, regionId }: { id: string; regionId: string },
): Promise<void> => {
  if (drivers.of(regionId).capabilities.actions.has('rename')) await enqueue(tx, ...jobOf(id));
};
/** Another job has the turn, or the machine is being built: in a moment. */
export const nameSoon = (ctx: ComputeCtx, id: string, ms = TURN_MS): Promise<void> => {
  const [task, payload, options] = jobOf(id);
  const runAt = new Date(Date.now() + ms);
  return ctx.db.transaction((tx) => enqueue(tx, task, payload, { ...options, runAt, priority: WAITED }));
};

/**
 * The job `instance.rename`: gives the machine the name that the instance has now. May be repeated after any crash.
 * @param turn aborted when another job may work on the instance
 * @throws DriverError: it is tried again
 */
export const nameMachine = async (ctx: ComputeCtx, id: string, turn?: AbortSignal): Promise<void> => {
  const found = await findNamed(ctx.db, id);
  if (!found || found.taskState === 'deleting') return;
  if (found.vmState === 'building' || NAMING.has(found.taskState)) return nameSoon(ctx, id, BUILD_MS);
  const driver = ctx.drivers.of(found.regionId);
  turn?.throwIfAborted();
  try {
    await driver.rename?.({ portalId: id, backendId: null }, found.name);
  } catch (err) {
    if (!isDriverError(err) || err.retryable) throw err;
    // A machine that is gone, or a name that the hypervisor does not take: the instance has it all the same.
    if (err.code !== 'NOT_FOUND')
      ctx.log.warn({ err, instance: id }, 'a machine could not get the name of its instance');
  }
};

/** Machines that bear another name than their instances get theirs: a job was lost, or somebody renamed them. */
export const mendNames = async (ctx: ComputeCtx, views: readonly InstanceView[]): Promise<void> => {
  const named = views.flatMap(({ ref, name }) => (name === undefined ? [] : [{ id: ref.portalId, name }]));
  if (!named.length) return;
  for (const id of await findMisnamed(ctx.db, named)) await ctx.db.transaction((tx) => ensureJob(tx, ...jobOf(id)));
};
