import { createHash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Fault, notFound } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import { getInstance } from '../../instances/domain/instances.js';
import { driverAway } from '../../operations/domain/driver-errors.js';
import { unsupported } from '../../operations/domain/faults.js';
import { refuseHeld } from '../../operations/domain/holds.js';
import type { DriverError } from '../../ports/driver.js';
import { refusal } from '../../refusals.js';
import { deleteExpiredTokens, findToken, insertToken, type ConsoleType } from '../store/console-tokens.js';
import type { MachineState } from '../store/machine-states.js';
import { judge } from './console-rights.js';
import { hasConsole, type Grant } from './console-states.js';
import type { EndReason, Place } from './open-consoles.js';

export type { ConsoleType, EndReason, Place };
/** Where a client shows a console. */
export interface OfferedConsole {
  url: string;
  /** As the hypervisors' clouds call it: `novnc`, `serial`. */
  type: string;
  expiresAt: Date;
}
/** Tokens that one user may have for one instance; a new one takes the place of the oldest. */
const TOKENS_KEPT = 10;
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

type State = Pick<MachineState, 'vmState' | 'taskState' | 'powerState'>;
/** The refusal of a console in this state, in the words of an action (contract compute §6.7, §7.2). */
const notNow = (id: string, { vmState, taskState }: State): Fault => {
  const busy = taskState === 'deleting' || taskState === 'migrating';
  const values = { id, word: 'console', state: busy ? taskState : vmState };
  return busy ? refusal('conflict', 'instance.busy', values) : refusal('conflict', 'instance.state', values);
};
/** A driver's error as a refusal; what does not run there has no console, whatever the row says. */
const refusedBy = (id: string, state: State, err: unknown): Fault => {
  const { code } = err as DriverError;
  if (code === 'UNSUPPORTED') return unsupported('console');
  if (code === 'NOT_FOUND' || code === 'INVALID_STATE') return notNow(id, { ...state, taskState: null });
  return driverAway(err);
};

/** Makes the token of a console, bound to the caller, its credential, and the instance. @returns it, and its end */
const makeToken = async (
  ctx: ComputeRequest,
  instanceId: string,
  type: ConsoleType,
): Promise<{ token: string; expiresAt: Date }> => {
  const token = randomBytes(32).toString('base64url');
  const { principal } = ctx;
  const expiresAt = new Date(ctx.clock.now().getTime() + ctx.config.NEFOS_COMPUTE_CONSOLE_SECONDS * 1000);
  await dbOf(ctx).transaction((tx) =>
    insertToken(
      tx,
      {
        hash: hashOf(token),
        instanceId,
        userId: callerOf(ctx).userId,
        type,
        auditId: principal?.auditId ?? null,
        bySession: principal?.via === 'session',
        credentialExpiresAt: principal?.tokenExpires ?? null,
        createdAt: ctx.clock.now().toISOString(),
        expiresAt: expiresAt.toISOString(),
      },
      TOKENS_KEPT,
    ),
  );
  return { token, expiresAt };
};

/**
 * Where a client shows the console of a running instance: a page of the cloud, or ours, with a token behind `#`, which
 * no server sees in an address.
 * @throws Fault not_found, conflict/action.unsupported, forbidden/client.suspended, conflict/instance.state,
 * conflict/instance.busy, unavailable/driver.timeout, unavailable/driver.unavailable
 */
export const offerConsole = async (ctx: ComputeRequest, id: string, type: ConsoleType): Promise<OfferedConsole> => {
  const instance = await getInstance(ctx, id);
  const driver = ctx.drivers.of(instance.regionId);
  if (!driver.capabilities.actions.has('console') || (!driver.openConsole && !driver.connectConsole))
    throw unsupported('console');
  const { staff } = callerOf(ctx);
  const { clientId } = instance;
  await dbOf(ctx).transaction((tx) => refuseHeld(tx, { clientId, instanceId: id }, { staff, wakes: false }));
  if (!hasConsole(instance)) throw notNow(id, instance);
  if (driver.openConsole)
    try {
      return await driver.openConsole({ portalId: id, backendId: null }, type);
    } catch (err) {
      throw refusedBy(id, instance, err);
    }
  const { token, expiresAt } = await makeToken(ctx, id, type);
  const url = `${ctx.config.NEFOS_PUBLIC_URL}/console/${type}#token=${token}`;
  return { url, type: type === 'vnc' ? 'novnc' : type, expiresAt };
};

/** A console that is connected: the bytes of the machine, and its place among the open ones. */
export interface ConnectedConsole {
  grant: Grant;
  stream: Duplex;
  place: Place;
}
/**
 * Connects with the console of a token.
 * @throws Fault unauthenticated: the token is unknown, has expired, or its user's rights have ended; not_found,
 * conflict/instance.state, conflict/instance.busy, conflict/action.unsupported, too_many, capacity/console.too_many,
 * unavailable/driver.timeout, unavailable/driver.unavailable
 */
export const connectConsole = async (ctx: ComputeCtx, token: string): Promise<ConnectedConsole> => {
  const found = /^[\w-]{43}$/.test(token) ? await findToken(ctx.db, hashOf(token), ctx.clock.now()) : undefined;
  const machine = found && (await judge(ctx, found));
  if (!found || machine === undefined || machine === 'credentials') throw new Fault('unauthenticated', 'invalid_token');
  if (machine === 'gone') throw notFound();
  const { instanceId: id, type } = found;
  if (machine === 'stopped') throw refusal('conflict', 'console.stopped', { id });
  const driver = ctx.drivers.of(machine.regionId);
  if (!driver.connectConsole) throw unsupported('console');
  const place = ctx.consoles.enter(found, () => judge(ctx, found));
  try {
    return { grant: found, place, stream: await driver.connectConsole({ portalId: id, backendId: null }, type) };
  } catch (err) {
    place.leave();
    throw refusedBy(id, machine, err);
  }
};

/** Deletes a batch of the tokens that have expired. @returns how many */
export const sweepConsoleTokens = (ctx: ComputeCtx): Promise<number> => deleteExpiredTokens(ctx.db, ctx.clock.now());
