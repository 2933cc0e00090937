import { isDeepStrictEqual } from 'node:util';
import { ensureJob, TURN_MS, type Db, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { DriverError } from '../../ports/driver.js';
import type { FloatingIpSpec, NetRef, NetworkDriver, PortSpec } from '../../ports/driver-networks.js';
import { dropAddressesBut, recordAddress, refreshAddresses } from '../store/addresses.js';
import { updateFloatingIp } from '../store/floating-ips.js';
import { findPort, lockPort, updatePort, type ShownPort } from '../store/ports.js';
import { recordThing } from '../store/recorded.js';
import * as specs from '../store/specs.js';
import {
  beginSync,
  claimDueSyncs,
  deleteSync,
  endSync,
  failSync,
  findGone,
  forgetSync,
  isLast,
  markRemoved,
  postponeSync,
  writeOutcome,
  type Kind,
  type NetworkSync,
} from '../store/syncs.js';
import type { NetFault } from '../tables.js';
import { CHECK_SECONDS, enqueueSync, keyOf, SYNC } from './touch.js';

const MAX_ATTEMPTS = 10;
/** The driver is asked once more to remove a thing: a call of before may have come late. */
const AGAIN_MS = 120_000;

/** Writes what the driver has made, in the transaction that ends the revision. */
type Write = (tx: Tx) => Promise<void>;
type Call<S, R> = ((spec: S) => Promise<R>) | undefined;
const having = <S, R>(call: Call<S, R>): ((spec: S) => Promise<R>) => {
  if (call === undefined)
    throw Object.assign(new Error('The driver of the region can not do this.'), {
      name: 'DriverError',
      code: 'UNSUPPORTED',
      retryable: false,
    });
  return call;
};
const isDriverError = (err: unknown): err is DriverError => err instanceof Error && err.name === 'DriverError';
const plain =
  (kind: Kind, id: string, backendId: string | null): Write =>
  (tx) =>
    record(tx, { kind, id }, { status: 'ACTIVE', fault: null, backendId });
/** Writes what the driver said. @param changed whether more than status and fault has changed */
const record = async (
  tx: Tx,
  work: { kind: Kind; id: string },
  outcome: Parameters<typeof writeOutcome>[2],
  changed = false,
): Promise<void> => {
  if ((await writeOutcome(tx, work, outcome)) || changed) await recordThing(tx, work.kind, work.id, 'state');
};

const shownOf = (port: ShownPort | undefined) => [port?.macAddress, port?.addresses];
/** Brings a port to the driver, and takes from there what the driver has chosen. */
const syncPort = async (db: Db, driver: NetworkDriver, work: NetworkSync): Promise<Write | undefined> => {
  const { id } = work;
  const found = (await specs.findPortSpec(db, id)) as PortSpec | undefined;
  if (!found) return undefined;
  // Where there are no groups the hypervisor's own stay.
  const spec = driver.capabilities.has('security_group') ? found : { ...found, securityGroups: null };
  const view = await having(driver.ensurePort?.bind(driver))(spec);
  return async (tx) => {
    const port = await lockPort(tx, id);
    if (!port) return;
    const before = await findPort(tx, id);
    const chosen = view.fixedIps.map(({ address }) => address);
    // Addresses that are named stay as the portal has them.
    if (spec.fixedIps === null && chosen.length) {
      for (const [position, address] of chosen.entries())
        await recordAddress(tx, { networkId: port.networkId, owner: { portId: id, position }, address });
      // One that was taken meanwhile stays, too.
      if (await isLast(tx, work)) await dropAddressesBut(tx, id, chosen);
    }
    await updatePort(tx, id, { macAddress: view.mac });
    const now = await findPort(tx, id);
    const changed = !isDeepStrictEqual(shownOf(now), shownOf(before));
    await record(tx, work, { status: 'ACTIVE', fault: null, backendId: view.backendId }, changed);
    if (port.instanceId) await refreshAddresses(tx, port.instanceId);
  };
};
const syncFloatingIp = async (db: Db, driver: NetworkDriver, id: string): Promise<Write | undefined> => {
  const spec = (await specs.findFloatingIpSpec(db, id)) as FloatingIpSpec | undefined;
  if (!spec) return undefined;
  const view = await having(driver.ensureFloatingIp?.bind(driver))(spec);
  return async (tx) => {
    if (spec.address === null) {
      await updateFloatingIp(tx, id, { address: view.address });
      await recordAddress(tx, { networkId: spec.network.portalId, owner: { floatingIpId: id }, address: view.address });
    }
    const status = spec.target ? 'ACTIVE' : 'DOWN';
    const outcome = { status, fault: null, backendId: view.backendId } as const;
    await record(tx, { kind: 'floating_ip', id }, outcome, spec.address === null);
  };
};
/** @returns undefined: there is no such thing any more @throws DriverError */
const callDriver = async (db: Db, driver: NetworkDriver, work: NetworkSync): Promise<Write | undefined> => {
  const { kind, id } = work;
  const ensure = async <S>(spec: unknown, call: Call<S, string | null>): Promise<Write | undefined> =>
    spec === undefined ? undefined : plain(kind, id, await having(call)(spec as S));
  switch (kind) {
    case 'network':
      return ensure(await specs.findNetworkSpec(db, id), driver.ensureNetwork?.bind(driver));
    case 'subnet':
      return ensure(await specs.findSubnetSpec(db, id), driver.ensureSubnet?.bind(driver));
    case 'router':
      return ensure(await specs.findRouterSpec(db, id), driver.ensureRouter?.bind(driver));
    case 'security_group':
      return ensure(await specs.findSecurityGroupSpec(db, id), driver.ensureSecurityGroup?.bind(driver));
    case 'port':
      return syncPort(db, driver, work);
    case 'floating_ip':
      return syncFloatingIp(db, driver, id);
  }
};
/** Removes a thing at the driver, twice; then nothing is known of it any more. */
const remove = async (ctx: ComputeCtx, driver: NetworkDriver, work: NetworkSync): Promise<void> => {
  await driver.remove(work.kind, { portalId: work.id, backendId: work.backendId });
  await ctx.db.transaction((tx) =>
    work.removed ? deleteSync(tx, work) : markRemoved(tx, work, new Date(Date.now() + AGAIN_MS)),
  );
};
const backOffMs = (attempts: number, most: number): number => Math.min(most, 1000 * 2 ** Math.min(20, attempts - 1));
/** What is not there, or uses it, may be on its way itself. */
const isWorthRepeating = ({ retryable, code }: DriverError, attempts: number): boolean =>
  AWAY.has(code) || ((retryable || code === 'NOT_FOUND') && attempts < MAX_ATTEMPTS);
/** The hypervisor is away: it is asked until it is back. */
const AWAY: ReadonlySet<string> = new Set(['UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED']);

const failed = async (ctx: ComputeCtx, work: NetworkSync, err: DriverError): Promise<void> => {
  const fault: NetFault = { code: err.code.toLowerCase(), message: err.message.slice(0, 1000) };
  const { kind, id, attempts, gone } = work;
  ctx.log.warn({ err, kind, id, attempts }, 'the driver failed to change the network');
  await ctx.db.transaction(async (tx) => {
    if (gone || isWorthRepeating(err, attempts)) {
      const wait = Math.max(backOffMs(attempts, gone ? 3_600_000 : 60_000), err.retryAfterMs ?? 0);
      const runAt = new Date(Date.now() + wait);
      // A newer revision has a job of its own, which is not to wait for this one.
      if (await postponeSync(tx, work, new Date(runAt.getTime() + CHECK_SECONDS * 1000), fault))
        await enqueueSync(tx, kind, id, runAt);
    } else if (await failSync(tx, work, fault)) await record(tx, work, { status: 'ERROR', fault });
  });
};

/**
 * The job `network.sync`: brings the last revision of a thing to its driver, or removes it there. It may die anywhere
 * and be repeated: the driver is told how the thing is to be, and not what to do.
 * @param turn aborted when another job may work on the thing: nothing is written any more
 */
export const syncThing = async (ctx: ComputeCtx, kind: Kind, id: string, turn?: AbortSignal): Promise<void> => {
  const work = await beginSync(ctx.db, { kind, id }, CHECK_SECONDS);
  if (!work) return;
  const driver = ctx.drivers.of(work.regionId).networks;
  if (!driver) {
    // The region has another driver now, which knows nothing of it.
    await ctx.db.transaction((tx) => deleteSync(tx, work));
    return;
  }
  try {
    if (work.gone) return await remove(ctx, driver, work);
    const write = await callDriver(ctx.db, driver, work);
    turn?.throwIfAborted();
    await ctx.db.transaction(async (tx) => {
      if (!write) return forgetSync(tx, work);
      await write(tx);
      // Another revision came meanwhile: it has a job of its own.
      await endSync(tx, work);
    });
  } catch (err) {
    if (!isDriverError(err)) throw err;
    turn?.throwIfAborted();
    await failed(ctx, work, err);
  }
};
/** Another job of the thing runs: this one runs in a moment. */
export const syncSoon = (ctx: ComputeCtx, kind: Kind, id: string): Promise<void> =>
  ctx.db.transaction((tx) => enqueueSync(tx, kind, id, new Date(Date.now() + TURN_MS)));

const BATCH = 200;
/** Gives changes that are due a job, should theirs be lost. */
export const sweepSyncs = async (ctx: ComputeCtx): Promise<{ due: number }> => {
  const due = await claimDueSyncs(ctx.db, BATCH, CHECK_SECONDS);
  for (const { kind, id } of due)
    await ctx.db.transaction((tx) => ensureJob(tx, SYNC, { kind, id }, { key: keyOf(kind, id) }));
  return { due: due.length };
};
const PAGE = 500;
/**
 * Removes what a driver has still of things that are gone here. What the portal has never heard of is left alone: a
 * database may have been put back.
 * @returns how many are removed again
 */
export const sweepOrphans = async (ctx: ComputeCtx, regions: readonly string[]): Promise<{ removed: number }> => {
  let removed = 0;
  for (const region of regions) {
    const driver = ctx.drivers.of(region).networks;
    for (const kind of driver?.capabilities ?? [])
      for (let after: string | null = null; ;) {
        const page: NetRef[] = (await driver?.list(kind, { after, limit: PAGE })) ?? [];
        const gone = new Set(
          await findGone(
            ctx.db,
            kind,
            page.map(({ portalId }) => portalId),
          ),
        );
        for (const ref of page)
          if (gone.has(ref.portalId)) {
            await driver?.remove(kind, ref);
            removed += 1;
          }
        after = page.at(-1)?.portalId ?? null;
        if (page.length < PAGE) break;
      }
  }
  return { removed };
};
