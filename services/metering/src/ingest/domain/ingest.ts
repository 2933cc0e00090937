import type { AccountEvent, EventResult, InstanceEvent, ResourceEvent } from '@nefos/contracts';
import type { Tx } from '@nefos/service-kit';
import type { MeteringRequest } from '../../ctx.js';
import { recomputeRuns } from '../../runs/domain/recompute.js';
import { ACCEPTED, isBatchEvent, readElement, resultOf, type BatchEvent } from './batch.js';
import { applyAccountEvents } from './nefos-account-events.js';
import { resolveAccounts } from './nefos-accounts.js';
import { applyInstanceEvents } from './nefos-instance-events.js';
import { applyResourceEvents } from './nefos-resource-events.js';

const isInstanceEvent = (entry: BatchEvent): entry is BatchEvent<InstanceEvent> => 'instance' in entry.event;
const isResourceEvent = (entry: BatchEvent): entry is BatchEvent<ResourceEvent> => 'resource' in entry.event;
const isAccountEvent = (entry: BatchEvent): entry is BatchEvent<AccountEvent> =>
  !isInstanceEvent(entry) && !isResourceEvent(entry);

/**
 * Takes events from our own cloud; each takes effect exactly once (contract metering §8). A batch is one transaction:
 * after a crash the sender sends it again, and events that took effect before are known by their ids.
 * @returns one result per event, in their order
 */
export const takeEvents = async (ctx: MeteringRequest, raw: readonly unknown[]): Promise<EventResult[]> => {
  const batch = raw.map(readElement);
  const entries = batch.filter(isBatchEvent);
  if (entries.length) await ctx.db.transaction((tx) => apply(tx, entries));
  const results = batch.map(resultOf);
  for (const { status } of results) ctx.ingested.inc({ status });
  return results;
};

/** Lets the events take effect and writes their verdicts. */
const apply = async (tx: Tx, entries: readonly BatchEvent[]): Promise<void> => {
  // A transaction that was rolled back is run again, with the same entries.
  for (const entry of entries) entry.verdict = ACCEPTED;
  const { accounts, isBeforePurge } = await resolveAccounts(
    tx,
    entries.map((entry) => entry.event),
  );
  // Events from before the purge of their account have no effect, and are answered `accepted`.
  const current = entries.filter((entry) => !isBeforePurge(entry.event));
  await recomputeRuns(tx, await applyInstanceEvents(tx, current.filter(isInstanceEvent), accounts));
  await applyResourceEvents(tx, current.filter(isResourceEvent), accounts);
  // After the runs are made: the end of a client ends what runs by then.
  await applyAccountEvents(tx, current.filter(isAccountEvent), accounts);
};
