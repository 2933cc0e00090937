import type { Tx } from '@nefos/service-kit';
export { listMacs } from '../store/inspection.js';
import { updateInspectedNode } from '../store/inspection.js';

/** The machine boots: from now on the registry's verb `abort` works. */
export const noteInspectWait = (tx: Tx, nodeUuid: string, startedAt: string): Promise<boolean> =>
  updateInspectedNode(tx, nodeUuid, { provisionState: 'inspect wait', targetProvisionState: 'manageable', startedAt });
/** The data are there and are processed: there is nothing to abort any more. */
export const noteInspecting = (tx: Tx, nodeUuid: string): Promise<boolean> =>
  updateInspectedNode(tx, nodeUuid, { provisionState: 'inspecting', targetProvisionState: 'manageable' });
/**
 * The run has ended: a node that was inspected by the registry's verb becomes manageable, or `inspect failed` with the
 * reason. Others keep their state (contract introspection §11.3).
 */
export const noteInspected = (
  tx: Tx,
  nodeUuid: string,
  { error, startedAt, finishedAt }: { error: string | null; startedAt: string; finishedAt: string },
): Promise<boolean> =>
  updateInspectedNode(tx, nodeUuid, {
    provisionState: error === null ? 'manageable' : 'inspect failed',
    targetProvisionState: error === null ? null : 'manageable',
    lastError: error,
    startedAt,
    finishedAt,
  });
