import type { InstanceEvent } from '@nefos/contracts';
import { isoZ6, publish, type Tx } from '@nefos/service-kit';
import { eventAccount } from '../../owners/domain/accounts.js';
import { lockMeteredState, recordFact } from '../store/metered-facts.js';
import { countsAsOn } from '../instance-states.js';

/**
 * Publishes an event for metering when an instance began or ceased to run, or is deleted; it is sent if this
 * transaction commits. Call it after every change of state: nothing is published twice, and nothing of an instance
 * that never ran.
 */
export const publishMeteredFact = async (tx: Tx, instanceId: string): Promise<void> => {
  const state = await lockMeteredState(tx, instanceId);
  if (!state) return;
  const deleted = state.vmState === 'deleted';
  const on = state.launched && countsAsOn(state.vmState, state.powerState);
  if (deleted ? state.eventSequence === 0 : on === state.meteredOn) return;
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
        type: deleted ? 'instance.deleted' : on ? 'instance.power_on' : 'instance.power_off',
        sequence: fact.sequence,
        occurred_at: isoZ6(fact.occurredAt),
        account,
        instance: {
          id: instanceId,
          region: fact.region,
          instance_type: fact.instanceType,
          vcpu: fact.vcpu,
          memory: fact.memoryMb === null ? null : fact.memoryMb / 1024,
          image: fact.imageId === null ? null : { id: fact.imageId, name: fact.imageName, os_distro: fact.osDistro },
        },
      }) satisfies InstanceEvent,
  );
};
