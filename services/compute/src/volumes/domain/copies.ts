import { randomUUID } from 'node:crypto';
import { invalid, type Queryable, type Tx } from '@nefos/service-kit';
import { callerOf, maySee } from '../../access/domain/caller.js';
import { findRegion } from '../../catalog/domain/parts.js';
import type { ComputeRequest } from '../../ctx.js';
import { askedBy, type Actor } from '../../operations/domain/accept.js';
import { unsupported } from '../../operations/domain/faults.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { refusal, unknownKey } from '../../refusals.js';
import { writeCopy } from '../store/copies.js';
import { isSourceNow } from '../store/sources.js';
import { findVolume, lockVolume, type Volume } from '../store/volumes.js';
import type { Labels } from '../tables.js';
import { demandStatus, demandUsable, demandVolumes, recordStorage, SYSTEM } from './accept.js';
import { demandFree, onLocked } from './reach.js';

// What snapshots and backups have in common: the copies of a volume.

type Word = 'snapshot' | 'backup';
export interface Asked {
  by: Actor;
  requestId: string | null;
}
/**
 * The volume of a body, locked.
 * @throws Fault invalid: there is none, or it is another client's; forbidden/client.suspended
 */
export const lockNamedVolume = async (ctx: ComputeRequest, tx: Tx, id: string): Promise<Volume> => {
  const seen = await findVolume(tx, id);
  if (!seen || !maySee(callerOf(ctx), seen.clientId)) throw invalid([unknownKey(['volume'], id)]);
  await demandFree(ctx, tx, seen.clientId);
  const volume = await lockVolume(tx, id);
  if (!volume) throw invalid([unknownKey(['volume'], id)]);
  return volume;
};
/**
 * Whether a locked volume can be copied now.
 * @throws Fault conflict/action.unsupported, conflict/region.no_snapshots, conflict/volume.status
 */
export const demandCopyable = async (
  ctx: Pick<ComputeRequest, 'drivers'>,
  tx: Tx,
  volume: Volume,
  word: Word,
): Promise<void> => {
  if (!demandVolumes(ctx, volume.regionId, word).capabilities.has(word)) throw unsupported(word);
  if (!(await findRegion(tx, volume.regionId))?.enableSnapshots) throw refusal('conflict', 'region.no_snapshots');
  demandUsable(volume, ['available', 'in-use']);
};
/** What every new copy has of its volume. */
const ofVolume = ({ id: volumeId, clientId, projectId, regionId, sizeGb }: Volume) => ({
  volumeId,
  clientId,
  projectId,
  regionId,
  sizeGb,
});
/** What is said of a new copy. */
export interface NewWords {
  name: string;
  description: string | null;
  metadata?: Labels;
}
export type NewCopy = ReturnType<typeof ofVolume> & {
  id: string;
  name: string;
  description: string | null;
  status: 'creating';
  operationId: string;
  metadata?: Labels;
};
/**
 * Accepts a copy of a volume that can be copied: its row, the operation and the job.
 * @param insert writes the row
 * @throws Fault forbidden/create.quota
 */
export const acceptCopy = async (
  tx: Tx,
  volume: Volume,
  word: Word,
  { name, description, metadata, asked }: NewWords & { asked: Asked },
  insert: (copy: NewCopy) => Promise<void>,
): Promise<{ id: string; operationId: string }> => {
  await reserveQuota(tx, volume.projectId, { [`${word}s`]: 1 });
  const id = randomUUID();
  const operationId = randomUUID();
  await insert({
    ...ofVolume(volume),
    id,
    name,
    description,
    status: 'creating',
    operationId,
    ...(metadata && { metadata }),
  });
  await recordStorage(tx, operationId, {
    action: `volume${word}.create`,
    object: { type: `volume${word}`, id },
    clientId: volume.clientId,
    previousState: volume.status,
    params: { volume: volume.id, [word]: id, name },
    ...asked,
  });
  return { id, operationId };
};

interface Copy {
  id: string;
  clientId: number;
  volumeId: string;
  status: string;
  operationId: string | null;
}
/**
 * How copies of a kind are deleted.
 * @param demand refuses one that something else needs
 */
export const deletionOf = <Row extends Copy>(
  word: Word,
  kind: {
    find: (q: Queryable, id: string) => Promise<Row | undefined>;
    lock: (tx: Tx, id: string) => Promise<Row | undefined>;
  },
  demand: (tx: Tx, copy: Row) => Promise<void> = () => Promise.resolve(),
) => {
  const begin = async (tx: Tx, copy: Row, asked: Asked): Promise<string> => {
    demandStatus(word, copy, ['available', 'error']);
    await demand(tx, copy);
    if (await isSourceNow(tx, word, copy.id)) throw refusal('conflict', 'volume.in_use_as_source');
    const operationId = randomUUID();
    await recordStorage(tx, operationId, {
      action: `volume${word}.delete`,
      object: { type: `volume${word}`, id: copy.id },
      clientId: copy.clientId,
      previousState: copy.status,
      params: { volume: copy.volumeId, [word]: copy.id },
      ...asked,
    });
    await writeCopy(tx, `volume_${word}`, copy.id, { status: 'deleting', operationId });
    return operationId;
  };
  return {
    /** Staff correct a status. @throws Fault not_found, conflict/volume.status */
    reset: (ctx: ComputeRequest, id: string, status: 'available' | 'error'): Promise<void> =>
      onLocked(ctx, id, kind, async (tx, copy) => {
        demandStatus(word, copy, ['available', 'error']);
        await writeCopy(tx, `volume_${word}`, id, { status, ...(status === 'available' && { fault: null }) });
      }),
    /** @returns id of the operation: the same one when it is being deleted already */
    byCaller: (ctx: ComputeRequest, id: string): Promise<string> =>
      onLocked(ctx, id, { ...kind, evenHeld: true }, (tx, copy) =>
        copy.status === 'deleting' && copy.operationId
          ? Promise.resolve(copy.operationId)
          : begin(tx, copy, askedBy(ctx)),
      ),
    /** Nobody asked. */
    byPortal: async (tx: Tx, id: string): Promise<void> => {
      const copy = await kind.lock(tx, id);
      if (copy) await begin(tx, copy, SYSTEM);
    },
  };
};
