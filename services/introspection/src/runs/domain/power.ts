import { Fault, type Queryable, type Tx } from '@nefos/service-kit';
import { driverOf, targetOf } from '../../bmc/domain/drivers.js';
import { isBeingSwitched, requestPower } from '../../bmc/domain/power-orders.js';
import { bmcSettings } from '../../bmc/domain/settings.js';
import { reserveReboot } from '../../bmc/domain/turns.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { findNode, type Node } from '../../nodes/domain/nodes.js';
import type { Json, JsonObject } from '../../values.js';
import { writeOrder, type Run } from '../store/runs.js';
import { payloadOf, type Task } from './tasks.js';

/** Asks the driver, which asks nobody. @throws Fault invalid node.power: why the machine can not be switched */
export const demandPower = (ctx: IntrospectionCtx, node: Node): void => {
  const { power } = driverOf(node).validate(targetOf(ctx, node), bmcSettings(ctx.config));
  if (power.result) return;
  const reason = power.reason ?? 'The driver gives no reason.';
  throw new Fault('invalid', 'node.power', { message: `The power of node ${node.uuid} can not be managed: ${reason}` });
};
const isTrue = (value: Json | undefined): boolean =>
  value === true ||
  value === 1 ||
  (typeof value === 'string' && ['always', 'true', 't', '1', 'on', 'yes', 'y'].includes(value.trim().toLowerCase()));
/** Whether the machine goes on to boot from the network: as the operator says (contract introspection §2.3). */
export const isPersistent = ({ force_persistent_boot_device: force }: JsonObject): boolean => isTrue(force);

export interface RunOrder {
  target: 'rebooting' | 'power off';
  /** The job that goes on with the run when the order has ended; absent: none. */
  then?: Task;
}
/**
 * Orders that the machine of a run is switched, and writes down that it is. Reboots boot from the network, and wait for
 * their turn.
 * @returns `busy`: somebody else switches it at this moment
 */
export const orderPower = async (
  ctx: IntrospectionCtx,
  tx: Tx,
  run: Run,
  { target, then }: RunOrder,
): Promise<'ordered' | 'busy'> => {
  const node = await findNode(tx, run.nodeUuid);
  if (!node || (await isBeingSwitched(tx, run.nodeUuid))) return 'busy';
  const boot = target === 'rebooting' && {
    bootDevice: 'pxe' as const,
    persistent: isPersistent(node.driverInfo),
    runAt: await reserveReboot(tx, ctx.config.NEFOS_INTROSPECTION_DELAY),
  };
  const order = await requestPower(ctx, tx, run.nodeUuid, {
    target,
    ...boot,
    ...(then && { then: { task: then, payload: payloadOf(run) } }),
  });
  await writeOrder(tx, run.nodeUuid, order);
  return 'ordered';
};
/** Whether the machine of a run is still being switched, by whomever. */
export const isOrdered = (q: Queryable, { nodeUuid }: Pick<Run, 'nodeUuid'>): Promise<boolean> =>
  isBeingSwitched(q, nodeUuid);
