import { columns, em, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { routerInterfaces, routers, type Router } from '../tables.js';
import { CLIENT, OWNER, scoped, type Scope, type WithClient } from './owned.js';

export type { Router };
export interface ShownRouter extends Router, WithClient {
  /** Subnets that it connects. */
  subnets: string[];
}
const SELECT = `${columns(routers, 'x')}, ${CLIENT},
  array(select i.subnet_id from router_interface i where i.router_id = x.id order by i.subnet_id) subnets`;
const FROM = `router x ${OWNER}`;
const routerList: ListSpec = {
  select: SELECT,
  from: FROM,
  table: 'router x',
  fields: {
    id: { sql: 'x.id', type: 'uuid' },
    name: { sql: 'x.name', type: 'text' },
    region: { sql: 'x.region_id', type: 'text', plain: true },
    status: { sql: 'x.status', type: 'text' },
    project__id: { sql: 'x.project_id', type: 'text' },
    created_at: { sql: 'x.created_at', type: 'time' },
  },
  search: ['x.name'],
  ordering: '-created_at',
  tie: 'x.id',
};
export const listRouters = (q: Queryable, query: Query, scope: Scope): Promise<Page<ShownRouter>> =>
  pageOf(q, routerList, query, scoped(scope));
/** SQL: joins. */
export const findRouter = async (q: Queryable, id: string): Promise<ShownRouter | undefined> =>
  (await sql<ShownRouter>(q, `select ${SELECT} from ${FROM} where x.id = $1`, [id]))[0];
/** SQL: locks. */
export const lockRouter = async (tx: Tx, id: string): Promise<Router | undefined> =>
  (await sql<Router>(tx, `select ${columns(routers)} from router where id = $1 for update`, [id]))[0];
export const insertRouter = async (tx: Tx, router: NewRow<typeof routers>): Promise<void> => {
  await em(tx).insert(routers, router);
};
export const updateRouter = async (tx: Tx, id: string, changes: Partial<Omit<Router, 'id'>>): Promise<void> => {
  await em(tx).update(routers, { id }, changes);
};
export const deleteRouter = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).delete(routers, { id });
};
/** The router that connects a subnet. */
export const findRouterOf = async (q: Queryable, subnetId: string): Promise<string | undefined> =>
  (await em(q).findOneBy(routerInterfaces, { subnetId }))?.routerId;
export const insertInterface = async (tx: Tx, row: { subnetId: string; routerId: string }): Promise<void> => {
  await em(tx).insert(routerInterfaces, row);
};
/** @returns whether there was one */
export const deleteInterface = async (tx: Tx, row: { subnetId: string; routerId: string }): Promise<boolean> =>
  ((await em(tx).delete(routerInterfaces, row)).affected ?? 0) > 0;
export const countInterfaces = (tx: Tx, routerId: string): Promise<number> =>
  em(tx).countBy(routerInterfaces, { routerId });
