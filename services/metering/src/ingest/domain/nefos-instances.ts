import type { InstanceEvent } from '@nefos/contracts';
import type { Tx } from '@nefos/service-kit';
import { admitNefosImages } from '../store/nefos-images.js';
import {
  insertNefosInstances,
  lockNefosInstances,
  newestSequences,
  updateNefosInstances,
} from '../store/nefos-instances.js';
import type { NefosAccount } from './nefos-accounts.js';

/** A metered instance of our own cloud. */
export interface NefosInstance {
  uuid: string;
  id: string;
  nefosId: string;
  accountId: string;
  imageUuid: string | null;
  region: string;
}
interface Taken {
  event: InstanceEvent;
  instance: NefosInstance;
}

/** The instances that events speak of, locked until the end in one order; those never seen are made, under the account of their first event. */
export const admitInstances = async (
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
 * Region and image of an instance are those of its newest event, in whatever order events come; most events bring no change.
 * The images of older events are made known as well, or the list of images would depend on the order.
 */
export const noteNewest = async (tx: Tx, taken: readonly Taken[]): Promise<void> => {
  const differs = ({ event, instance }: Taken): boolean =>
    event.instance.region !== instance.region || (event.instance.image?.id ?? null) !== instance.imageUuid;
  const differing = taken.filter(differs);
  if (!differing.length) return;
  const images = await admitNefosImages(
    tx,
    differing.flatMap(({ event }) => event.instance.image ?? []),
  );
  const sequences = await newestSequences(tx, [...new Set(differing.map((t) => t.instance.id))]);
  const changed = new Map(
    differing
      .filter(({ event, instance }) => sequences.get(instance.id) === event.sequence)
      .map((one) => [one.instance.id, one]),
  );
  await updateNefosInstances(
    tx,
    [...changed.values()].map(({ event, instance: { id, nefosId } }) => {
      const { region, image } = event.instance;
      return { id, nefosId, region, imageId: image ? (images.get(image.id) ?? null) : null };
    }),
  );
};
