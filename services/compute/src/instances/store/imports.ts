import { em, LOCKS, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { instances, type Instance } from '../../operations/tables.js';

/** An instance that was made of a machine. */
export type Imported = Pick<Instance, 'id' | 'clientId' | 'operationId'>;
/** The instance of an imported machine, if it is not deleted. SQL: its index is a partial one. */
export const findImported = async (q: Queryable, regionId: string, backendId: string): Promise<Imported | undefined> =>
  (
    await sql<Imported>(
      q,
      `select id, client_id "clientId", operation_id "operationId" from instance
      where region_id = $1 and imported_from = $2 and vm_state <> 'deleted'`,
      [regionId, backendId],
    )
  )[0];
export interface NewImport extends Pick<
  Instance,
  'id' | 'clientId' | 'projectId' | 'regionId' | 'flavorId' | 'name' | 'operationId'
> {
  backendId: string;
}
/** Requests to import one machine follow each other. SQL: a lock without a row. */
export const lockMachine = async (tx: Tx, regionId: string, backendId: string): Promise<void> => {
  await sql(tx, 'select pg_advisory_xact_lock($1, hashtext($2))', [LOCKS.importedMachine, `${regionId}\n${backendId}`]);
};
/**
 * Writes the instance of a machine that is to be taken over, owned by the operation that does it. It counts as
 * launched: its machine ran before, and must not be destroyed as one whose build failed. The machine is not its own
 * (`backendId`) before it has our id: whoever deletes the instance of a failed import must not delete the machine.
 */
export const insertImport = async (tx: Tx, { backendId, ...one }: NewImport): Promise<void> => {
  await em(tx).insert(instances, {
    ...one,
    importedFrom: backendId,
    networks: [],
    vmState: 'building',
    taskState: 'scheduling',
    launchedAt: () => 'now()',
  });
};
