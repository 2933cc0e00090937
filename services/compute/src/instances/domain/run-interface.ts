import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { choosesAddresses } from '../../networking/domain/capabilities.js';
import { leadNowhere } from '../../networking/domain/leading.js';
import { recordMachineAddresses, releasePort } from '../../networking/domain/machine-ports.js';
import {
  lockLeadingTo,
  lockPort,
  recordPort,
  refreshAddresses,
  updatePort,
  writeNetworksOf,
} from '../../networking/domain/of-instance.js';
import { touch } from '../../networking/domain/touch.js';
import { continueInterface, endInterface } from '../../operations/domain/interface-operations.js';
import { driverError, isDriverError } from '../../operations/domain/driver-errors.js';
import type { ComputeDriver, DriverError, Ref } from '../../ports/driver.js';
import { beginInterface, lockInstanceRow, lockRunning, type InterfaceWork } from '../store/interfaces.js';

const CHECK_SECONDS = 40;
const MAX_ATTEMPTS = 10;

/** @throws DriverError */
const attach = async (driver: ComputeDriver, ref: Ref, work: InterfaceWork): Promise<void> => {
  if (!work.nic) throw driverError('NOT_FOUND', 'The port is gone.');
  if (!driver.attachPort) throw driverError('UNSUPPORTED', 'The driver of the region can not do this.');
  await driver.attachPort(ref, work.nic);
};
/** A machine that is gone has no interfaces. @throws DriverError */
const detach = async (driver: ComputeDriver, ref: Ref, { nic }: InterfaceWork): Promise<void> => {
  if (!nic) return;
  if (!driver.detachPort) throw driverError('UNSUPPORTED', 'The driver of the region can not do this.');
  const { portId, portBackendId = null, mac = '' } = nic;
  await driver.detachPort(ref, { portId, portBackendId, mac }).catch((err: unknown) => {
    if (!isDriverError(err) || err.code !== 'NOT_FOUND') throw err;
  });
};
/** The port of the instance is given back: it goes, or is the client's again. */
const giveBack = async (ctx: ComputeCtx, tx: Tx, { portId, instanceId }: InterfaceWork): Promise<void> => {
  const port = await lockPort(tx, portId);
  if (port?.instanceId !== instanceId) return;
  await leadNowhere(ctx, tx, await lockLeadingTo(tx, [portId]));
  await releasePort(ctx, tx, port);
};
/** Writes what an ended operation has changed, with its end, in one transaction. */
const end = (ctx: ComputeCtx, work: InterfaceWork, write: (tx: Tx) => Promise<void>, error?: Error): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    await lockInstanceRow(tx, work.instanceId);
    if (!(await lockRunning(tx, work.id))) return;
    await write(tx);
    await writeNetworksOf(tx, work.instanceId);
    await refreshAddresses(tx, work.instanceId);
    await endInterface(tx, work, error);
  });
/** The instance has the port as before. */
const keep = (work: InterfaceWork) => async (tx: Tx) => {
  await updatePort(tx, work.portId, { change: null });
  await recordPort(tx, work.portId, 'state');
};

const complete = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  ref: Ref,
  work: InterfaceWork,
  turn: AbortSignal | undefined,
): Promise<void> => {
  turn?.throwIfAborted();
  if (work.action === 'removePort') return end(ctx, work, (tx) => giveBack(ctx, tx, work));
  const view = choosesAddresses(ctx, work.region) ? null : await driver.get(ref);
  turn?.throwIfAborted();
  return end(ctx, work, async (tx) => {
    await updatePort(tx, work.portId, { change: null });
    if (view) await recordMachineAddresses(tx, work.instanceId, view.addresses);
    const port = await lockPort(tx, work.portId);
    // A port that the client had made is known to the driver by itself.
    if (port && !port.ofInstance) await touch(ctx, tx, 'port', port);
    else await recordPort(tx, work.portId, 'state');
  });
};
/** The error for which the port is taken back. */
const firstError = ({ error }: InterfaceWork): DriverError =>
  driverError(
    (error?.code.toUpperCase() ?? 'INTERNAL') as DriverError['code'],
    error?.message ?? 'The interface could not be attached.',
  ) as DriverError;
/** The port stays the machine's while that may have it: nobody else gets its address. */
const goOnTakingBack = async (ctx: ComputeCtx, work: InterfaceWork, error: DriverError): Promise<void> => {
  await ctx.db.transaction(async (tx) => {
    await lockInstanceRow(tx, work.instanceId);
    if (!(await lockRunning(tx, work.id))) return;
    const port = await lockPort(tx, work.portId);
    if (port?.instanceId === work.instanceId) await updatePort(tx, work.portId, { change: 'detaching' });
  });
  await continueInterface(ctx, work, error);
};
/**
 * The machine is as it was: an interface that came in part is taken away again. One that can not be taken away stays,
 * as the machine may have it; a hypervisor that is away is asked again.
 */
const fail = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  ref: Ref,
  work: InterfaceWork,
  error: DriverError,
  turn: AbortSignal | undefined,
): Promise<void> => {
  if (work.action === 'removePort') return end(ctx, work, keep(work), error);
  try {
    await detach(driver, ref, work);
  } catch (err) {
    if (!isDriverError(err)) throw err;
    turn?.throwIfAborted();
    ctx.log.warn({ err, instance: work.instanceId, port: work.portId }, 'an interface could not be taken back');
    if (err.retryable) return goOnTakingBack(ctx, work, error);
    // A driver that can not detach has attached nothing.
    if (err.code !== 'UNSUPPORTED') return end(ctx, work, keep(work), error);
  }
  turn?.throwIfAborted();
  return end(ctx, work, (tx) => giveBack(ctx, tx, work), error);
};

/**
 * The job `instance.interface`: gives the machine its port, or takes it away. Every part of it may be repeated after a
 * crash: the driver does either once for each port.
 * @param turn aborted when another job may work on the instance: nothing is called or written any more
 */
export const runInterface = async (ctx: ComputeCtx, operationId: string, turn?: AbortSignal): Promise<void> => {
  const work = await beginInterface(ctx.db, operationId, CHECK_SECONDS);
  if (!work) return;
  const driver = ctx.drivers.of(work.region);
  const ref: Ref = { portalId: work.instanceId, backendId: work.backendId };
  if (work.undo) return fail(ctx, driver, ref, work, firstError(work), turn);
  try {
    turn?.throwIfAborted();
    if (work.overdue) throw driverError('TIMEOUT', 'The operation took too long.');
    await (work.action === 'removePort' ? detach(driver, ref, work) : attach(driver, ref, work));
    await complete(ctx, driver, ref, work, turn);
  } catch (err) {
    if (!isDriverError(err)) throw err;
    turn?.throwIfAborted();
    ctx.log.warn(
      { err, operation: work.id, instance: work.instanceId, request_id: work.requestId },
      'the driver failed to change an interface',
    );
    if (err.retryable && work.attempts < MAX_ATTEMPTS && !work.overdue) await continueInterface(ctx, work, err);
    else await fail(ctx, driver, ref, work, err, turn);
  }
};
