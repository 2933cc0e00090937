import { randomUUID } from 'node:crypto';
import type { InstanceEvent } from '@nefos/contracts';
import { isoZ6, publishAll, type Tx } from '@nefos/service-kit';
import { payers, type EventAccount } from '../../owners/domain/accounts.js';
import { endTraffic } from '../../traffic/domain/count.js';
import {
  lockMeteredState,
  recordFacts,
  renewMeteringId,
  type MeteredFact,
  type MeteredState,
} from '../store/metered-facts.js';
import { countsAsOn } from '../instance-states.js';

/** An instance whose state changed; `changed`: size or image are not those of the last event. */
export type ChangedState = MeteredState & { id: string; changed: boolean };
/** The event that is due, if one is. */
const dueOf = (state: ChangedState): { instanceId: string; on: boolean; type: InstanceEvent['type'] } | undefined => {
  const { id: instanceId, changed } = state;
  const on = state.launched && countsAsOn(state.vmState, state.powerState);
  if (state.vmState === 'deleted')
    return state.eventSequence === 0 ? undefined : { instanceId, on, type: 'instance.deleted' };
  if (on !== state.meteredOn) return { instanceId, on, type: on ? 'instance.power_on' : 'instance.power_off' };
  return changed && on ? { instanceId, on, type: 'instance.attribute_change' } : undefined;
};
/**
 * Publishes an event for metering of each instance that began or ceased to run, changed its size or image while it
 * runs, or is deleted; it is sent if this transaction commits. Nothing is published twice, and nothing of an instance
 * that never ran. The rows are locked by this transaction, and as `states` says.
 */
export const publishMeteredFacts = async (tx: Tx, states: readonly ChangedState[]): Promise<void> => {
  for (const { id, vmState } of states) if (vmState === 'deleted') await endTraffic(tx, id, { deleted: true });
  await publishFacts(
    tx,
    states.map(dueOf).filter((one) => one !== undefined),
  );
};
/** As `publishMeteredFacts`, of one instance. Call it after every change of state. */
export const publishMeteredFact = async (
  tx: Tx,
  instanceId: string,
  { changed = false }: { changed?: boolean } = {},
): Promise<void> => {
  const state = await lockMeteredState(tx, instanceId);
  if (state) await publishMeteredFacts(tx, [{ ...state, id: instanceId, changed }]);
};
/**
 * The instance goes to another client: for metering it is deleted, and a new one under another id. Call it before the
 * row names the new client; `publishMeteredFact` after that.
 */
export const publishMoveAway = async (tx: Tx, instanceId: string): Promise<void> => {
  const state = await lockMeteredState(tx, instanceId);
  await endTraffic(tx, instanceId, { deleted: false });
  if (state?.eventSequence) await publishFacts(tx, [{ instanceId, on: false, type: 'instance.deleted' }]);
  await renewMeteringId(tx, instanceId, randomUUID());
};
const publishFacts = async (
  tx: Tx,
  due: readonly { instanceId: string; on: boolean; type: InstanceEvent['type'] }[],
): Promise<void> => {
  if (!due.length) return;
  const facts = new Map((await recordFacts(tx, due)).map((one) => [one.instanceId, one]));
  const accountOf = await payers(
    tx,
    [...facts.values()].map(({ clientId }) => clientId),
  );
  await publishAll(
    tx,
    due.flatMap(({ instanceId, type }) => {
      const fact = facts.get(instanceId);
      if (!fact) return [];
      return [
        {
          aggregate: `instance:${instanceId}`,
          payload: (id: string) => eventOf(id, { type, fact, account: accountOf(fact.clientId) }),
        },
      ];
    }),
  );
};
const eventOf = (
  id: string,
  { type, fact, account }: { type: InstanceEvent['type']; fact: MeteredFact; account: EventAccount },
): InstanceEvent => ({
  id,
  type,
  sequence: fact.sequence,
  occurred_at: isoZ6(fact.occurredAt),
  account,
  instance: {
    id: fact.meteringId ?? fact.instanceId,
    region: fact.region,
    instance_type: fact.instanceType,
    vcpu: fact.vcpu,
    memory: fact.memoryMb === null ? null : fact.memoryMb / 1024,
    image: fact.imageId === null ? null : { id: fact.imageId, name: fact.imageName, os_distro: fact.osDistro },
  },
});
