import { columns, type Queryable } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { hypervisors, type Hypervisor } from '../tables.js';

export type { Hypervisor };

const hypervisorList: ListSpec = {
  select: columns(hypervisors, 'h'),
  from: 'hypervisor h',
  fields: {
    id: { sql: 'h.id', type: 'uuid' },
    host_name: { sql: 'h.host_name', type: 'text' },
    region: { sql: 'h.region_id', type: 'text', plain: true },
    type: { sql: 'h.type', type: 'text' },
    status: { sql: 'h.status', type: 'text' },
    state: { sql: 'h.state', type: 'text' },
    running_vms: { sql: 'h.running_vms', type: 'int' },
    memory_mb_used: { sql: 'h.memory_mb_used', type: 'int' },
  },
  search: ['h.host_name', 'h.region_id'],
  ordering: 'region,host_name',
  tie: 'h.id',
};
/** @param scope.id only this one */
export const listHypervisors = (q: Queryable, query: Query, { id }: { id?: string }): Promise<Page<Hypervisor>> =>
  pageOf(q, hypervisorList, query, id === undefined ? [] : [{ sql: 'h.id = $::uuid', values: [id] }]);
