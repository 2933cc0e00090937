import { databaseAway, enqueue, Fault, type Tx } from '@nefos/service-kit';
import { tryPowerState, validateBmc } from '../../bmc/domain/bmcs.js';
import { driverOf } from '../../bmc/domain/drivers.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { findNode, type Node } from '../../nodes/domain/nodes.js';
import { STATES } from '../../nodes/domain/provision-states.js';
import { storable } from '../../runs/domain/storable.js';
import { moveNode, secondsIn } from '../store/transitions.js';
import { keyOf, VERIFY } from './task-names.js';

/** Between two questions to a BMC that is busy, or can not be reached now. */
const BUSY_MS = 1000;
const TROUBLE_MS = 4000;
const ATTEMPTS = 5;
/** After so long a BMC that is always busy counts as failed. */
const PATIENCE_SECONDS = 120;

export const enqueueVerify = (
  ctx: IntrospectionCtx,
  tx: Tx,
  node: string,
  { attempt = 1, inMs = 0 }: { attempt?: number; inMs?: number } = {},
): Promise<void> =>
  enqueue(
    tx,
    VERIFY,
    { node, attempt },
    { key: keyOf(VERIFY, node), ...(inMs > 0 && { runAt: new Date(ctx.clock.now().getTime() + inMs) }) },
  );
const fail = (ctx: IntrospectionCtx, uuid: string, reason: string): Promise<boolean> =>
  ctx.db.transaction((tx) =>
    moveNode(tx, uuid, {
      from: [STATES.verifying],
      to: STATES.enroll,
      target: null,
      lastError: storable(`Failed to get power state for node ${uuid}. Error: ${reason}`, 1000),
    }),
  );
const succeed = (ctx: IntrospectionCtx, uuid: string, powerState: string | null | undefined): Promise<boolean> =>
  ctx.db.transaction((tx) =>
    moveNode(tx, uuid, {
      from: [STATES.verifying],
      to: STATES.manageable,
      target: null,
      lastError: null,
      ...(powerState !== undefined && { powerState }),
    }),
  );
/** What the BMC says; `later`: it has to be asked again. @throws Fault */
const ask = async (
  ctx: IntrospectionCtx,
  node: Node,
  signal: AbortSignal,
): Promise<{ powerState?: string | null } | 'later'> => {
  const { power } = validateBmc(ctx, node);
  if (!driverOf(node).managesPower) return {};
  if (!power.result) throw new Fault('invalid', 'node.power', { message: power.reason ?? 'no reason is given' });
  const said = await tryPowerState(ctx, node, signal);
  return said ? { powerState: said.result } : 'later';
};
/**
 * The job of the verb `manage`: whether the BMC of a node answers (contract introspection §11.3). It asks once, and
 * comes again as long as there is hope.
 */
export const verifyNode = async (
  ctx: IntrospectionCtx,
  uuid: string,
  attempt: number,
  signal: AbortSignal,
): Promise<void> => {
  const [node, seconds] = [await findNode(ctx.db, uuid), await secondsIn(ctx.db, uuid, STATES.verifying)];
  if (!node || seconds === undefined) return;
  const again = (next: { attempt: number; inMs: number }): Promise<void> =>
    ctx.db.transaction((tx) => enqueueVerify(ctx, tx, uuid, next));
  try {
    const said = await ask(ctx, node, signal);
    if (said !== 'later') await succeed(ctx, uuid, said.powerState);
    else if (seconds > PATIENCE_SECONDS) await fail(ctx, uuid, 'The BMC is busy.');
    else await again({ attempt, inMs: BUSY_MS });
  } catch (err) {
    if (signal.aborted || databaseAway(err)) throw err;
    const isFault = err instanceof Fault && typeof err.params.message === 'string';
    if (isFault && err.code === 'bmc.unreachable' && attempt < ATTEMPTS) {
      await again({ attempt: attempt + 1, inMs: TROUBLE_MS });
      return;
    }
    if (!isFault) ctx.log.error({ err, node: uuid }, 'a node could not be verified');
    await fail(ctx, uuid, isFault ? String(err.params.message) : 'The BMC could not be asked.');
  }
};
