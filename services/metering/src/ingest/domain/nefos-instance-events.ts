import type { InstanceEvent } from '@nefos/contracts';
import type { Tx } from '@nefos/service-kit';
import { recordEvents } from '../../runs/domain/events.js';
import type { ChangePoint } from '../../runs/domain/recompute.js';
import { DUPLICATE, refused, type BatchEvent } from './batch.js';
import type { NefosAccount } from './nefos-accounts.js';
import { applyNewestFacts, resolveInstances, type NefosInstance } from './nefos-instances.js';

const TYPES = {
  'instance.power_on': 'power_on',
  'instance.power_off': 'power_off',
  'instance.deleted': 'power_off',
  'instance.attribute_change': 'attribute_change',
} as const;

interface Resolved {
  entry: BatchEvent<InstanceEvent>;
  instance: NefosInstance;
}
const newEvent = ({ entry: { event }, instance }: Resolved) => ({
  uuid: event.id,
  instanceId: instance.id,
  type: TYPES[event.type],
  sequence: event.sequence,
  at: event.occurred_at,
  instanceType: event.instance.instance_type,
  vcpu: event.instance.vcpu,
  memory: event.instance.memory,
});

/**
 * Records what is new.
 * @returns for each new event its instance and the time from which runs must be recomputed
 */
export const applyInstanceEvents = async (
  tx: Tx,
  entries: readonly BatchEvent<InstanceEvent>[],
  accounts: ReadonlyMap<string, NefosAccount>,
): Promise<ChangePoint[]> => {
  const instances = await resolveInstances(
    tx,
    entries.map((entry) => entry.event),
    accounts,
  );
  const resolved: Resolved[] = [];
  for (const entry of entries) {
    const instance = instances.get(entry.event.instance.id.toLowerCase());
    if (instance && instance.accountId === accounts.get(entry.event.account.number)?.accountId)
      resolved.push({ entry, instance });
    else entry.verdict = refused('the instance belongs to another account');
  }
  const recorded = await recordEvents(tx, resolved.map(newEvent));
  const fresh: Resolved[] = [];
  for (const one of resolved) {
    // An id that stands twice in the batch was recorded once.
    if (recorded.delete(one.entry.event.id.toLowerCase())) fresh.push(one);
    else one.entry.verdict = DUPLICATE;
  }
  const facts = fresh.map(({ entry: { event }, instance }) => ({ event, instance }));
  await applyNewestFacts(tx, facts);
  return facts.map(({ event, instance }) => ({ instanceId: instance.id, since: event.occurred_at }));
};
