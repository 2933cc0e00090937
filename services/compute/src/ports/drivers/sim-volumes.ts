import { run, sql, type Db, type Tx } from '@nefos/service-kit';
import { DriverError, type ComputeDriver, type InstanceSpec, type SnapshotView } from '../driver.js';
import { VOLUME_ACTIONS, type StoredRef, type VolumeDriver, type VolumeSpec } from '../driver-volumes.js';
import { failOnDemand, missing } from './sim-changes.js';
import { readFaults, type SimFaults } from './sim-faults.js';
import { findMachine, lockMachine } from './sim-machines.js';
import * as rows from './sim-volume-rows.js';
import type { Kind, Stored } from './sim-volume-rows.js';

const GIB = 1024 ** 3;
const absent = (what: string): DriverError => new DriverError('NOT_FOUND', `The ${what} does not exist.`);
const busy = (what: string): DriverError => new DriverError('CONFLICT', `The ${what} is busy.`);

/** How a new volume was filled. @throws DriverError NOT_FOUND: what it is to be filled with is not there */
const sourceOf = async (db: Db, { source }: VolumeSpec): Promise<string | null> => {
  if (source === null || 'image' in source) return source && `image ${source.image.id}`;
  const [kind, ref] =
    'snapshot' in source
      ? (['snapshot', source.snapshot] as const)
      : 'backup' in source
        ? (['backup', source.backup] as const)
        : (['volume', source.volume] as const);
  if (!(await rows.findStored(db, kind, ref.portalId))) throw absent(kind);
  return `${kind} ${ref.portalId}`;
};

interface Options {
  region: string;
  latency: (faults: SimFaults) => number;
}
/**
 * Changes one thing under its lock, as its name lets it.
 * @param call as `sim:fail=` names it. @throws DriverError NOT_FOUND, CONFLICT, INTERNAL
 */
const createChanger =
  (db: Db, { latency }: Options) =>
  async (
    [kind, { portalId }]: readonly [Kind, StoredRef],
    call: string,
    work: (tx: Tx, one: Stored, ms: number) => Promise<void>,
  ): Promise<void> => {
    const found = await rows.findStored(db, kind, portalId);
    if (!found) throw absent(kind);
    await failOnDemand(db, portalId, call, { name: found.name, tags: [] });
    await db.transaction(async (tx) => {
      const one = await rows.lockStored(tx, kind, portalId);
      if (!one) throw absent(kind);
      await work(tx, one, latency(readFaults(one.name, [])));
    });
  };
type Change = ReturnType<typeof createChanger>;

/** Deletes it; twice is once, and what is not there is success. @throws DriverError CONFLICT: something needs it */
const destroy = (change: Change, kind: Kind, ref: StoredRef, call: string): Promise<void> =>
  change([kind, ref], call, async (tx, one, ms) => {
    if (one.machineId !== null) throw new DriverError('INVALID_STATE', 'The volume is attached.', { retryable: false });
    if (await rows.hasChildren(tx, kind, ref.portalId)) throw busy(kind);
    await rows.change(tx, ref.portalId, { goes: true, ms });
  }).catch((err: unknown) => {
    if (!(err instanceof DriverError) || err.code !== 'NOT_FOUND') throw err;
  });
/** The calls that concern snapshots and backups. */
const copyCalls = (db: Db, options: Options, change: Change) => {
  const copy = async (
    kind: 'snapshot' | 'backup',
    volume: StoredRef,
    copied: { portalId: string; name: string; parent?: StoredRef | null },
  ): Promise<StoredRef> => {
    const found = await rows.findStored(db, kind, copied.portalId);
    if (found) return { portalId: copied.portalId, backendId: found.backendId };
    await failOnDemand(db, copied.portalId, `volume${kind}`, { name: copied.name, tags: [] });
    return db.transaction(async (tx) => {
      const one = await rows.lockStored(tx, 'volume', volume.portalId);
      if (!one) throw absent('volume');
      if (one.busy) throw busy('volume');
      return rows.insertStored(tx, {
        portalId: copied.portalId,
        region: options.region,
        kind,
        name: copied.name,
        sizeGb: one.sizeGb,
        volumeId: volume.portalId,
        parentId: copied.parent?.portalId ?? null,
        ms: options.latency(readFaults(copied.name, [])),
      });
    });
  };
  const fill = (volume: StoredRef, call: string, [kind, from]: readonly [Kind, StoredRef]): Promise<void> =>
    change(['volume', volume], call, async (tx, one, ms) => {
      if (!(await rows.findStored(tx, kind, from.portalId))) throw absent(kind);
      if (one.busy) return;
      await rows.change(tx, volume.portalId, { restored: true, ms });
    });
  return {
    createSnapshot: (volume, snapshot) => copy('snapshot', volume, snapshot),
    getSnapshot: async (_volume, { portalId }) => rows.viewOfStored(await rows.findStored(db, 'snapshot', portalId)),
    destroySnapshot: (_volume, snapshot) => destroy(change, 'snapshot', snapshot, 'snapshotdelete'),
    revert: (volume, snapshot) => fill(volume, 'revert', ['snapshot', snapshot]),
    createBackup: (volume, backup) => copy('backup', volume, backup),
    getBackup: async ({ portalId }) => rows.viewOfStored(await rows.findStored(db, 'backup', portalId)),
    destroyBackup: (backup) => destroy(change, 'backup', backup, 'backupdelete'),
    restoreBackup: (backup, volume) => fill(volume, 'restore', ['backup', backup]),
  } satisfies Partial<VolumeDriver>;
};

/** Simulated volumes: they have a size and a time, and no content. */
export const volumeDriver = (db: Db, options: Options): VolumeDriver => {
  const change = createChanger(db, options);
  return {
    capabilities: new Set(VOLUME_ACTIONS),
    create: async (spec) => {
      const { portalId, name, sizeGb } = spec;
      const found = await rows.findStored(db, 'volume', portalId);
      if (found) return { portalId, backendId: found.backendId };
      await failOnDemand(db, portalId, 'volume', { name, tags: [] });
      const source = await sourceOf(db, spec);
      const ms = options.latency(readFaults(name, []));
      return db.transaction((tx) =>
        rows.insertStored(tx, { portalId, region: options.region, kind: 'volume', name, sizeGb, source, ms }),
      );
    },
    get: async ({ portalId }) => rows.viewOfStored(await rows.findStored(db, 'volume', portalId)),
    extend: (volume, sizeGb) =>
      change(['volume', volume], 'extend', async (tx, one, ms) => {
        if (one.busy) throw busy('volume');
        if (one.sizeGb < sizeGb) await rows.change(tx, volume.portalId, { sizeGb, ms });
      }),
    destroy: (volume) => destroy(change, 'volume', volume, 'volumedelete'),
    list: ({ after, limit }) => rows.listStored(db, options.region, 'volume', after, limit),
    ...copyCalls(db, options, change),
    upload: (volume, { imageId }) =>
      change(['volume', volume], 'upload', async (tx, one, ms) => {
        await run(
          tx,
          `insert into sim_image (image_id, portal_id, size, done_at)
          values ($1, $2, $3, statement_timestamp() + $4 * interval '1 ms') on conflict do nothing`,
          [imageId, volume.portalId, one.sizeGb * GIB, ms],
        );
      }),
    getUpload: async ({ imageId }): Promise<SnapshotView | null> => {
      const [found] = await sql<{ done: boolean; size: string }>(
        db,
        'select done_at <= statement_timestamp() done, size from sim_image where image_id = $1',
        [imageId],
      );
      if (!found) return null;
      return {
        status: found.done ? 'active' : 'saving',
        backendId: imageId,
        size: found.done ? Number(found.size) : null,
      };
    },
  };
};

/** Gives a machine that is being built its volumes. @throws DriverError NOT_FOUND, CONFLICT */
export const attachAll = async (tx: Tx, { portalId, volumes = [] }: InstanceSpec): Promise<void> => {
  // Those with a name of their own first: none of the others gets it.
  for (const { volume, device, boot } of volumes.toSorted(
    (a, b) => Number(b.device !== null) - Number(a.device !== null),
  ))
    await rows.attach(tx, volume.portalId, portalId, { device, boot });
};
/** Why a new machine can not have its volumes; they are locked. */
export const whyNotAttached = async (
  tx: Tx,
  { portalId, volumes = [] }: InstanceSpec,
): Promise<DriverError | undefined> => {
  for (const { volume } of volumes) {
    const one = await rows.lockStored(tx, 'volume', volume.portalId);
    if (!one) return absent('volume');
    if (one.machineId !== null && one.machineId !== portalId) return busy('volume');
  }
  return undefined;
};
/** The machines' calls for volumes. @throws DriverError NOT_FOUND, CONFLICT, INVALID_REQUEST, INTERNAL */
export const attachmentCalls = (db: Db) =>
  ({
    attachVolume: async ({ portalId }, volume, { device }) => {
      const [machine, found] = [await findMachine(db, portalId), await rows.findStored(db, 'volume', volume.portalId)];
      if (!machine) throw missing();
      if (!found) throw absent('volume');
      await failOnDemand(db, volume.portalId, 'attach', { name: found.name, tags: machine.tags });
      return db.transaction(async (tx) => {
        const has = await lockMachine(tx, portalId);
        if (!has) throw missing();
        const one = await rows.lockStored(tx, 'volume', volume.portalId);
        if (!one) throw absent('volume');
        if (one.machineId === portalId) return one.device;
        if (one.machineId !== null || one.busy) throw busy('volume');
        if (device !== null && (await rows.attachedTo(tx, portalId)).some((other) => other.device === device))
          throw new DriverError('INVALID_REQUEST', `The device ${device} is taken.`);
        return rows.attach(tx, volume.portalId, portalId, { device });
      });
    },
    detachVolume: async ({ portalId }, volume) => {
      const found = await rows.findStored(db, 'volume', volume.portalId);
      if (!found) return;
      const machine = await findMachine(db, portalId);
      if (machine && found.machineId === portalId) {
        await failOnDemand(db, volume.portalId, 'detach', { name: found.name, tags: machine.tags });
        if (readFaults(found.name, machine.tags).ignoresAcpi)
          throw new DriverError('GUEST', 'The guest does not let the volume go.');
      }
      await rows.detach(db, volume.portalId, portalId);
    },
  }) satisfies Partial<ComputeDriver>;
