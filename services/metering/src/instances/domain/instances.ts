import { invalid, notFound } from '@nefos/service-kit';
import { NOT_A_DATE_TIME } from '../../access/field-rules.js';
import type { MeteringRequest } from '../../ctx.js';
import { findInstance, listInstances, type Instance, type InstanceScope } from '../store/instances.js';
import { readInstant } from '../../instants.js';
import type { Listing, Page } from '../../page.js';
import { intersectWithOwn } from '../../access/domain/scope.js';
import type { User } from '../../access/domain/users.js';

export type { Instance };
/** The filters of a list as they were sent; they hold for a single instance too (contract metering §6). */
export interface InstanceFilter {
  userId: string | undefined;
  runningSince: string | undefined;
}
/** @throws Fault invalid */
const scopeOf = (caller: User, { userId, runningSince }: InstanceFilter): InstanceScope => {
  const owner = intersectWithOwn(caller, userId);
  if (runningSince === undefined) return { owner, runningSince };
  const since = readInstant(runningSince);
  if (since === undefined) throw invalid([{ path: ['running_since'], rule: NOT_A_DATE_TIME }]);
  return { owner, runningSince: since };
};

export const instancesOf = async (
  ctx: MeteringRequest,
  caller: User,
  filter: InstanceFilter,
  page: Page,
): Promise<Listing<Instance>> => listInstances(ctx.db, scopeOf(caller, filter), page);

export const instanceOf = async (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  filter: InstanceFilter,
): Promise<Instance> => {
  const found = await findInstance(ctx.db, id, scopeOf(caller, filter));
  if (!found) throw notFound();
  return found;
};
