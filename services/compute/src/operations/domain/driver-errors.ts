import { unavailable, type Fault } from '@nefos/service-kit';
import type { DriverError, DriverErrorCode } from '../../ports/driver.js';

/** Errors of a driver, known by name: the domain does not import the port's class. */
export const isDriverError = (err: unknown): err is DriverError => err instanceof Error && err.name === 'DriverError';
/** An error that the portal itself finds at the hypervisor; the same call would meet it again. */
export const driverError = (code: DriverErrorCode, message: string): Error =>
  Object.assign(new Error(message), { name: 'DriverError', code, retryable: false });
/** A driver's failure as a synchronous request is refused (contract compute §6.7). */
export const driverAway = (err: unknown): Fault =>
  unavailable((err as DriverError).code === 'TIMEOUT' ? 'driver.timeout' : 'driver.unavailable', {}, err);
