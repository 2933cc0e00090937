import { randomBytes } from 'node:crypto';
import { em, sql, violates, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { projects, type ServiceStatus } from '../../owners/tables.js';
import { invalidValue } from '../../refusals.js';

/** A project with the service and the client that it belongs to. */
export interface Project {
  id: string;
  name: string;
  disabled: boolean;
  /** The enabled regions: a project is in all of them. */
  regionIds: string[];
  serviceId: number;
  serviceStatus: ServiceStatus;
  clientId: number;
  clientName: string;
}
const projectList: ListSpec = {
  select: `p.id, p.name, p.disabled,
    array(select r.id from region r where r.enabled order by r.id limit 1000) "regionIds",
    s.id "serviceId", s.status "serviceStatus", c.id "clientId", c.first_name || ' ' || c.last_name "clientName"`,
  from: 'project p join service s on s.id = p.service_id join client c on c.id = s.client_id',
  fields: {
    id: { sql: 'p.id', type: 'text' },
    name: { sql: 'p.name', type: 'text' },
    disabled: { sql: 'p.disabled', type: 'boolean' },
    service__id: { sql: 's.id', type: 'int' },
    service__status: { sql: 's.status', type: 'text' },
    service__client__id: { sql: 's.client_id', type: 'int' },
    client__id: { sql: 's.client_id', type: 'int' },
    created_at: { sql: 'p.created_at', type: 'time' },
  },
  search: ['p.id', 'p.name'],
  ordering: 'name',
  tie: 'p.id',
};
/** @param scope.clientIds whose projects; null: everybody's. @param scope.id only this one */
export const listProjects = (
  q: Queryable,
  query: Query,
  { clientIds, id }: { clientIds: readonly number[] | null; id?: string },
): Promise<Page<Project>> =>
  pageOf(q, projectList, query, [
    ...(id === undefined ? [] : [{ sql: 'p.id = $::text', values: [id] }]),
    ...(clientIds ? [{ sql: 's.client_id = any($::int[])', values: [clientIds] }] : []),
  ]);

/** The service that a project is made for. Locks it: it can not end until this transaction does. SQL: locks. */
export const lockService = async (
  tx: Tx,
  id: number,
): Promise<{ status: ServiceStatus; productType: string; clientId: number } | undefined> =>
  (
    await sql<{ status: ServiceStatus; productType: string; clientId: number }>(
      tx,
      'select status, product_type "productType", client_id "clientId" from service where id = $1 for share',
      [id],
    )
  )[0];
/** @returns its id. @throws Fault invalid: the service has a project */
export const insertProject = async (tx: Tx, project: { serviceId: number; name: string }): Promise<string> => {
  const id = randomBytes(16).toString('hex');
  await em(tx)
    .insert(projects, { id, ...project })
    .catch((err: unknown) => {
      throw violates(err, 'project_service_id_key') ? invalidValue(['service'], 'project.exists') : err;
    });
  return id;
};
/** What is left out stays as it is. */
export const updateProject = async (
  tx: Tx,
  id: string,
  changes: { name?: string; disabled?: boolean },
): Promise<void> => {
  if (Object.keys(changes).length) await em(tx).update(projects, { id }, changes);
};
