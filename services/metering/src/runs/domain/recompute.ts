import type { Tx } from '@nefos/service-kit';
import { findTypes } from '../store/instance-types.js';
import { insertFinalPowerOffs } from '../store/instance-events.js';
import {
  findEventsSince,
  findRunsSince,
  findSpans,
  writeRuns,
  type ChangePoint,
  type RecomputeSpan,
  type RunChanges,
  type StoredRun,
} from '../store/run-history.js';
import { normaliseEvents, type Interval, type Size } from './runs.js';
import type { TypeSize } from './instance-types.js';

export type { ChangePoint, StoredRun };
const UNKNOWN: Size = { instanceType: null, vcpu: null, memory: null };
/**
 * An event that names only a type has the size of the table of types, or none when the type is unknown (contract
 * metering §8.1).
 */
const withKnownSize = (size: Size | null, types: ReadonlyMap<string, TypeSize>): Size => {
  if (!size) return UNKNOWN;
  if (size.vcpu !== null || size.memory !== null || size.instanceType === null) return size;
  return types.get(size.instanceType) ?? size;
};
const same = (a: StoredRun, b: StoredRun): boolean =>
  a.end === b.end && a.instanceType === b.instanceType && a.vcpu === b.vcpu && a.memory === b.memory;

/** Reuses the stored run that has the same start. */
export const runChanges = (
  span: RecomputeSpan,
  stored: readonly StoredRun[],
  wanted: readonly Interval[],
  types: ReadonlyMap<string, TypeSize>,
): RunChanges => {
  const byStart = new Map<number, StoredRun[]>();
  for (const run of stored) byStart.set(run.start, [...(byStart.get(run.start) ?? []), run]);
  const changes: RunChanges = { remove: [], update: [], insert: [] };
  for (const { start, end, size } of wanted) {
    const run = { instanceId: span.instanceId, start, end, ...withKnownSize(size, types) };
    const old = byStart.get(start)?.shift();
    if (!old) changes.insert.push({ ...run, userId: span.userId, accountId: span.accountId });
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
 * Makes the runs of many instances anew from the given points, whatever their number in the same few statements. The
 * instances must be locked. The result is what normalising each instance's whole history would give, but only what
 * can have changed is read.
 */
export const recomputeRuns = async (tx: Tx, points: readonly ChangePoint[]): Promise<void> => {
  if (!points.length) return;
  const spans = await findSpans(tx, points);
  const events = await findEventsSince(tx, spans);
  const runs = grouped(await findRunsSince(tx, spans));
  const sizes = [...events.map((e) => e.size), ...spans.map((one) => one.sizeBefore)];
  const names = new Set(
    sizes.flatMap((s) =>
      s && s.instanceType !== null && s.vcpu === null && s.memory === null ? [s.instanceType] : [],
    ),
  );
  const types = names.size ? await findTypes(tx, [...names]) : new Map<string, TypeSize>();
  const byInstance = grouped(events);
  const changes = spans.map((span) =>
    runChanges(
      span,
      runs.get(span.instanceId) ?? [],
      normaliseEvents(byInstance.get(span.instanceId) ?? [], span.sizeBefore),
      types,
    ),
  );
  await writeRuns(tx, {
    remove: changes.flatMap((c) => c.remove),
    update: changes.flatMap((c) => c.update),
    insert: changes.flatMap((c) => c.insert),
  });
};

/** Ends all open runs of each account at its given instant. */
export const endRuns = async (tx: Tx, accounts: readonly { accountId: string; at: string }[]): Promise<void> => {
  if (accounts.length) await recomputeRuns(tx, await insertFinalPowerOffs(tx, accounts));
};
