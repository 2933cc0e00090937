import type { Tx } from '@nefos/service-kit';
import { insertEvents, newestSequences, type NewEvent } from '../store/instance-events.js';

export type { NewEvent };
/**
 * Records facts; each takes effect once, by the sender's id. The instances must be locked, and their runs recomputed
 * in the same transaction.
 * @returns the ids of the events that were not recorded before, in lower case
 */
export const recordEvents = async (tx: Tx, events: readonly NewEvent[]): Promise<Set<string>> =>
  new Set(await insertEvents(tx, events));

/** The sequence of the newest recorded event of each instance. */
export const latestSequences = (tx: Tx, instanceIds: readonly string[]): Promise<Map<string, number>> =>
  newestSequences(tx, instanceIds);
