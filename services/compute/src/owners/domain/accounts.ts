import type { Tx } from '@nefos/service-kit';
import * as store from '../store/accounts.js';
import { projectsChanged } from './project-sync.js';

/** The account behind a client, as metering gets it. */
export { payers, type EventAccount } from '../store/accounts.js';
/**
 * Tells metering and identity that the client's name or users changed, or that it is deleted, in this transaction.
 * Before the row of the client is deleted.
 * @param now the time of the event
 */
export const publishAccount = async (
  tx: Tx,
  clientId: number,
  type: 'account.updated' | 'account.deleted',
  now: Date,
): Promise<void> => {
  await store.publishAccount(tx, clientId, type, now);
  await projectsChanged(tx, clientId);
};
