import type { AccountEvent, EventResult } from '@nefos/contracts';
import type { Tx } from '@nefos/service-kit';
import { insertFinalPowerOffs } from '../../runs/store/instance-events.js';
import { namesOf, replaceLinks, updateNefosAccounts } from '../store/nefos-accounts.js';
import { freeName, type NefosAccount } from './nefos-accounts.js';
import type { Point } from '../../runs/domain/recompute.js';

/**
 * Renames accounts and replaces their people; of several events only the newest counts, and one that is not newer than what was taken
 * changes nothing. A deleted client's account is listed no more, nor are its instances; its usage stays, and what still runs in it ends with it.
 * A client made anew opens its account again; one that a superuser has closed stays closed.
 * @returns from when on instances' runs must be made anew
 */
export const applyAccountEvents = async (
  tx: Tx,
  events: readonly (AccountEvent | undefined)[],
  accounts: ReadonlyMap<string, NefosAccount>,
  fates: (Pick<EventResult, 'status' | 'reason'> | undefined)[],
): Promise<Point[]> => {
  const newest = new Map<string, AccountEvent>();
  const anew = new Set([...accounts.values()].filter((a) => a.ended).map((a) => a.number));
  for (const [i, event] of events.entries()) {
    const account = event && accounts.get(event.account.number);
    if (!event || !account) continue; // the deletion of an account that we never had
    if (event.type === 'account.deleted' && event.sequence > account.sequence) anew.add(account.number);
    const known = newest.get(account.number)?.sequence ?? account.sequence;
    if (event.sequence > known) newest.set(account.number, event);
    else if (event.sequence <= account.sequence || event.id === newest.get(account.number)?.id)
      fates[i] = { status: 'duplicate' };
  }
  if (!newest.size) return [];
  const changed = [...newest.values()].map((event) => ({
    event,
    account: accounts.get(event.account.number) as NefosAccount,
  }));
  const taken = await namesOf(
    tx,
    changed.map(({ account }) => account.userId),
    changed.map(({ account }) => account.accountId),
  );
  await updateNefosAccounts(
    tx,
    changed.map(({ event, account }) => {
      const others = taken.get(account.userId) ?? new Set<string>();
      return {
        accountId: account.accountId,
        nefosId: account.nefosId,
        sequence: event.sequence,
        ended: event.type === 'account.deleted',
        name: event.type === 'account.deleted' ? account.name : freeName(event.account.name, account.number, others),
        closedAt:
          event.type === 'account.deleted' ? event.occurred_at : anew.has(account.number) ? null : account.closedAt,
      };
    }),
  );
  await replaceLinks(
    tx,
    changed.map(({ event, account }) => ({
      userId: account.userId,
      identities: event.type === 'account.deleted' ? [] : event.account.identities,
    })),
  );
  const ended = changed
    .filter(({ event }) => event.type === 'account.deleted')
    .map(({ event, account }) => ({ accountId: account.accountId, at: event.occurred_at }));
  return ended.length ? insertFinalPowerOffs(tx, ended) : [];
};
