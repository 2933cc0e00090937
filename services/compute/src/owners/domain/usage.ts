import { RESOURCE_UNITS, type ResourceEvent, type ResourceKind } from '@nefos/contracts';
import { isoZ6, publishAll, type Db, type Tx } from '@nefos/service-kit';
import { payers } from '../store/accounts.js';
import {
  listDueResources,
  lockResources,
  removeResource,
  removeResourcesOf,
  writeResources,
  type MeteredResource,
  type NewUse,
  type WrittenUse,
} from '../store/usage.js';

// Facts for metering of what is in use beside instances. The areas that own such things call these functions in the
// transaction that begins, changes or ends the use: no use without its fact, and no fact without its use.

/** A thing, whose it is, and where. */
export interface Used {
  id: string;
  clientId: number;
  region: string;
}
/** So much of it is in use, in the kind's unit. */
export interface UsedNow extends Used {
  quantity: bigint;
}
interface Fact extends Pick<
  MeteredResource,
  'kind' | 'resourceId' | 'clientId' | 'regionId' | 'quantity' | 'sequence'
> {
  type: ResourceEvent['type'];
  occurredAt: string;
}
const publishFacts = async (tx: Tx, facts: readonly Fact[]): Promise<void> => {
  if (!facts.length) return;
  const accountOf = await payers(
    tx,
    facts.map(({ clientId }) => clientId),
  );
  await publishAll(
    tx,
    facts.map(({ type, kind, resourceId, clientId, regionId: region, quantity, sequence, occurredAt }) => ({
      aggregate: `${kind}:${resourceId}`,
      payload: (id) =>
        ({
          id,
          type,
          sequence,
          occurred_at: isoZ6(occurredAt),
          account: accountOf(clientId),
          resource: { kind, id: resourceId, region, quantity, unit: RESOURCE_UNITS[kind] },
        }) satisfies ResourceEvent,
    })),
  );
};
const byId = <One extends { resourceId: string }>(all: readonly One[]): Map<string, One> =>
  new Map(all.map((one) => [one.resourceId, one]));
type Use = Omit<NewUse, 'events'>;
const isSame = (before: MeteredResource, now: Use): boolean =>
  !before.due &&
  before.clientId === now.clientId &&
  before.regionId === now.regionId &&
  before.quantity === now.quantity;
/**
 * From now on so much is in use of each. What was told already is not told again; another client's from now on is the
 * end of it for the former one.
 */
const recordUsages = async (tx: Tx, kind: ResourceKind, all: readonly UsedNow[]): Promise<void> => {
  if (!all.length) return;
  const before = byId(
    await lockResources(
      tx,
      kind,
      all.map(({ id }) => id),
    ),
  );
  const changed = all.flatMap(({ id: resourceId, clientId, region: regionId, quantity }) => {
    const now: Use = { resourceId, clientId, regionId, quantity: String(quantity) };
    const former = before.get(resourceId);
    if (former && isSame(former, now)) return [];
    return [{ now, left: former && former.clientId !== clientId && former.sequence > 0 ? former : undefined }];
  });
  if (!changed.length) return;
  const written = byId(
    await writeResources(
      tx,
      kind,
      changed.map(({ now, left }) => ({ ...now, events: left ? 2 : 1 })),
    ),
  );
  await publishFacts(
    tx,
    changed.flatMap(({ now, left }): Fact[] => {
      const { sequence, occurredAt } = written.get(now.resourceId) as WrittenUse;
      return [
        ...(left ? [{ ...left, type: 'resource.ended' as const, sequence: sequence - 1, occurredAt }] : []),
        { ...now, kind, type: 'resource.usage', sequence, occurredAt },
      ];
    }),
  );
};
const recordUsage = (tx: Tx, kind: ResourceKind, used: Used, quantity: bigint): Promise<void> =>
  recordUsages(tx, kind, [{ ...used, quantity }]);

/** A client's own image, snapshot or backup has so many bytes. */
export const recordUsageOfImage = (tx: Tx, image: Used, bytes: bigint): Promise<void> =>
  recordUsage(tx, 'image', image, bytes);
/** @param gigabytes GiB */
export const recordUsageOfVolume = (tx: Tx, volume: Used, gigabytes: number): Promise<void> =>
  recordUsage(tx, 'volume', volume, BigInt(gigabytes));
/** @param gigabytes GiB */
export const recordUsageOfVolumeSnapshot = (tx: Tx, snapshot: Used, gigabytes: number): Promise<void> =>
  recordUsage(tx, 'volume_snapshot', snapshot, BigInt(gigabytes));
/** @param gigabytes GiB */
export const recordUsageOfVolumeBackup = (tx: Tx, backup: Used, gigabytes: number): Promise<void> =>
  recordUsage(tx, 'volume_backup', backup, BigInt(gigabytes));
export const recordUsageOfFloatingIp = (tx: Tx, address: Used): Promise<void> =>
  recordUsage(tx, 'floating_ip', address, 1n);
/** @param instances of each the bytes that it has carried since this client has it; none comes twice */
export const recordUsageOfTraffic = (tx: Tx, instances: readonly UsedNow[]): Promise<void> =>
  recordUsages(tx, 'traffic', instances);
/** It is in use no more. Nothing is told of what was not told, or of what has ended. */
export const endUsage = async (tx: Tx, kind: ResourceKind, id: string): Promise<void> => {
  const gone = await removeResource(tx, { kind, resourceId: id });
  if (gone && gone.sequence > 0)
    await publishFacts(tx, [{ ...gone, type: 'resource.ended', sequence: gone.sequence + 1 }]);
};
/** The client is removed: the end of its account ends all of it at metering, too. */
export const forgetUsageOf = (tx: Tx, clientId: number): Promise<void> => removeResourcesOf(tx, clientId);

/** What one round tells of; the next one goes on. */
const ROUND = 10_000;
const BATCH = 500;
/** Tells of what was there before it was metered. @returns how many */
export const sweepDueUsage = async (db: Db): Promise<number> => {
  const tell = async (tx: Tx, kind: ResourceKind, ids: readonly string[]): Promise<void> => {
    const due = (await lockResources(tx, kind, ids)).filter((one) => one.due);
    await recordUsages(
      tx,
      kind,
      due.map((one) => ({
        ...{ id: one.resourceId, clientId: one.clientId, region: one.regionId },
        quantity: BigInt(one.quantity),
      })),
    );
  };
  let told = 0;
  for (let found = BATCH; found === BATCH && told < ROUND; told += found) {
    const due = await listDueResources(db, BATCH);
    for (const kind of new Set(due.map((one) => one.kind))) {
      const ids = due.filter((one) => one.kind === kind).map(({ resourceId }) => resourceId);
      await db.transaction((tx) => tell(tx, kind, ids));
    }
    found = due.length;
  }
  return told;
};
