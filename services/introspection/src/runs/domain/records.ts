import type { Queryable, Tx } from '@nefos/service-kit';
import * as store from '../store/runs.js';
import type { Attribute, NewRun, Run } from '../store/runs.js';

export type { Attribute, NewRun, Run };

/**
 * The nodes that a machine may be, by its addresses, with the number of addresses that agree, best first; at most 50
 * (contract introspection §6.2). Values are in the one spelling of `macOf` and `bmcAddressOf`.
 */
export const listMatches = (
  q: Queryable,
  attributes: readonly Attribute[],
): Promise<{ nodeUuid: string; score: number }[]> => store.listMatches(q, attributes);
/** What a run is recognised by, beside what it is recognised by already. */
export const addAttributes = (tx: Tx, nodeUuid: string, attributes: readonly Attribute[]): Promise<void> =>
  store.insertAttributes(tx, nodeUuid, attributes);

/** Stored JSON text of a run; undefined: none. */
export const findData = (
  q: Queryable,
  nodeUuid: string,
  kind: 'processed' | 'unprocessed',
): Promise<string | undefined> => store.findData(q, nodeUuid, kind === 'processed');
/** @param body JSON text; NUL is written as its escape there */
export const writeData = (tx: Tx, nodeUuid: string, kind: 'processed' | 'unprocessed', body: string): Promise<void> =>
  store.writeData(tx, nodeUuid, kind === 'processed', body);

/**
 * The record of a node that had none, in a state of the caller's choice: of a machine that was unknown, or is in use
 * (contract introspection §6.3). undefined: there is one by now.
 */
export const insertRun = (tx: Tx, run: NewRun): Promise<Run | undefined> => store.insertRun(tx, run);
/** The same in the place of a locked run that has ended, whose data and attributes go. */
export const replaceRun = (tx: Tx, run: NewRun): Promise<Run | undefined> => store.replaceRun(tx, run);
/** A reapply of a locked run, a run of its own in the history. The caller has asked the state machine. */
export const beginReapply = (tx: Tx, nodeUuid: string, id: string): Promise<Run | undefined> =>
  store.writeReapply(tx, nodeUuid, id);
