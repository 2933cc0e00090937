import { run, sql, type Db } from '@nefos/service-kit';
import type { ComputeDriver, SnapshotView } from '../driver.js';
import { failOnDemand, missing } from './sim-changes.js';
import { readFaults, type SimFaults } from './sim-faults.js';
import { findMachine } from './sim-machines.js';

const GIB = 1024 ** 3;
/**
 * Images of simulated machines: each is there once its time has come. SQL, because that is compared with the
 * database's clock. @throws DriverError NOT_FOUND, INTERNAL
 */
export const imageCalls = (db: Db, latency: (faults: SimFaults) => number) =>
  ({
    snapshot: async ({ portalId }, { imageId }) => {
      const machine = await findMachine(db, portalId);
      if (!machine) throw missing();
      await failOnDemand(db, portalId, 'snapshot', machine);
      await run(
        db,
        `insert into sim_image (image_id, portal_id, size, done_at)
        values ($1, $2, $3, statement_timestamp() + $4 * interval '1 ms') on conflict do nothing`,
        [imageId, portalId, machine.rootGb * GIB, latency(readFaults(machine.name, machine.tags))],
      );
    },
    getSnapshot: async (_ref, { imageId }): Promise<SnapshotView | null> => {
      const [found] = await sql<{ done: boolean; size: string }>(
        db,
        'select done_at <= statement_timestamp() done, size from sim_image where image_id = $1',
        [imageId],
      );
      return found
        ? { status: found.done ? 'active' : 'saving', backendId: imageId, size: found.done ? Number(found.size) : null }
        : null;
    },
    deleteSnapshot: async ({ imageId }) => {
      await run(db, 'delete from sim_image where image_id = $1', [imageId]);
    },
  }) satisfies Partial<ComputeDriver>;
