import type { Tx } from '@nefos/service-kit';
import { insertEvent, type NewEvent } from '../store/events.js';

export type { NewEvent } from '../store/events.js';
/**
 * Records what happened to an object, in the transaction of the change. Where the change itself is SQL and frequent,
 * `recording` (../recording.ts) does both in one statement.
 */
export const recordEvent = (tx: Tx, event: NewEvent): Promise<void> => insertEvent(tx, event);
