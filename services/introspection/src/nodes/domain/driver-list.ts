import { notFound } from '@nefos/service-kit';
import { shown } from '../../values.js';
import { HARDWARE_TYPES, hardwareTypeOf, type HardwareType } from './drivers.js';
import { flagOf, refuseQuery, type Query } from './paging.js';
import { demandSince } from './versions.js';

/** @throws Fault not_found driver.absent */
export const demandDriver = (name: string): HardwareType => {
  const found = hardwareTypeOf(name);
  if (found) return found;
  throw notFound('driver.absent', {
    message: `Could not find the following driver(s) or hardware type(s): ${shown(name)}.`,
  });
};
/** @throws Fault invalid query.value; not_acceptable version.old */
export const listDrivers = (query: Query, version: number): { types: readonly HardwareType[]; detail: boolean } => {
  const { type } = query;
  if (type !== undefined || query.detail !== undefined) demandSince(version, 30);
  if (type !== undefined && type !== 'classic' && type !== 'dynamic')
    refuseQuery('"type" filter must be one of "classic" or "dynamic", if specified.');
  const detail = flagOf('detail', query.detail) ?? false;
  return { types: type === 'classic' ? [] : HARDWARE_TYPES, detail };
};
