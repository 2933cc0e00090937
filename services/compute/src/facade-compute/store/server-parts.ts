import { columns, sql, type Queryable } from '@nefos/service-kit';
import { operations, type Operation } from '../../operations/tables.js';

/** A volume of a server. */
export interface AttachmentRow {
  id: string;
  volumeId: string;
  device: string | null;
  deleteOnTermination: boolean;
}
export const listAttachmentRows = (q: Queryable, instanceId: string): Promise<AttachmentRow[]> =>
  sql<AttachmentRow>(
    q,
    `select id, volume_id "volumeId", device, delete_on_termination "deleteOnTermination"
    from volume_attachment where instance_id = $1 order by not boot, created_at, id limit 1000`,
    [instanceId],
  );
export const setDeleteOnTermination = async (
  q: Queryable,
  { instanceId, volumeId, goes }: { instanceId: string; volumeId: string; goes: boolean },
): Promise<void> => {
  await sql(q, 'update volume_attachment set delete_on_termination = $3 where instance_id = $1 and volume_id = $2', [
    instanceId,
    volumeId,
    goes,
  ]);
};
/** An interface of a server. */
export interface InterfaceRow {
  portId: string;
  networkId: string;
  mac: string | null;
  status: string;
  fixedIps: { subnet_id: string | null; ip_address: string }[] | null;
}
export const listInterfaceRows = (q: Queryable, instanceId: string): Promise<InterfaceRow[]> =>
  sql<InterfaceRow>(
    q,
    `select p.id "portId", p.network_id "networkId", p.mac_address mac,
      case when p.change is null then 'ACTIVE' else p.status end status,
      (select jsonb_agg(jsonb_build_object('subnet_id', a.subnet_id, 'ip_address', host(a.address))
          order by a.position, a.address)
        from network_address a where a.port_id = p.id) "fixedIps"
    from port p where p.instance_id = $1 order by p.position, p.id limit 1000`,
    [instanceId],
  );
export interface GroupRow {
  id: string;
  name: string;
  description: string;
  projectId: string;
}
export const listGroupRows = (q: Queryable, instanceId: string): Promise<GroupRow[]> =>
  sql<GroupRow>(
    q,
    `select distinct g.id, g.name, g.description, g.project_id "projectId" from port p
      join port_security_group x on x.port_id = p.id join security_group g on g.id = x.security_group_id
    where p.instance_id = $1 order by g.name, g.id limit 1000`,
    [instanceId],
  );
/** The security group of a server's project with this name or id. */
export const findGroupId = async (q: Queryable, instanceId: string, nameOrId: string): Promise<string | undefined> =>
  (
    await sql<{ id: string }>(
      q,
      `select g.id from instance i join security_group g on g.project_id = i.project_id and g.region_id = i.region_id
      where i.id = $1 and (g.name = $2 or g.id::text = $2) order by g.id::text = $2 desc limit 1`,
      [instanceId, nameOrId],
    )
  )[0]?.id;
/** The floating IP of a project with this address. */
export const findFloatingId = async (q: Queryable, projectId: string, address: string): Promise<string | undefined> =>
  (
    await sql<{ id: string }>(q, 'select id from floating_ip where project_id = $1 and host(address) = $2 limit 1', [
      projectId,
      address,
    ])
  )[0]?.id;

export type ActionRow = Pick<
  Operation,
  'id' | 'action' | 'status' | 'error' | 'createdAt' | 'startedAt' | 'completedAt' | 'createdByName' | 'requestId'
> & { createdBy: string | null };
const ACTION = `${columns(operations, 'o', [
  'id',
  'action',
  'status',
  'error',
  'createdAt',
  'startedAt',
  'completedAt',
  'createdByName',
  'requestId',
])}, (select u.uuid from portal_user u where u.id = o.created_by_id) "createdBy"`;
/** What was done to a server, newest first. @param after the request id of the last one of the page before */
export const listActionRows = (
  q: Queryable,
  instanceId: string,
  { limit, after }: { limit: number; after: string | null },
): Promise<ActionRow[]> =>
  sql<ActionRow>(
    q,
    `select ${ACTION} from operation o where o.instance_id = $1
      and ($3::text is null or (o.created_at, o.id) < (
        select m.created_at, m.id from operation m where m.instance_id = $1 and 'req-' || m.id = $3))
    order by o.created_at desc, o.id desc limit $2`,
    [instanceId, limit, after],
  );
export const findActionRow = async (q: Queryable, instanceId: string, id: string): Promise<ActionRow | undefined> =>
  (
    await sql<ActionRow>(q, `select ${ACTION} from operation o where o.instance_id = $1 and o.id = $2`, [
      instanceId,
      id,
    ])
  )[0];
