import { randomUUID } from 'node:crypto';
import type { Tx } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import { demand } from '../../access/domain/permissions.js';
import type { ComputeRequest } from '../../ctx.js';
import { askedBy } from '../../operations/domain/accept.js';
import { demandSupported } from '../../operations/domain/faults.js';
import { invalidValue } from '../../refusals.js';
import {
  checkDevices,
  demandRoom,
  demandVolumeRegion,
  findSource,
  lockDisk,
  lockVolume,
  makeVolume,
  reserveDisk,
  type Source,
  type SourceIds,
  type VolumeOwner,
} from '../../volumes/domain/for-instances.js';

// Further disks of an instance that is created: volumes that are there, and new ones. They are the volumes' own in all
// things; an instance is built when all of them are made.

/** A disk beside the root disk. */
export interface DiskInput {
  /** A volume that is there; null: one is made of `source`. */
  volume: string | null;
  source: SourceIds;
  /** GB of a new one; null: as large as its source. */
  sizeGb: number | null;
  volumeType: string | null;
  deleteOnTermination: boolean;
  device: string | null;
  tag: string | null;
}
/** One that is found and locked. */
interface FoundDisk {
  input: DiskInput;
  /** Null: the volume is there. */
  source: Source | null;
}
const at = (i: number, ...more: string[]): (string | number)[] => ['disks', i, ...more];

/**
 * Locks all volumes that a create names in one order, whatever its own: creates that name the same ones wait for each
 * other.
 */
export const lockNamed = async (tx: Tx, ids: readonly string[]): Promise<void> => {
  if (ids.length > 1) for (const id of [...new Set(ids)].sort()) await lockVolume(tx, id);
};
/** Volumes that are named are looked up in the order of their ids: new disks lock the volumes that they copy. */
const idOf = ({ volume, source }: DiskInput): string =>
  volume ?? source.volume ?? source.snapshot ?? source.image ?? source.backup ?? '';

/**
 * Finds what the disks of a new instance are made of, and locks it.
 * @param options.root the volume that is its root disk; null: another one, or none
 * @throws Fault invalid, forbidden, conflict/action.unsupported, conflict/volume.too_many, conflict/volume.status
 */
export const findDisks = async (
  ctx: ComputeRequest,
  tx: Tx,
  disks: readonly DiskInput[],
  {
    regionId,
    owner,
    bootsVolume,
    root,
  }: { regionId: string; owner: VolumeOwner; bootsVolume: boolean; root: string | null },
): Promise<FoundDisk[]> => {
  if (!disks.length) return [];
  demand(callerOf(ctx), 'instances.attach-volume');
  await demandVolumeRegion(ctx, tx, regionId);
  demandSupported(ctx, regionId, 'attach_volume', 'attach-volume');
  demandRoom(disks.length + (bootsVolume ? 1 : 0));
  checkDevices(
    disks.map(({ device }) => device),
    (i) => at(i, 'device'),
  );
  const found: FoundDisk[] = [];
  const taken = new Set([root]);
  for (const [i, input] of [...disks.entries()].sort(([, a], [, b]) => (idOf(a) < idOf(b) ? -1 : 1))) {
    const { volume } = input;
    if (volume === null) {
      found[i] = { input, source: await findSource(tx, input.source, regionId, owner, at(i)) };
      continue;
    }
    const path = at(i, 'volume');
    await lockDisk(tx, volume, { regionId, clientId: owner.clientId, path });
    if (taken.has(volume))
      throw invalidValue(path, 'volume.status', {
        what: 'volume',
        id: volume,
        wanted: 'available',
        status: 'reserved',
      });
    taken.add(volume);
    found[i] = { input, source: null };
  }
  return found;
};
/**
 * Gives the instance, whose row is written, its further disks; new volumes are accepted with it.
 * @throws Fault invalid, forbidden/create.quota
 */
export const giveDisks = async (
  ctx: ComputeRequest,
  tx: Tx,
  disks: readonly FoundDisk[],
  { instanceId, name, regionId, owner }: { instanceId: string; name: string; regionId: string; owner: VolumeOwner },
): Promise<void> => {
  const attachmentIds = disks.map(() => randomUUID()).sort();
  for (const [i, { input, source }] of disks.entries()) {
    const { deleteOnTermination, device, tag, sizeGb, volumeType: type } = input;
    const made =
      source &&
      (await makeVolume(
        ctx,
        tx,
        {
          regionId,
          name: `${name.slice(0, 245)} disk ${i + 1}`,
          description: null,
          sizeGb,
          type,
          deleteProtection: false,
          source,
        },
        owner,
        { asked: askedBy(ctx), paths: { size: at(i, 'size'), source: at(i, 'source'), type: at(i, 'volume_type') } },
      ));
    await reserveDisk(tx, made?.id ?? input.volume ?? '', instanceId, {
      made: made !== null,
      boot: false,
      deleteOnTermination,
      device,
      tag,
      ...(attachmentIds[i] !== undefined && { attachmentId: attachmentIds[i] }),
    });
  }
};
