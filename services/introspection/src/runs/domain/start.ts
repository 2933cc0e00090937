import { randomUUID } from 'node:crypto';
import { Fault, type Tx } from '@nefos/service-kit';
import { actorOf, record } from '../../access/domain/audit.js';
import { demandKey, takeKey } from '../../access/domain/idempotency.js';
import type { IntrospectionCtx, IntrospectionRequest } from '../../ctx.js';
import { demandNode, lockNode, nodeAbsent, type Node } from '../../nodes/domain/nodes.js';
import { IN_USE, STATES } from '../../nodes/domain/provision-states.js';
import type { RunCause } from '../run-states.js';
import { insertRun, lockRun, replaceRun, type NewRun, type Run } from '../store/runs.js';
import { bmcAddressesOf, setBmcAddresses, setMacs } from './attributes.js';
import { demandPower } from './power.js';
import { continueRun, TASKS } from './tasks.js';
import { demandTransition, finishRun, notePhase, transition } from './transitions.js';

/** Contract introspection §2.3 step 3. */
const STARTABLE = [STATES.enroll, STATES.manageable, STATES.inspecting, STATES.inspectWait, STATES.inspectFailed];
/** @throws Fault invalid node.provision_state */
export const demandProvisionState = (
  { config }: Pick<IntrospectionCtx, 'config'>,
  { uuid, provisionState }: Pick<Node, 'uuid' | 'provisionState'>,
): void => {
  const valid = [...STARTABLE, ...(config.NEFOS_INTROSPECTION_PERMIT_ACTIVE === 'yes' ? IN_USE : [])];
  if (valid.includes(provisionState)) return;
  const message =
    `Node ${uuid} is in the provision state '${provisionState}', in which it is not introspected. ` +
    `Valid states: ${valid.map((one) => `'${one}'`).join(', ')}.`;
  throw new Fault('invalid', 'node.provision_state', { message });
};

export interface Start {
  /** Whether the machine is switched for it. */
  manageBoot: boolean;
  cause: RunCause;
  /** Who asked; see `actorOf`. */
  actor: string;
  idempotencyKey?: string | undefined;
}
/** Nothing recognises the machine when it calls back. */
const unrecognisable = (nodeUuid: string): string =>
  `There are no look-up attributes for node ${nodeUuid}: its callback could not be recognised. Register a port with ` +
  'its MAC address, or the address of its BMC (a loopback address or a name that does not resolve is none).';
/**
 * The record of a new run in the place of the one before (contract introspection §2.3 steps 5 and 6).
 * @throws Fault invalid run.transition
 */
const newRecord = async (tx: Tx, before: Run | undefined, one: NewRun): Promise<Run> => {
  demandTransition(before?.state ?? 'none', 'start');
  const run = before ? await replaceRun(tx, one) : await insertRun(tx, one);
  if (run) return run;
  // Another has made the first record meanwhile.
  return newRecord(tx, await lockRun(tx, one.nodeUuid, 'wait'), one);
};
/** What the transaction of a start does. @returns why the run failed at once; null: it goes on */
const begin = async (
  ctx: IntrospectionCtx,
  tx: Tx,
  node: Node,
  start: Start & { addresses: readonly string[] },
): Promise<string | null> => {
  const before = await lockRun(tx, node.uuid, 'wait');
  const locked = await lockNode(tx, node.uuid);
  if (!locked) throw nodeAbsent(node.uuid);
  if (start.idempotencyKey !== undefined && !(await takeKey(tx, start.idempotencyKey, node.uuid))) return null;
  demandProvisionState(ctx, locked);
  const { manageBoot, cause, actor } = start;
  const run = await newRecord(tx, before, {
    nodeUuid: node.uuid,
    id: randomUUID(),
    cause,
    state: 'starting',
    manageBoot,
  });
  await notePhase(tx, node.uuid, 'starting');
  await record(tx, {
    actor,
    operation: 'introspection.start',
    nodeUuid: node.uuid,
    result: 'accepted',
    details: { run: run.id, cause, manage_boot: manageBoot },
  });
  await setBmcAddresses(tx, run, start.addresses);
  if (manageBoot) {
    await continueRun(tx, TASKS.prepare, run);
    return null;
  }
  return awaitMachine(ctx, tx, run);
};
/** The machine is switched by others: from now on its callback is awaited. @returns why not; null: it is */
const awaitMachine = async (ctx: IntrospectionCtx, tx: Tx, run: Run): Promise<string | null> => {
  const failure = await recognise(ctx, tx, run);
  if (failure === null) await transition(tx, run, 'wait');
  return failure;
};
/** Collects the MACs of a run that begins; ends it when nothing would recognise its machine. @returns the reason */
export const recognise = async (ctx: IntrospectionCtx, tx: Tx, run: Run): Promise<string | null> => {
  if ((await setMacs(tx, run)) || ctx.config.NEFOS_INTROSPECTION_NODE_NOT_FOUND === 'enroll') return null;
  const error = unrecognisable(run.nodeUuid);
  await finishRun(ctx, tx, run, { state: 'error', error });
  return error;
};

/**
 * Starts the introspection of a node (contract introspection §2.3). With `manageBoot` the rest is done in the
 * background, and what fails there stands in the status; without it the run waits when this returns.
 * @throws Fault not_found node.absent; invalid run.boot_unmanaged, node.provision_state, node.power, run.transition,
 * run.unrecognisable, idempotency.key
 */
export const startRun = async (ctx: IntrospectionCtx, ref: string, start: Start): Promise<void> => {
  if (start.idempotencyKey !== undefined) demandKey(start.idempotencyKey);
  if (start.manageBoot && ctx.config.NEFOS_INTROSPECTION_CAN_MANAGE_BOOT === 'no')
    throw new Fault('invalid', 'run.boot_unmanaged', {
      message: 'This installation does not manage the boot of machines: start with manage_boot=false.',
    });
  const node = await demandNode(ctx.db, ref);
  demandProvisionState(ctx, node);
  if (start.manageBoot) demandPower(ctx, node);
  // Names are resolved before the transaction, which waits for nobody.
  const addresses = await bmcAddressesOf(node.driverInfo);
  const failure = await ctx.db.transaction((tx) => begin(ctx, tx, node, { ...start, addresses }));
  if (failure !== null) throw new Fault('invalid', 'run.unrecognisable', { message: failure });
};
/** The same for a request of the inspector API. */
export const requestStart = (
  ctx: IntrospectionRequest,
  ref: string,
  { manageBoot, idempotencyKey }: Pick<Start, 'manageBoot' | 'idempotencyKey'>,
): Promise<void> => startRun(ctx, ref, { manageBoot, idempotencyKey, cause: 'request', actor: actorOf(ctx.principal) });
