import type { ResourceEvent } from '@nefos/contracts';
import type { Tx } from '@nefos/service-kit';
import { recordFacts } from '../../usage/domain/resources.js';
import { DUPLICATE, type BatchEvent } from './batch.js';
import type { NefosAccount } from './nefos-accounts.js';

/** Records what is new. Which event counts when follows from their numbers, in whatever order they come. */
export const applyResourceEvents = async (
  tx: Tx,
  entries: readonly BatchEvent<ResourceEvent>[],
  accounts: ReadonlyMap<string, NefosAccount>,
): Promise<void> => {
  const known = entries.flatMap((entry) => {
    const account = accounts.get(entry.event.account.number);
    return account ? [{ entry, account }] : [];
  });
  const recorded = await recordFacts(
    tx,
    known.map(({ entry: { event }, account }) => ({
      accountId: account.accountId,
      kind: event.resource.kind,
      resourceId: event.resource.id,
      region: event.resource.region,
      eventId: event.id.toLowerCase(),
      sequence: event.sequence,
      at: event.occurred_at,
      quantity: event.resource.quantity,
      ended: event.type === 'resource.ended',
    })),
  );
  // An id that stands twice in the batch was recorded once.
  for (const { entry } of known) if (!recorded.delete(entry.event.id.toLowerCase())) entry.verdict = DUPLICATE;
};
