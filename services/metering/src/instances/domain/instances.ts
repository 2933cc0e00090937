import { invalid, notFound } from '@nefos/service-kit';
import type { MeteringRequest } from '../../ctx.js';
import { findInstance, listInstances } from '../store/instances.js';
import { readInstant } from '../../instants.js';
import type { Listing, Page } from '../../page.js';
import { narrowed, type Scope } from '../../access/domain/scope.js';
import type { User } from '../../access/domain/users.js';

export interface AwsInstanceContent {
  cloud: 'aws';
  id: number;
  ec2InstanceId: string;
  region: string;
  createdAt: string;
  updatedAt: string;
}
export interface NefosInstanceContent {
  cloud: 'nefos';
  id: number;
  uuid: string;
  region: string;
  createdAt: string;
  updatedAt: string;
}
export interface Instance {
  id: number;
  accountId: number;
  imageId: number | null;
  createdAt: string;
  updatedAt: string;
  content: AwsInstanceContent | NefosInstanceContent;
}
/** What a listing is asked for, as the wire says it; it holds for one instance too (contract metering §6). */
export interface InstanceFilter {
  userId: string | undefined;
  runningSince: string | undefined;
}
export interface InstanceScope {
  owner: Scope;
  runningSince: string | undefined;
}

/** @throws Fault invalid */
const scopeOf = (caller: User, { userId, runningSince }: InstanceFilter): InstanceScope => {
  const owner = narrowed(caller, userId);
  if (runningSince === undefined) return { owner, runningSince };
  const since = readInstant(runningSince);
  if (since === undefined)
    throw invalid([{ path: ['running_since'], rule: 'text', values: { text: 'Enter a valid date/time.' } }]);
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
