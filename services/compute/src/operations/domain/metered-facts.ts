import type { InstanceEvent } from '@nefos/contracts';
import { isoZ6, publish, type Tx } from '@nefos/service-kit';
import { eventAccount } from '../../owners/domain/accounts.js';
import { readMetered, recordFact } from '../store/metered-facts.js';
import { countsAsOn, type VmState } from '../instance-states.js';

/**
 * Tells metering, in this transaction or not at all, when an instance began or ceased to run or is gone. Call after every change of
 * state; what has been told already is not told again. Of an instance that never ran nothing is told.
 */
export const tellMetering = async (tx: Tx, instanceId: string): Promise<void> => {
  const now = await readMetered(tx, instanceId);
  if (!now) return;
  const deleted = now.vm_state === 'deleted';
  const on = now.launched && countsAsOn(now.vm_state as VmState, now.power_state);
  if (deleted ? now.event_sequence === 0 : on === now.metered_on) return;
  const fact = await recordFact(tx, instanceId, on);
  if (!fact) return;
  const account = (await eventAccount(tx, fact.client_id)) ?? {
    number: String(fact.client_id),
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
        occurred_at: isoZ6(fact.occurred_at),
        account,
        instance: {
          id: instanceId,
          region: fact.region,
          instance_type: fact.instance_type,
          vcpu: fact.vcpu,
          memory: fact.memory_mb === null ? null : fact.memory_mb / 1024,
          image:
            fact.image_id === null ? null : { id: fact.image_id, name: fact.image_name, os_distro: fact.os_distro },
        },
      }) satisfies InstanceEvent,
  );
};
