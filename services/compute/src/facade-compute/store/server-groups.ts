import { columns, sql, type Queryable } from '@nefos/service-kit';
import { securityGroups, type SecurityGroup } from '../../networking/tables.js';

/** What a rule lets in. */
export interface IngressRule {
  id: string;
  protocol: string | null;
  portMin: number | null;
  portMax: number | null;
  remotePrefix: string | null;
  /** The group from which traffic comes. */
  remoteGroup: { name: string; projectId: string } | null;
  ethertype: 'IPv4' | 'IPv6';
}
export type GroupOfServer = Pick<SecurityGroup, 'id' | 'name' | 'description' | 'projectId'> & { rules: IngressRule[] };

const SELECT = `${columns(securityGroups, 'g', ['id', 'name', 'description', 'projectId'])},
  (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'protocol', r.protocol, 'portMin', r.port_min,
      'portMax', r.port_max, 'remotePrefix', text(r.remote_prefix), 'ethertype', r.ethertype,
      'remoteGroup', case when o.id is not null
        then jsonb_build_object('name', o.name, 'projectId', o.project_id) end)
      order by r.created_at, r.id), '[]')
    from security_group_rule r left join security_group o on o.id = r.remote_group_id
    where r.security_group_id = g.id and r.direction = 'ingress') rules`;

/** Security groups that an instance's ports have, with what they let in. SQL: joins, aggregates. */
export const listGroupsWithRules = (q: Queryable, instanceId: string): Promise<GroupOfServer[]> =>
  sql<GroupOfServer>(
    q,
    `select ${SELECT} from security_group g where g.id in (select x.security_group_id from port p
      join port_security_group x on x.port_id = p.id where p.instance_id = $1)
    order by g.name, g.id`,
    [instanceId],
  );
/** Security groups of a project, or one of them. SQL: aggregates. */
export const listGroupsOfProject = (
  q: Queryable,
  projectId: string,
  { id = null, limit, offset = 0 }: { id?: string | null; limit: number; offset?: number },
): Promise<GroupOfServer[]> =>
  sql<GroupOfServer>(
    q,
    `select ${SELECT} from security_group g where g.project_id = $1 and ($2::uuid is null or g.id = $2)
    order by g.name, g.id limit $3 offset $4`,
    [projectId, id, limit, offset],
  );
