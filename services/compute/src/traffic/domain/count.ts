import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { endUsage, recordUsageOfTraffic, type UsedNow } from '../../owners/domain/usage.js';
import type { ComputeDriver, Counters, Ref } from '../../ports/driver.js';
import {
  addToDay,
  findVersion,
  lockTotal,
  lockTraffic,
  removeTraffic,
  restartTraffic,
  writeSums,
  type LockedTraffic,
  type Moment,
  type NewSums,
  type Total,
} from '../store/traffic.js';
import { deltaOf } from './deltas.js';
import { dayOf, momentOf } from './moment.js';

/** What the counters of an instance said. */
export interface Reading {
  instanceId: string;
  /** Version of the sums before the driver was asked: when it is another one now, the reading is too old. */
  version: number;
  counters: readonly Counters[];
}
/** Metering is told of traffic that often at most, and on each day. */
const TELL_MS = 3_600_000;
/** A last reading must not hold up the stop of a machine. */
const LAST_MS = 5000;

const toldToday = ({ toldAt }: LockedTraffic, { now, zone }: Moment): boolean => {
  if (toldAt === null) return false;
  const at = new Date(toldAt);
  return now.getTime() - at.getTime() < TELL_MS && dayOf(at, zone) === dayOf(now, zone);
};
/** The sums of an instance with what it has carried since the last reading; undefined: nothing changes. */
const sumsOf = (
  row: LockedTraffic,
  counters: readonly Counters[],
  moment: Moment,
): { sums: NewSums; rx: bigint; tx: bigint; tells: boolean } | undefined => {
  const { rx, tx, counters: seen, changed } = deltaOf(row.counters, counters);
  const bytes = Number(rx + tx);
  const total = BigInt(row.totalBytes) + rx + tx;
  const tells = total > 0n && !toldToday(row, moment);
  if (!changed && !tells) return undefined;
  const monthBytes = (row.month === moment.month ? row.monthBytes : 0) + bytes;
  const reached = row.limit !== null && monthBytes >= row.limit && row.limitMonth !== moment.month;
  const sums: NewSums = {
    instanceId: row.instanceId,
    counters: seen,
    month: moment.month,
    monthBytes,
    cycleStart: row.nowCycleStart,
    cycleEnd: row.nowCycleEnd,
    cycleBytes: (row.cycleStart === row.nowCycleStart ? row.cycleBytes : 0) + bytes,
    totalBytes: String(total),
    toldAt: tells ? moment.now.toISOString() : row.toldAt,
    limitDue: row.limitDue || reached,
  };
  return { sums, rx, tx, tells };
};
const toTell = (row: Total, total: string): UsedNow => ({
  id: row.meteredId,
  clientId: row.clientId,
  region: row.regionId ?? '',
  quantity: BigInt(total),
});
/**
 * Adds what instances have carried since their last readings. Each reading counts once: sums and counters change
 * together, and one that was begun before another was written is thrown away.
 * @returns how many counted
 */
export const countReadings = async (ctx: ComputeCtx, readings: readonly Reading[]): Promise<number> => {
  if (!readings.length) return 0;
  const moment = momentOf(ctx);
  const byId = new Map(readings.map((one) => [one.instanceId, one]));
  return ctx.db.transaction(async (tx) => {
    const rows = await lockTraffic(tx, [...byId.keys()], moment);
    const counted = rows.flatMap((row) => {
      const reading = byId.get(row.instanceId);
      if (!reading || reading.version !== row.version) return [];
      const found = sumsOf(row, reading.counters, moment);
      return found ? [{ row, ...found }] : [];
    });
    await writeSums(
      tx,
      counted.map(({ sums }) => sums),
    );
    await addToDay(
      tx,
      moment.day,
      counted
        .filter(({ rx, tx: sent }) => rx + sent > 0n)
        .map(({ row, rx, tx: sent }) => ({ instanceId: row.instanceId, rx, tx: sent })),
    );
    await recordUsageOfTraffic(
      tx,
      counted.filter(({ tells }) => tells).map(({ row, sums }) => toTell(row, sums.totalBytes)),
    );
    return counted.length;
  });
};

/**
 * Counts what a machine has carried before something ends its counters: a stop, a deletion. What can not be read then
 * is lost, at most what was carried since the last reading; the action goes on.
 */
export const countLast = async (ctx: ComputeCtx, driver: ComputeDriver, ref: Ref): Promise<void> => {
  if (!driver.capabilities.actions.has('counters') || !driver.counters) return;
  const version = await findVersion(ctx.db, ref.portalId);
  if (version === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), LAST_MS);
  });
  const counters = await Promise.race([driver.counters(ref).catch(() => undefined), late]);
  clearTimeout(timer);
  if (counters) await countReadings(ctx, [{ instanceId: ref.portalId, version, counters }]);
};

/**
 * The instance, which is locked, is deleted or goes to another client: metering is told the last of what it has
 * carried, and the sums begin anew.
 * @param deleted whether it is gone for good
 */
export const endTraffic = async (tx: Tx, instanceId: string, { deleted }: { deleted: boolean }): Promise<void> => {
  const row = await lockTotal(tx, instanceId);
  if (!row) return;
  if (BigInt(row.totalBytes) > 0n) await recordUsageOfTraffic(tx, [toTell(row, row.totalBytes)]);
  await endUsage(tx, 'traffic', row.meteredId);
  await (deleted ? removeTraffic(tx, instanceId) : restartTraffic(tx, instanceId));
};
