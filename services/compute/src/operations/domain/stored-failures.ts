import type { Failure } from '../tables.js';

/**
 * Failures that the portal itself finds, as they are stored with instances and operations; others come from the
 * driver.
 */
export const BUILD_CANCELED: Failure = { code: 'canceled', message: 'The build was canceled.' };
export const BUILD_LOST: Failure = { code: 'internal', message: 'The build was lost.' };
export const TIMED_OUT: Failure = { code: 'timeout', message: 'The operation did not end in time.' };
export const MACHINE_GONE: Failure = { code: 'not_found', message: 'The machine is gone from its host.' };
export const NOT_MIGRATED: Failure = { code: 'no_capacity', message: 'The machine is still on its host.' };
export const NOT_ABORTED: Failure = { code: 'invalid_state', message: 'The machine was on its new host already.' };
