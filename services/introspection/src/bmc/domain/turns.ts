import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, type FaultKind, type Tx } from '@nefos/service-kit';
import { record } from '../../access/domain/audit.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { giveTurn, renewTurn, reserveStart, takeTurn } from '../store/turns.js';
import { BmcError, type Bmc, type BmcFailure, type BmcTarget } from './driver.js';
import { driverOf } from './drivers.js';
import { bmcSettings } from './settings.js';

export { deleteOldTurns } from '../store/turns.js';

/** For how long a turn is taken, again and again: the BMC of somebody who dies in it is free after that. */
const LEASE_MS = 15_000;
const RENEW_MS = 4000;
/** How long a turn may last in all. */
const LIMIT_MS = 60_000;
/** How long a request waits for a BMC that somebody else speaks to, or that says "later". */
const PATIENCE_MS = 8000;

/** Keeps a turn while it is used. What is spoken in it ends before the turn could be somebody else's. */
const keepTurn = (ctx: IntrospectionCtx, address: string, holder: string): { lost: AbortSignal; stop: () => void } => {
  const lost = new AbortController();
  let renewedAt = performance.now();
  const renew = async (): Promise<void> => {
    const isLate = performance.now() - renewedAt > LEASE_MS - RENEW_MS;
    const began = performance.now();
    const isOurs = isLate ? false : await renewTurn(ctx.db, address, holder, LEASE_MS).catch(() => undefined);
    if (isOurs) renewedAt = began;
    else if (isOurs === false) lost.abort();
  };
  const timer = setInterval(() => void renew(), RENEW_MS).unref();
  return { lost: lost.signal, stop: () => clearInterval(timer) };
};
/**
 * Speaks to a BMC when nobody else does, of any process: BMCs take one command at a time.
 * @returns undefined when somebody else does
 * @throws BmcError
 */
export const trySpeak = async <T>(
  ctx: IntrospectionCtx,
  target: BmcTarget,
  work: (bmc: Bmc) => Promise<T>,
  { signal, limitMs = LIMIT_MS }: { signal?: AbortSignal | undefined; limitMs?: number } = {},
): Promise<{ result: T } | undefined> => {
  const driver = driverOf(target);
  const settings = bmcSettings(ctx.config);
  const [address, holder] = [driver.turnKey(target).slice(0, 255), randomUUID()];
  const pauseMs = driver.pauseMs(settings);
  if (!(await takeTurn(ctx.db, address, holder, { leaseMs: LEASE_MS, pauseMs }))) return undefined;
  const turn = keepTurn(ctx, address, holder);
  const limits = [turn.lost, AbortSignal.timeout(limitMs)];
  const site = { db: ctx.db, log: ctx.log, bmc: settings };
  const bmc = driver.connect(site, target, AbortSignal.any(signal ? [...limits, signal] : limits));
  try {
    return { result: await work(bmc) };
  } catch (err) {
    if (limits.some(({ aborted }) => aborted) && !(err instanceof BmcError))
      throw new BmcError('unreachable', 'The BMC takes too long.');
    throw err;
  } finally {
    await bmc.close();
    turn.stop();
    // A turn that can not be given back ends by itself.
    await giveTurn(ctx.db, address, holder).catch(() => undefined);
  }
};

const FAULTS: Record<BmcFailure, [FaultKind, string]> = {
  unreachable: ['upstream', 'bmc.unreachable'],
  busy: ['conflict', 'bmc.busy'],
  credentials: ['upstream', 'bmc.credentials'],
  refused: ['upstream', 'bmc.refused'],
  unsupported: ['invalid', 'bmc.unsupported'],
  address: ['invalid', 'bmc.address'],
  configuration: ['invalid', 'bmc.configuration'],
};
/** A failure at a BMC as a request answers it; other errors stay. */
export const asBmcFault = (err: unknown): unknown =>
  err instanceof BmcError ? new Fault(...FAULTS[err.failure], { message: err.message }) : err;
const taken = () => new Fault('conflict', 'bmc.taken', { message: 'The BMC of the node is busy; try again.' });

/** What is recorded of a command; reading is not. */
export interface Deed {
  actor: string;
  /** `bmc.set_boot_device`. */
  operation: string;
  details?: Record<string, string | number | boolean | null>;
}
/**
 * The same for a request: it waits some seconds for its turn, and for a BMC that is busy.
 * @param deed recorded with its result
 * @throws Fault
 */
export const speak = async <T>(
  ctx: IntrospectionCtx,
  target: BmcTarget,
  work: (bmc: Bmc) => Promise<T>,
  options: { deed?: Deed } = {},
): Promise<T> => {
  const { deed } = options;
  const note = async (result: string): Promise<void> => {
    if (deed) await record(ctx.db, { ...deed, nodeUuid: target.uuid, result });
  };
  for (const end = performance.now() + PATIENCE_MS; ;) {
    let pause = 300;
    let failure: unknown = taken();
    try {
      const spoken = await trySpeak(ctx, target, work);
      if (spoken) {
        await note('done');
        return spoken.result;
      }
    } catch (err) {
      failure = err;
      if (!(err instanceof BmcError) || err.failure !== 'busy') {
        await note(err instanceof BmcError ? err.failure : 'failed');
        throw asBmcFault(err);
      }
      pause = err.retryAfterMs ?? 1000;
    }
    if (performance.now() + pause > end) {
      await note('busy');
      throw asBmcFault(failure);
    }
    await sleep(pause);
  }
};

/**
 * The time at which the next machine may be started: so many at once would be too much for the power supply, and for
 * the server that they boot from (contract §2.3, `introspection_delay`).
 */
export const reserveReboot = async (tx: Tx, delaySeconds: number): Promise<Date> =>
  new Date(await reserveStart(tx, delaySeconds));
