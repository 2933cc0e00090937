import { randomUUID } from 'node:crypto';
import type { MeteringEvent } from '@nefos/contracts';
import { millis, type Tx } from '@nefos/service-kit';
import {
  findTombstones,
  insertNefosAccounts,
  ensureUsers,
  lockNefosAccounts,
  namesOf,
  replaceLinks,
  type NefosAccount,
} from '../store/nefos-accounts.js';

export type { NefosAccount };

const LONGEST = 256;
/** For the number or the uuid that makes a name unique. */
const SUFFIX_ROOM = 80;
/** A name that none of the user's accounts has; the user may have given the client's own name to another account. */
export const freeName = (wanted: string, number: string, used: ReadonlySet<string>): string => {
  const base = wanted.trim() || number;
  const short = [...base].slice(0, LONGEST - SUFFIX_ROOM).join('');
  return [base, `${short} (${number})`].find((name) => !used.has(name)) ?? `${short} ${randomUUID()}`;
};

/**
 * The accounts of a batch: known ones, locked until the end of the transaction, and new ones, made with their user
 * and people. A purged account is not made again by events from before the purge.
 */
export const resolveAccounts = async (
  tx: Tx,
  events: readonly MeteringEvent[],
): Promise<{ accounts: Map<string, NefosAccount>; isBeforePurge: (event: MeteringEvent) => boolean }> => {
  const numbers = [...new Set(events.map((e) => e.account.number))].sort();
  // A batch that will change accounts takes the stronger lock at once: raising a lock later could deadlock.
  const mode = events.some((e) => e.type === 'account.updated' || e.type === 'account.deleted') ? 'update' : 'share';
  const accounts = new Map((await lockNefosAccounts(tx, numbers, mode)).map((a) => [a.number, a]));
  const deletedAt = new Map((await findTombstones(tx, numbers)).map((t) => [t.number, millis(t.deletedAt)]));
  const isBeforePurge = ({ account, occurred_at: at }: MeteringEvent): boolean =>
    Date.parse(at) <= (deletedAt.get(account.number) ?? -Infinity);
  const missing = new Map<string, MeteringEvent['account']>();
  for (const event of events)
    if (
      !accounts.has(event.account.number) &&
      !missing.has(event.account.number) &&
      event.type !== 'account.deleted' &&
      !isBeforePurge(event)
    )
      missing.set(event.account.number, event.account);
  if (missing.size) {
    await makeAccounts(
      tx,
      [...missing.values()].sort((a, b) => (a.number < b.number ? -1 : 1)),
    );
    for (const account of await lockNefosAccounts(tx, [...missing.keys()], mode)) accounts.set(account.number, account);
  }
  return { accounts, isBeforePurge };
};

const makeAccounts = async (tx: Tx, wanted: readonly MeteringEvent['account'][]): Promise<void> => {
  const users = await ensureUsers(
    tx,
    wanted.map((a) => a.number),
  );
  const names = await namesOf(tx, [...users.values()]);
  const inserted = await insertNefosAccounts(
    tx,
    wanted.map(({ number, name }) => {
      const userId = users.get(number) as string;
      return { number, userId, name: freeName(name, number, names.get(userId) ?? new Set()) };
    }),
  );
  await replaceLinks(
    tx,
    wanted
      .filter((a) => inserted.has(a.number))
      .map((a) => ({ userId: users.get(a.number) as string, identities: a.identities })),
  );
};
