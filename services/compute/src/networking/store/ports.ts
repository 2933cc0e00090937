import { columns, em, prepared, run, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { ports, portSecurityGroups, type Port } from '../tables.js';
import { CLIENT, OWNER, scoped, type Scope, type WithClient } from './owned.js';

export type { Port };
export interface PortAddress {
  address: string;
  subnetId: string | null;
}
/** A port with its addresses and security groups. */
export interface ShownPort extends Port, WithClient {
  addresses: PortAddress[];
  securityGroups: string[];
}
export const ADDRESSES = `(select coalesce(
    jsonb_agg(jsonb_build_object('address', host(a.address), 'subnetId', a.subnet_id)
      order by a.position, family(a.address), a.address), '[]')
  from network_address a where a.port_id = x.id) addresses`;
export const GROUPS = `array(select g.security_group_id from port_security_group g where g.port_id = x.id
    order by g.security_group_id) "securityGroups"`;
/** Whether the machine has it follows from its instance. */
export const STATUS = `case when x.status = 'ERROR' then 'ERROR'
    when x.change is not null or i.vm_state = 'building' then 'BUILD'
    when i.id is not null then 'ACTIVE' else 'DOWN' end`;
const OWN = `${columns(
  ports,
  'x',
  (Object.keys(ports.definitions) as (keyof Port)[]).filter((name) => name !== 'status'),
)}, ${STATUS} status`;
const SELECT = `${OWN}, ${ADDRESSES}, ${GROUPS}, ${CLIENT}`;
const FROM = `port x left join instance i on i.id = x.instance_id ${OWNER}`;
const portList: ListSpec = {
  select: SELECT,
  from: FROM,
  table: 'port x',
  fields: {
    id: { sql: 'x.id', type: 'uuid' },
    name: { sql: 'x.name', type: 'text' },
    network_id: { sql: 'x.network_id', type: 'uuid', plain: true },
    device_id: { sql: 'x.instance_id', type: 'uuid', plain: true },
    region: { sql: 'x.region_id', type: 'text', plain: true },
    status: { sql: STATUS, type: 'text' },
    mac_address: { sql: 'x.mac_address', type: 'text' },
    project__id: { sql: 'x.project_id', type: 'text' },
    created_at: { sql: 'x.created_at', type: 'time' },
  },
  search: ['x.name', 'x.mac_address'],
  ordering: '-created_at',
  tie: 'x.id',
};
export const listPorts = (q: Queryable, query: Query, scope: Scope): Promise<Page<ShownPort>> =>
  pageOf(q, portList, query, scoped(scope));
/** SQL: joins. */
export const findPort = async (q: Queryable, id: string): Promise<ShownPort | undefined> =>
  (await sql<ShownPort>(q, `select ${SELECT} from ${FROM} where x.id = $1`, [id]))[0];
/** SQL: locks. */
export const lockPort = async (tx: Tx, id: string): Promise<Port | undefined> =>
  (await sql<Port>(tx, `select ${columns(ports)} from port where id = $1 for update`, [id]))[0];
/** Of these the project's own, locked one after the other. SQL: locks. */
export const lockPortsOf = (tx: Tx, ids: readonly string[], projectId: string): Promise<Port[]> =>
  sql<Port>(
    tx,
    `select ${columns(ports)} from port where id = any($1::uuid[]) and project_id = $2 order by id for update`,
    [ids, projectId],
  );
/** Ports of an instance, in order, locked. SQL: joins, locks. */
export const lockPortsOfInstance = (tx: Tx, instanceId: string): Promise<ShownPort[]> =>
  sql<ShownPort>(
    tx,
    `select ${SELECT} from ${FROM} where x.instance_id = $1 order by x.position, x.created_at, x.id for update of x`,
    [instanceId],
  );
export const listPortsOfInstance = (q: Queryable, instanceId: string): Promise<ShownPort[]> =>
  sql<ShownPort>(q, `select ${SELECT} from ${FROM} where x.instance_id = $1 order by x.position, x.created_at, x.id`, [
    instanceId,
  ]);
/** Of these instances those that have a port without an address. SQL: an anti-join. */
export const listWithoutAddress = async (q: Queryable, instanceIds: readonly string[]): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      `select distinct p.instance_id id from port p where p.instance_id = any($1::uuid[])
        and not exists (select from network_address a where a.port_id = p.id)`,
      [instanceIds],
    )
  ).map(({ id }) => id);
/** Whether the port's network is its project's own. SQL: joins. */
export const isOnOwnNetwork = async (q: Queryable, id: string): Promise<boolean> =>
  (
    await sql(
      q,
      'select from port p join network n on n.id = p.network_id where p.id = $1 and n.project_id = p.project_id',
      [id],
    )
  ).length > 0;
export type NewPort = NewRow<typeof ports>;
export const insertPort = async (tx: Tx, port: NewPort): Promise<void> => {
  await em(tx).insert(ports, port);
};
/** A port of an instance, with its groups. SQL: one statement and prepared, since it runs for every create. */
export const insertPortWithGroups = async (
  tx: Tx,
  port: Pick<Port, 'id' | 'networkId' | 'projectId' | 'regionId' | 'instanceId' | 'position' | 'macAddress' | 'change'>,
  groups: readonly string[],
): Promise<void> => {
  await prepared(
    tx,
    `with made as (insert into port (id, network_id, project_id, region_id, instance_id, position, of_instance,
        mac_address, change) values ($1, $2, $3, $4, $5, $6, true, $7, $8))
      insert into port_security_group (port_id, security_group_id) select $1, unnest($9::uuid[])`,
    [
      port.id,
      port.networkId,
      port.projectId,
      port.regionId,
      port.instanceId,
      port.position,
      port.macAddress,
      port.change,
      groups,
    ],
  );
};
export const updatePort = async (tx: Tx, id: string, changes: Partial<Omit<Port, 'id'>>): Promise<void> => {
  await em(tx).update(ports, { id }, changes);
};
/** Its addresses go with it. @returns whether there was one */
export const deletePort = async (tx: Tx, id: string): Promise<boolean> =>
  ((await em(tx).delete(ports, { id })).affected ?? 0) > 0;
/** From now on the port has exactly the groups that the portal knows. */
const knowGroups = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).update(ports, { id, groupsKnown: false }, { groupsKnown: true });
};
export const addGroup = async (tx: Tx, portId: string, securityGroupId: string): Promise<void> => {
  await em(tx)
    .createQueryBuilder()
    .insert()
    .into(portSecurityGroups)
    .values({ portId, securityGroupId })
    .orIgnore()
    .execute();
  await knowGroups(tx, portId);
};
/** @returns whether the port had it */
export const removeGroup = async (tx: Tx, portId: string, securityGroupId: string): Promise<boolean> =>
  ((await em(tx).delete(portSecurityGroups, { portId, securityGroupId })).affected ?? 0) > 0;
/** The port has these groups, and no others. SQL: batched. */
export const replaceGroups = async (tx: Tx, portId: string, ids: readonly string[]): Promise<void> => {
  await run(tx, 'delete from port_security_group where port_id = $1 and not security_group_id = any($2::uuid[])', [
    portId,
    ids,
  ]);
  await run(
    tx,
    `insert into port_security_group (port_id, security_group_id) select $1, unnest($2::uuid[]) on conflict do nothing`,
    [portId, ids],
  );
  await knowGroups(tx, portId);
};
/** The place behind the last interface of an instance. SQL: computed. */
export const nextPosition = async (tx: Tx, instanceId: string): Promise<number> =>
  (
    await sql<{ next: number }>(
      tx,
      'select coalesce(max(position) + 1, 0)::int next from port where instance_id = $1',
      [instanceId],
    )
  )[0]?.next ?? 0;
/** The instance's network ids, in the order of its ports. SQL: the table is a later area's. */
export const writeNetworksOf = async (tx: Tx, instanceId: string): Promise<void> => {
  await run(
    tx,
    `update instance set networks = array(select p.network_id from port p where p.instance_id = $1
      order by p.position, p.created_at, p.id) where id = $1`,
    [instanceId],
  );
};
/** Names of the security groups of an instance's ports. SQL: joins. */
export const listGroupsOfInstance = (q: Queryable, instanceId: string): Promise<{ id: string; name: string }[]> =>
  sql(
    q,
    `select distinct g.id, g.name from port p join port_security_group x on x.port_id = p.id
      join security_group g on g.id = x.security_group_id where p.instance_id = $1 order by g.name, g.id`,
    [instanceId],
  );
/** Names of networks by their ids. */
export const listNetworkNames = async (q: Queryable, ids: readonly string[]): Promise<Map<string, string>> =>
  new Map(
    (await sql<{ id: string; name: string }>(q, 'select id, name from network where id = any($1::uuid[])', [ids])).map(
      ({ id, name }) => [id, name],
    ),
  );
