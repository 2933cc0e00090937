import type { AccountEvent } from '@nefos/contracts';
import type { Tx } from '@nefos/service-kit';
import { endRuns } from '../../runs/domain/recompute.js';
import { closeResources } from '../../usage/domain/resources.js';
import { namesOf, replaceLinks, updateNefosAccounts } from '../store/nefos-accounts.js';
import { DUPLICATE, type BatchEvent } from './batch.js';
import { freeName, type NefosAccount } from './nefos-accounts.js';

interface Change {
  event: AccountEvent;
  account: NefosAccount;
}
/**
 * The newest event of each account that is newer than the stored one. Marked as duplicates are those that are not newer
 * than the stored one, or have the same id as the newest so far.
 */
const newestChanges = (
  entries: readonly BatchEvent<AccountEvent>[],
  accounts: ReadonlyMap<string, NefosAccount>,
): Map<string, Change> => {
  const newest = new Map<string, Change>();
  for (const entry of entries) {
    const { event } = entry;
    const account = accounts.get(event.account.number);
    // The deletions of accounts that were never here have no effect, and are answered `accepted`.
    if (!account) continue;
    const known = newest.get(account.number)?.event;
    if (event.sequence > (known?.sequence ?? account.sequence)) newest.set(account.number, { event, account });
    else if (event.sequence <= account.sequence || event.id === known?.id) entry.verdict = DUPLICATE;
  }
  return newest;
};

/**
 * Renames accounts and replaces their people. Of several events only the newest counts, and one that is not newer
 * than what took effect before changes nothing. The account of a deleted client and its instances are not listed any
 * more; its usage stays, and what still runs in it ends with it. A client that is made anew opens its account again;
 * an account that a superuser closed stays closed.
 */
export const applyAccountEvents = async (
  tx: Tx,
  entries: readonly BatchEvent<AccountEvent>[],
  accounts: ReadonlyMap<string, NefosAccount>,
): Promise<void> => {
  // Accounts whose client was deleted, before or in this batch. A newer update opens them again.
  const ended = new Set([...accounts.values()].filter((account) => account.ended).map((account) => account.number));
  for (const { event } of entries) {
    const account = accounts.get(event.account.number);
    if (account && event.type === 'account.deleted' && event.sequence > account.sequence) ended.add(account.number);
  }
  const changes = [...newestChanges(entries, accounts).values()];
  if (!changes.length) return;
  const names = await namesOf(
    tx,
    changes.map(({ account }) => account.userId),
    changes.map(({ account }) => account.accountId),
  );
  await updateNefosAccounts(
    tx,
    changes.map(({ event, account }) => {
      const { accountId, nefosId } = account;
      const shared = { accountId, nefosId, sequence: event.sequence };
      if (event.type === 'account.deleted')
        return { ...shared, ended: true, name: account.name, closedAt: event.occurred_at };
      return {
        ...shared,
        ended: false,
        name: freeName(event.account.name, account.number, names.get(account.userId) ?? new Set()),
        closedAt: ended.has(account.number) ? null : account.closedAt,
      };
    }),
  );
  await replaceLinks(
    tx,
    changes.map(({ event, account }) => ({
      userId: account.userId,
      identities: event.type === 'account.deleted' ? [] : event.account.identities,
    })),
  );
  const gone = changes
    .filter(({ event }) => event.type === 'account.deleted')
    .map(({ event, account }) => ({ accountId: account.accountId, at: event.occurred_at }));
  await endRuns(tx, gone);
  await closeResources(tx, gone);
};
