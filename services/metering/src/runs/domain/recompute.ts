import type { Tx } from '@nefos/service-kit';
import { findTypes } from '../store/instance-types.js';
import { findEventsSince, findReach, findRunsSince, writeRuns } from '../store/run-history.js';
import { normaliseEvents, type Interval, type PowerEvent, type Size } from './runs.js';
import type { TypeSize } from './instance-types.js';

/** An instance whose past has changed from `since` on; an instant as PostgreSQL or ISO 8601 writes it. */
export interface Point {
  instanceId: string;
  since: string;
}
/** How far back its runs must be made anew: to the start of the run that the point falls into. `before`: the size in force until then. */
export interface Reach extends Point {
  userId: string;
  accountId: string;
  before: Size | null;
}
export interface StoredEvent extends PowerEvent {
  instanceId: string;
}
/** Instants in microseconds since 1970. */
export interface StoredRun extends Size {
  id: string;
  instanceId: string;
  start: number;
  end: number | null;
}
export interface NewRun extends Omit<StoredRun, 'id'> {
  userId: string;
  accountId: string;
}
/** What makes the stored runs equal to the ones that the events give. */
export interface RunChanges {
  remove: string[];
  update: StoredRun[];
  insert: NewRun[];
}

const UNKNOWN: Size = { instanceType: null, vcpu: null, memory: null };
/** A type that the event does not measure has the size of the table; one that nobody knows has none (contract metering §8.1). */
const measured = (size: Size | null, types: ReadonlyMap<string, TypeSize>): Size => {
  if (!size) return UNKNOWN;
  if (size.vcpu !== null || size.memory !== null || size.instanceType === null) return size;
  return types.get(size.instanceType) ?? size;
};
const same = (a: StoredRun, b: StoredRun): boolean =>
  a.end === b.end && a.instanceType === b.instanceType && a.vcpu === b.vcpu && a.memory === b.memory;

/** A stored run is kept, under its id, when one with its start is wanted. */
export const runChanges = (
  reach: Reach,
  stored: readonly StoredRun[],
  wanted: readonly Interval[],
  types: ReadonlyMap<string, TypeSize>,
): RunChanges => {
  const byStart = new Map<number, StoredRun[]>();
  for (const run of stored) byStart.set(run.start, [...(byStart.get(run.start) ?? []), run]);
  const changes: RunChanges = { remove: [], update: [], insert: [] };
  for (const { start, end, size } of wanted) {
    const run = { instanceId: reach.instanceId, start, end, ...measured(size, types) };
    const old = byStart.get(start)?.shift();
    if (!old) changes.insert.push({ ...run, userId: reach.userId, accountId: reach.accountId });
    else if (!same(old, { ...run, id: old.id })) changes.update.push({ ...run, id: old.id });
  }
  changes.remove = [...byStart.values()].flat().map((run) => run.id);
  return changes;
};

const grouped = <T extends { instanceId: string }>(rows: readonly T[]): Map<string, T[]> => {
  const out = new Map<string, T[]>();
  for (const row of rows) {
    const group = out.get(row.instanceId);
    if (group) group.push(row);
    else out.set(row.instanceId, [row]);
  }
  return out;
};

/**
 * Makes the runs of many instances anew from the given points, whatever their number in the same few statements. The instances must
 * be locked. The result is what normalising each instance's whole history would give, but only what can have changed is read.
 */
export const recomputeRuns = async (tx: Tx, points: readonly Point[]): Promise<void> => {
  if (!points.length) return;
  const reaches = await findReach(tx, points);
  const events = await findEventsSince(tx, reaches);
  const runs = grouped(await findRunsSince(tx, reaches));
  const sizes = [...events.map((e) => e.size), ...reaches.map((r) => r.before)];
  const names = new Set(
    sizes.flatMap((s) =>
      s && s.instanceType !== null && s.vcpu === null && s.memory === null ? [s.instanceType] : [],
    ),
  );
  const types = names.size ? await findTypes(tx, [...names]) : new Map<string, TypeSize>();
  const byInstance = grouped(events);
  const changes = reaches.map((reach) =>
    runChanges(
      reach,
      runs.get(reach.instanceId) ?? [],
      normaliseEvents(byInstance.get(reach.instanceId) ?? [], reach.before),
      types,
    ),
  );
  await writeRuns(tx, {
    remove: changes.flatMap((c) => c.remove),
    update: changes.flatMap((c) => c.update),
    insert: changes.flatMap((c) => c.insert),
  });
};
