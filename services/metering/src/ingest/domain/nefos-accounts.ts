import { randomUUID } from 'node:crypto';
import type { MeteringEvent } from '@nefos/contracts';
import { millis, type Tx } from '@nefos/service-kit';
import {
  findTombstones,
  insertNefosAccounts,
  insertUsers,
  lockNefosAccounts,
  namesOf,
  replaceLinks,
} from '../store/nefos-accounts.js';

/** The cloud account of one of our own clients. `sequence`: of the newest account event taken. */
export interface NefosAccount {
  number: string;
  accountId: string;
  userId: string;
  nefosId: string;
  sequence: number;
  /** Whether the client is gone. */ ended: boolean;
  name: string;
  /** With its client, or by a superuser. */ closedAt: string | null;
}

const LONGEST = 256;
/** A name that none of the user's accounts has; people may have taken the client's own name for another. */
export const freeName = (wanted: string, number: string, taken: ReadonlySet<string>): string => {
  const base = wanted.trim() || number;
  const short = [...base].slice(0, LONGEST - 80).join('');
  return [base, `${short} (${number})`].find((name) => !taken.has(name)) ?? `${short} ${randomUUID()}`;
};

/**
 * The accounts that events speak of: known ones locked until the end, new ones made with their user and people. Accounts of which
 * only left-overs come after they were deleted here are not made again.
 */
export const admitAccounts = async (
  tx: Tx,
  events: readonly MeteringEvent[],
): Promise<{ accounts: Map<string, NefosAccount>; isLeftOver: (event: MeteringEvent) => boolean }> => {
  const numbers = [...new Set(events.map((e) => e.account.number))].sort();
  // Whoever will change accounts locks them for it at once: raising a lock later could deadlock.
  const mode = events.some((e) => e.type === 'account.updated' || e.type === 'account.deleted') ? 'update' : 'share';
  const accounts = new Map((await lockNefosAccounts(tx, numbers, mode)).map((a) => [a.number, a]));
  const deletedAt = new Map((await findTombstones(tx, numbers)).map((t) => [t.number, millis(t.deletedAt)]));
  const isLeftOver = ({ account, occurred_at: at }: MeteringEvent): boolean =>
    Date.parse(at) <= (deletedAt.get(account.number) ?? -Infinity);
  const missing = new Map<string, MeteringEvent['account']>();
  for (const event of events)
    if (
      !accounts.has(event.account.number) &&
      !missing.has(event.account.number) &&
      event.type !== 'account.deleted' &&
      !isLeftOver(event)
    )
      missing.set(event.account.number, event.account);
  if (missing.size) {
    await makeAccounts(
      tx,
      [...missing.values()].sort((a, b) => (a.number < b.number ? -1 : 1)),
    );
    for (const account of await lockNefosAccounts(tx, [...missing.keys()], mode)) accounts.set(account.number, account);
  }
  return { accounts, isLeftOver };
};

const makeAccounts = async (tx: Tx, wanted: readonly MeteringEvent['account'][]): Promise<void> => {
  const users = await insertUsers(
    tx,
    wanted.map((a) => a.number),
  );
  const taken = await namesOf(tx, [...users.values()]);
  const made = await insertNefosAccounts(
    tx,
    wanted.map(({ number, name }) => {
      const userId = users.get(number) as string;
      return { number, userId, name: freeName(name, number, taken.get(userId) ?? new Set()) };
    }),
  );
  await replaceLinks(
    tx,
    wanted
      .filter((a) => made.has(a.number))
      .map((a) => ({ userId: users.get(a.number) as string, identities: a.identities })),
  );
};
