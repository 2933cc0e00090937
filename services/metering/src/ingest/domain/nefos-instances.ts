import type { InstanceEvent } from '@nefos/contracts';
import type { Tx } from '@nefos/service-kit';
import { latestSequences } from '../../runs/domain/events.js';
import { resolveNefosImages } from '../store/nefos-images.js';
import {
  insertNefosInstances,
  lockNefosInstances,
  updateNefosInstances,
  type NefosInstance,
} from '../store/nefos-instances.js';
import type { NefosAccount } from './nefos-accounts.js';

export type { NefosInstance };
/** An event that was recorded, with its instance. */
interface Fact {
  event: InstanceEvent;
  instance: NefosInstance;
}

/**
 * The instances of a batch, locked in one order until the end of the transaction; new ones are made, in the account
 * of their first event.
 */
export const resolveInstances = async (
  tx: Tx,
  events: readonly InstanceEvent[],
  accounts: ReadonlyMap<string, NefosAccount>,
): Promise<Map<string, NefosInstance>> => {
  const first = new Map<string, InstanceEvent>();
  for (const event of events) {
    const uuid = event.instance.id.toLowerCase();
    if (!first.has(uuid)) first.set(uuid, event);
  }
  if (!first.size) return new Map();
  const known = new Map((await lockNefosInstances(tx, [...first.keys()])).map((i) => [i.uuid, i]));
  const missing = [...first].filter(([uuid]) => !known.has(uuid)).sort(([a], [b]) => (a < b ? -1 : 1));
  if (!missing.length) return known;
  await insertNefosInstances(
    tx,
    missing.map(([uuid, { account, instance }]) => {
      const { accountId, userId } = accounts.get(account.number) as NefosAccount;
      return { uuid, region: instance.region, accountId, userId };
    }),
  );
  for (const instance of await lockNefosInstances(
    tx,
    missing.map(([uuid]) => uuid),
  ))
    known.set(instance.uuid, instance);
  return known;
};

/**
 * Gives instances the region and image of their newest event, in whatever order events arrive; most events bring no
 * change. The images of older events are stored too, else the list of images would depend on the order.
 */
export const applyNewestFacts = async (tx: Tx, facts: readonly Fact[]): Promise<void> => {
  const differs = ({ event, instance }: Fact): boolean =>
    event.instance.region !== instance.region || (event.instance.image?.id ?? null) !== instance.imageUuid;
  const differing = facts.filter(differs);
  if (!differing.length) return;
  const images = await resolveNefosImages(
    tx,
    differing.flatMap(({ event }) => event.instance.image ?? []),
  );
  const sequences = await latestSequences(tx, [...new Set(differing.map((fact) => fact.instance.id))]);
  const changed = new Map(
    differing
      .filter(({ event, instance }) => sequences.get(instance.id) === event.sequence)
      .map((fact) => [fact.instance.id, fact]),
  );
  await updateNefosInstances(
    tx,
    [...changed.values()].map(({ event, instance: { id, nefosId } }) => {
      const { region, image } = event.instance;
      return { id, nefosId, region, imageId: image ? (images.get(image.id) ?? null) : null };
    }),
  );
};
