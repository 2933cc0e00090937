import { wholeNumber } from '@nefos/contracts';
import { Fault, invalid } from '@nefos/service-kit';
import type { Caller } from '../../access/domain/callers.js';
import { isEventType, MAX_TYPES } from './event-types.js';

/**
 * The clients whose events a caller hears: staff all or one, end users their own or one of them (contract compute §13).
 * A stranger's looks absent.
 * @throws Fault not_found, invalid
 */
export const heardClients = (caller: Caller, wanted: string | undefined): readonly number[] | null => {
  if (wanted === undefined || wanted === '') return caller.staff ? null : caller.clientIds;
  const id = wholeNumber(wanted);
  if (caller.staff) {
    if (id === undefined || id > 2_147_483_647) throw invalid([{ path: ['client'], rule: 'integer' }]);
    return [id];
  }
  if (id === undefined || !caller.clientIds.includes(id)) throw new Fault('not_found', 'client.not_found');
  return [id];
};
/** Whether the caller still hears exactly what it did; one who gained a client comes again to hear it, too. */
export const hearsStill = (now: Caller, before: Caller, wanted: string | undefined): boolean => {
  if (!now.active || now.staff !== before.staff) return false;
  if (now.staff) return true;
  if (wanted !== undefined && wanted !== '') return now.clientIds.includes(wholeNumber(wanted) ?? 0);
  return now.clientIds.length === before.clientIds.length && before.clientIds.every((id) => now.clientIds.includes(id));
};

/** `instance,operation.ended`. @throws Fault invalid */
export const wantedTypes = (text: string | undefined): string[] => {
  const types = (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  const wrong = types.find((one) => !isEventType(one));
  if (wrong !== undefined) throw invalid([{ path: ['type'], rule: 'choice', values: { input: wrong.slice(0, 100) } }]);
  if (types.length > MAX_TYPES) throw invalid([{ path: ['type'], rule: 'max_value', values: { max: MAX_TYPES } }]);
  return types;
};
const MAX_SECONDS = 86_400;
/** @throws Fault invalid */
export const wantedSeconds = (text: string | undefined): number | undefined => {
  if (text === undefined || text === '') return undefined;
  const seconds = wholeNumber(text);
  if (seconds === undefined) throw invalid([{ path: ['seconds'], rule: 'integer' }]);
  if (seconds < 0) throw invalid([{ path: ['seconds'], rule: 'min_value', values: { min: 0 } }]);
  if (seconds > MAX_SECONDS) throw invalid([{ path: ['seconds'], rule: 'max_value', values: { max: MAX_SECONDS } }]);
  return seconds;
};
