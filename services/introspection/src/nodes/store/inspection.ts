import { prepared, run, type Queryable, type Tx } from '@nefos/service-kit';

/** What the registry shows of an inspection that has moved on; what is left out stays. */
export interface Inspected {
  provisionState: string;
  targetProvisionState: string | null;
  lastError?: string | null;
  startedAt?: string;
  finishedAt?: string;
}
/**
 * Writes it, if the node is being inspected by the registry's verb (contract introspection §11.3). SQL: conditional.
 * @returns whether it was
 */
export const updateInspectedNode = async (tx: Tx, nodeUuid: string, to: Inspected): Promise<boolean> =>
  (await run(
    tx,
    `update node set provision_state = $2, target_provision_state = $3, provision_updated_at = clock_timestamp(),
        last_error = case when $4 then $5 else last_error end,
        inspection_started_at = coalesce($6::timestamptz, inspection_started_at),
        inspection_finished_at = coalesce($7::timestamptz, inspection_finished_at), updated_at = clock_timestamp()
      where uuid = $1 and provision_state in ('inspecting', 'inspect wait')`,
    [
      nodeUuid,
      to.provisionState,
      to.targetProvisionState,
      to.lastError !== undefined,
      to.lastError ?? null,
      to.startedAt ?? null,
      to.finishedAt ?? null,
    ],
  )) > 0;
const MACS = 1000;
/** SQL: prepared. */
export const listMacs = async (q: Queryable, nodeUuid: string): Promise<string[]> =>
  (
    await prepared<{ address: string }>(q, `select address from port where node_uuid = $1 order by id limit ${MACS}`, [
      nodeUuid,
    ])
  ).map(({ address }) => address);
