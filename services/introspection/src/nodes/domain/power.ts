import type { Tx } from '@nefos/service-kit';
import { updateNode } from '../store/nodes.js';

/** A machine is being brought to a power state; null: it is there, or given up. */
export const notePowerTarget = (tx: Tx, nodeUuid: string, target: string | null): Promise<void> =>
  updateNode(tx, nodeUuid, { targetPowerState: target });
/** @param state null: not known */
export const notePowerState = (tx: Tx, nodeUuid: string, state: string | null): Promise<void> =>
  updateNode(tx, nodeUuid, { powerState: state, targetPowerState: null });
/** It could not be brought there. */
export const notePowerFailure = (tx: Tx, nodeUuid: string, error: string): Promise<void> =>
  updateNode(tx, nodeUuid, { targetPowerState: null, lastError: error });
