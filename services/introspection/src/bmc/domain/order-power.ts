import { Fault } from '@nefos/service-kit';
import { actorOf } from '../../access/domain/audit.js';
import type { IntrospectionRequest } from '../../ctx.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import { demandSince } from '../../nodes/domain/versions.js';
import { shown } from '../../values.js';
import { validateBmc } from './bmcs.js';
import { POWER_TARGETS, type PowerTarget } from './driver.js';
import { requestPower } from './power-orders.js';

/** The longest that a caller may give a machine. */
const MAX_SECONDS = 3600;
const isTarget = (target: unknown): target is PowerTarget => POWER_TARGETS.some((one) => one === target);
/** @throws Fault invalid power.timeout */
const timeoutOf = (timeout: unknown): number | undefined => {
  if (timeout === undefined || timeout === null) return undefined;
  const seconds = typeof timeout === 'string' && /^\s*\d{1,9}\s*$/.test(timeout) ? Number(timeout) : timeout;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 1)
    throw new Fault('invalid', 'power.timeout', { message: 'timeout has to be positive integer' });
  return Math.min(seconds, MAX_SECONDS);
};
/**
 * Switches a machine for a caller of the registry; the rest is done by jobs.
 * @param body `{ target, timeout? }`
 * @throws Fault invalid: power.target, power.timeout, node.power; not_acceptable; not_found; conflict node.busy
 */
export const orderPower = async (
  ctx: IntrospectionRequest,
  ref: string,
  { target, timeout, ...others }: Readonly<Record<string, unknown>>,
  version: number,
): Promise<void> => {
  const node = await demandNode(ctx.db, ref);
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new Fault('invalid', 'power.argument', { message: `Unexpected arguments: ${shown(other)}` });
  if ((typeof target === 'string' && target.startsWith('soft ')) || timeout) demandSince(version, 27);
  const timeoutSeconds = timeoutOf(timeout);
  if (!isTarget(target))
    throw new Fault('invalid', 'power.target', {
      message:
        `The requested action "${shown(target ?? null)}" can not be performed on node "${shown(ref)}" while it is ` +
        `in state "${node.powerState ?? 'None'}".`,
    });
  const { power } = validateBmc(ctx, node);
  if (!power.result)
    throw new Fault('invalid', 'node.power', {
      message: `Failed to validate power interface of node ${node.uuid}: ${power.reason ?? 'no reason is given'}`,
    });
  const actor = actorOf(ctx.principal);
  await ctx.db.transaction((tx) => requestPower(ctx, tx, node.uuid, { target, timeoutSeconds, actor }));
};
