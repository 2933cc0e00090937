import { randomUUID } from 'node:crypto';
import { run, sql, type Db } from '@nefos/service-kit';
import type { ComputeDriver, ForeignMachine, InstanceSpec, Ref } from '../driver.js';
import { missing } from './sim-changes.js';
import { findForeign, listForeign, type Machine } from './sim-machines.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const viewOf = (machine: Machine): ForeignMachine => ({
  backendId: machine.backendId,
  name: machine.name,
  powerState: machine.powerState,
  vcpus: machine.vcpus,
  memoryMb: machine.memoryMb,
  rootGb: machine.rootGb,
  host: machine.host,
  addresses: machine.addresses,
});

/**
 * Machines that bear no id of ours, and how they get one. Their rows have an id that no instance has. SQL: conditional
 * updates.
 * @param build makes a machine
 */
export const foreignCalls = (db: Db, region: string, build: (spec: InstanceSpec) => Promise<Ref>) =>
  ({
    listForeign: async ({ after, limit }) => (await listForeign(db, region, after, limit)).map(viewOf),
    getForeign: async (backendId) => {
      const found = UUID.test(backendId) ? await findForeign(db, region, backendId) : undefined;
      return found ? viewOf(found) : null;
    },
    adopt: async ({ portalId, backendId }) => {
      if (!UUID.test(backendId)) throw missing();
      const adopted = await run(
        db,
        `update sim_machine set portal_id = $3, adopted = true
        where region = $1 and backend_id = $2 and not adopted and task is distinct from 'deleting'`,
        [region, backendId, portalId],
      );
      if (adopted) return;
      const before = await sql(db, 'select 1 from sim_machine where portal_id = $1 and backend_id = $2 and adopted', [
        portalId,
        backendId,
      ]);
      if (!before.length) throw missing();
    },
    createForeign: async (spec) => {
      const { backendId, portalId } = await build({ ...spec, portalId: randomUUID() });
      await run(db, 'update sim_machine set adopted = false where portal_id = $1', [portalId]);
      return backendId as string;
    },
  }) satisfies Partial<ComputeDriver>;
