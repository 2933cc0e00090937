import { RESOURCE_UNITS, type ResourceEvent, type ResourceKind } from '@nefos/contracts';
import { isoZ6, publish, type Db, type Tx } from '@nefos/service-kit';
import { eventAccounts } from '../store/accounts.js';
import {
  listDueResources,
  lockResource,
  removeResource,
  removeResourcesOf,
  writeResource,
  type MeteredResource,
  type ResourceKey,
} from '../store/usage.js';

// Facts for metering of what is in use beside instances. The areas that own such things call these functions in the
// transaction that begins, changes or ends the use: no use without its fact, and no fact without its use.

/** A thing, whose it is, and where. */
export interface Used {
  id: string;
  clientId: number;
  region: string;
}
interface Fact extends Pick<
  MeteredResource,
  'kind' | 'resourceId' | 'clientId' | 'regionId' | 'quantity' | 'sequence'
> {
  occurredAt: string;
}
const publishFact = async (tx: Tx, type: ResourceEvent['type'], fact: Fact): Promise<void> => {
  const { kind, resourceId, clientId, regionId: region, quantity, sequence, occurredAt } = fact;
  const account = (await eventAccounts(tx, [clientId])).get(clientId) ?? {
    number: String(clientId),
    name: '',
    identities: [],
  };
  await publish(
    tx,
    `${kind}:${resourceId}`,
    (id) =>
      ({
        id,
        type,
        sequence,
        occurred_at: isoZ6(occurredAt),
        account,
        resource: { kind, id: resourceId, region, quantity, unit: RESOURCE_UNITS[kind] },
      }) satisfies ResourceEvent,
  );
};
/**
 * From now on so much is in use. What was told already is not told again; another client's from now on is the end of
 * it for the former one.
 */
const recordUsage = async (
  tx: Tx,
  kind: ResourceKind,
  { id: resourceId, clientId, region: regionId }: Used,
  quantity: bigint,
): Promise<void> => {
  const now = { kind, resourceId, clientId, regionId, quantity: String(quantity) };
  const before = await lockResource(tx, now);
  const same =
    before &&
    !before.due &&
    before.clientId === clientId &&
    before.regionId === regionId &&
    before.quantity === now.quantity;
  if (same) return;
  const left = before !== undefined && before.clientId !== clientId && before.sequence > 0;
  const { sequence, occurredAt } = await writeResource(tx, now, left ? 2 : 1);
  if (left) await publishFact(tx, 'resource.ended', { ...before, sequence: sequence - 1, occurredAt });
  await publishFact(tx, 'resource.usage', { ...now, sequence, occurredAt });
};

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
/** @param bytes that the instance has carried since this client has it */
export const recordUsageOfTraffic = (tx: Tx, instance: Used, bytes: bigint): Promise<void> =>
  recordUsage(tx, 'traffic', instance, bytes);
/** It is in use no more. Nothing is told of what was not told, or of what has ended. */
export const endUsage = async (tx: Tx, kind: ResourceKind, id: string): Promise<void> => {
  const gone = await removeResource(tx, { kind, resourceId: id });
  if (gone && gone.sequence > 0) await publishFact(tx, 'resource.ended', { ...gone, sequence: gone.sequence + 1 });
};
/** The client is removed: the end of its account ends all of it at metering, too. */
export const forgetUsageOf = (tx: Tx, clientId: number): Promise<void> => removeResourcesOf(tx, clientId);

/** What one round tells of; the next one goes on. */
const ROUND = 10_000;
const BATCH = 500;
/** Tells of what was there before it was metered. @returns how many */
export const sweepDueUsage = async (db: Db): Promise<number> => {
  const tell = async (tx: Tx, key: ResourceKey): Promise<void> => {
    const one = await lockResource(tx, key);
    if (!one?.due) return;
    const used = { id: one.resourceId, clientId: one.clientId, region: one.regionId };
    await recordUsage(tx, one.kind, used, BigInt(one.quantity));
  };
  let told = 0;
  for (let found = BATCH; found === BATCH && told < ROUND; told += found) {
    const due = await listDueResources(db, BATCH);
    for (const key of due) await db.transaction((tx) => tell(tx, key));
    found = due.length;
  }
  return told;
};
