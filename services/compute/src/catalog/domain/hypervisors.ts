import { notFound } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import * as store from '../store/hypervisors.js';
import type { Hypervisor } from '../store/hypervisors.js';

export type { Hypervisor } from '../store/hypervisors.js';

/** The hosts of all regions, as they were told of last: at most a minute ago while their driver answers. */
export const listHypervisors = (ctx: ComputeRequest, query: Query): Promise<Page<Hypervisor>> =>
  store.listHypervisors(dbOf(ctx), query, {});
/** @throws Fault not_found */
export const getHypervisor = async (ctx: ComputeRequest, id: string): Promise<Hypervisor> => {
  const found = UUID.test(id) ? (await store.listHypervisors(dbOf(ctx), {}, { id })).rows[0] : undefined;
  if (!found) throw notFound();
  return found;
};
