import { faceFault } from '../../facade/api/refused.js';

/** This cloud has not what Cinder has there. */
export const refuseAbsent = (what: string): never => {
  throw faceFault('invalid', `Invalid input received: ${what}`);
};
/** What a request names is not there. */
export const absentNow = (what: string, id: string): never => {
  throw faceFault('not_found', `${what} ${id} could not be found.`);
};
/** Whether a flag is set, as Cinder reads it. */
export const isTrue = (value: boolean | string | null | undefined): boolean => /^(true|1)$/i.test(String(value));
