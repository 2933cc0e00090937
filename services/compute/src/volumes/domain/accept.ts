import { randomUUID } from 'node:crypto';
import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { turnOf, type Actor } from '../../operations/domain/accept.js';
import { unsupported } from '../../operations/domain/faults.js';
import { recordOther } from '../../operations/domain/others.js';
import type { OperationObject } from '../../operations/tables.js';
import type { VolumeDriver } from '../../ports/driver-volumes.js';
import { refusal } from '../../refusals.js';
import { writeState, type Volume } from '../store/volumes.js';
import { TRANSITIONS, type StorageAction, type VolumeStatus } from '../volume-states.js';

/** The job that carries an operation on a volume, a snapshot or a backup on. */
export const STORAGE_TASK = 'volume.run';
/** Ids that an operation has in its parameters. */
export interface StorageParams {
  volume: string;
  snapshot?: string;
  backup?: string;
  /** The volume that another one is made of. */
  source_volume?: string;
  image?: string;
  /** The attachment. */
  attachment?: string;
  size?: number;
  name?: string;
  disk_format?: string;
  /** Whether the volume was attached before. */
  attached?: boolean;
}
/** Jobs of an operation take turns with those of the instance for what changes it, else with those of the volume. */
export const jobOf = (
  action: StorageAction,
  { volume, instance }: { volume: string; instance: string | null },
): { task: string; turn: string } => ({
  task: STORAGE_TASK,
  turn:
    instance !== null && (action === 'volume.attach' || action === 'volume.detach')
      ? turnOf(instance)
      : `volume:${volume}`,
});

export interface Accepted {
  action: StorageAction;
  /** What it is on; absent: the volume. */
  object?: { type: OperationObject; id: string };
  instanceId?: string;
  clientId: number;
  previousState: string;
  params: StorageParams;
  by: Actor;
  requestId: string | null;
}
/** Writes an operation and its job, in the transaction that changes the thing. @returns its id */
export const recordStorage = async (tx: Tx, id: string, one: Accepted): Promise<string> => {
  const { action, params, instanceId = null } = one;
  const { deadlineSeconds, volume } = TRANSITIONS[action];
  await recordOther(
    tx,
    {
      id,
      object: one.object ?? { type: 'volume', id: params.volume },
      instanceId,
      clientId: one.clientId,
      type: action,
      previousState: one.previousState,
      params,
      steps: [volume ?? action.split('.')[1] ?? action],
      by: one.by,
      requestId: one.requestId,
      deadlineSeconds,
    },
    jobOf(action, { volume: params.volume, instance: instanceId }),
  );
  return id;
};

/** The portal itself asks. */
export const SYSTEM: { by: Actor; requestId: string | null } = { by: null, requestId: null };
/** @throws Fault conflict/volume.status */
export const demandStatus = (
  what: string,
  { id, status }: { id: string; status: string },
  from: readonly string[],
): void => {
  if (!from.includes(status))
    throw refusal('conflict', 'volume.status', { what, id, wanted: from.join(' or '), status });
};
/** With its snapshots a volume is deleted step by step: until then nobody uses it. */
export const statusInUse = ({ doomed, status }: Pick<Volume, 'doomed' | 'status'>): VolumeStatus =>
  doomed ? 'deleting' : status;
/** What is asked of a volume, but for its deletion. @throws Fault conflict/volume.status */
export const demandUsable = (volume: Volume, from: readonly string[]): void =>
  demandStatus('volume', { id: volume.id, status: statusInUse(volume) }, from);
/**
 * Begins an action on a locked volume: status, operation and job.
 * @returns id of the operation
 * @throws Fault conflict/volume.status
 */
export const beginOnVolume = async (
  tx: Tx,
  volume: Volume,
  one: Omit<Accepted, 'clientId' | 'previousState' | 'params'> & {
    params?: Omit<StorageParams, 'volume'>;
    wantedGb?: number;
  },
): Promise<string> => {
  const { from, volume: busy } = TRANSITIONS[one.action];
  if (from) demandStatus('volume', volume, from);
  const { wantedGb, params, ...rest } = one;
  const id = randomUUID();
  await recordStorage(tx, id, {
    ...rest,
    clientId: volume.clientId,
    previousState: volume.status,
    params: { ...params, volume: volume.id },
  });
  if (busy)
    await writeState(tx, volume.id, { status: busy, operationId: id, ...(wantedGb !== undefined && { wantedGb }) });
  return id;
};
/** Status after something that has left the volume as it was. */
export const restingStatus = (attached: { state: string } | undefined): VolumeStatus =>
  attached ? (attached.state === 'reserved' ? 'reserved' : 'in-use') : 'available';

/** The driver's calls for volumes. @throws Fault conflict/action.unsupported */
export const demandVolumes = (
  { drivers }: Pick<ComputeCtx, 'drivers'>,
  regionId: string,
  word: string,
): VolumeDriver => {
  const { volumes } = drivers.of(regionId);
  if (!volumes) throw unsupported(word);
  return volumes;
};
