import { randomUUID } from 'node:crypto';
import type { InstanceEvent } from '@nefos/contracts';
import { isoZ6, publish, type Tx } from '@nefos/service-kit';
import { eventAccount } from '../../owners/domain/accounts.js';
import { endTraffic } from '../../traffic/domain/count.js';
import { lockMeteredState, recordFact, renewMeteringId } from '../store/metered-facts.js';
import { countsAsOn } from '../instance-states.js';

/**
 * Publishes an event for metering when an instance began or ceased to run, changed its size or image while it runs, or
 * is deleted; it is sent if this transaction commits. Call it after every change of state: nothing is published twice,
 * and nothing of an instance that never ran.
 * @param changed whether size or image are not those of the last event
 */
export const publishMeteredFact = async (
  tx: Tx,
  instanceId: string,
  { changed = false }: { changed?: boolean } = {},
): Promise<void> => {
  const state = await lockMeteredState(tx, instanceId);
  if (!state) return;
  const deleted = state.vmState === 'deleted';
  if (deleted) await endTraffic(tx, instanceId, { deleted });
  const on = state.launched && countsAsOn(state.vmState, state.powerState);
  const switched = on !== state.meteredOn;
  if (deleted ? state.eventSequence === 0 : !switched && !(changed && on)) return;
  await publishFact(
    tx,
    instanceId,
    on,
    deleted
      ? 'instance.deleted'
      : !switched
        ? 'instance.attribute_change'
        : on
          ? 'instance.power_on'
          : 'instance.power_off',
  );
};
/**
 * The instance goes to another client: for metering it is deleted, and a new one under another id. Call it before the
 * row names the new client; `publishMeteredFact` after that.
 */
export const publishMoveAway = async (tx: Tx, instanceId: string): Promise<void> => {
  const state = await lockMeteredState(tx, instanceId);
  await endTraffic(tx, instanceId, { deleted: false });
  if (state?.eventSequence) await publishFact(tx, instanceId, false, 'instance.deleted');
  await renewMeteringId(tx, instanceId, randomUUID());
};
const publishFact = async (tx: Tx, instanceId: string, on: boolean, type: InstanceEvent['type']): Promise<void> => {
  const fact = await recordFact(tx, instanceId, on);
  if (!fact) return;
  const account = (await eventAccount(tx, fact.clientId)) ?? {
    number: String(fact.clientId),
    name: '',
    identities: [],
  };
  await publish(
    tx,
    `instance:${instanceId}`,
    (id) =>
      ({
        id,
        type,
        sequence: fact.sequence,
        occurred_at: isoZ6(fact.occurredAt),
        account,
        instance: {
          id: fact.meteringId ?? instanceId,
          region: fact.region,
          instance_type: fact.instanceType,
          vcpu: fact.vcpu,
          memory: fact.memoryMb === null ? null : fact.memoryMb / 1024,
          image: fact.imageId === null ? null : { id: fact.imageId, name: fact.imageName, os_distro: fact.osDistro },
        },
      }) satisfies InstanceEvent,
  );
};
