import { sql, type Queryable } from '@nefos/service-kit';

/** A volume of a server. */
export interface AttachmentRow {
  id: string;
  volumeId: string;
  device: string | null;
  tag: string | null;
  deleteOnTermination: boolean;
}
export const listAttachmentRows = (q: Queryable, instanceId: string): Promise<AttachmentRow[]> =>
  sql<AttachmentRow>(
    q,
    `select id, volume_id "volumeId", device, tag, delete_on_termination "deleteOnTermination"
    from volume_attachment where instance_id = $1 order by not boot, created_at, id limit 1000`,
    [instanceId],
  );
/** Security groups of a server's project with this name or id, two at most; the one with the id first. */
export const findGroupIds = async (q: Queryable, instanceId: string, nameOrId: string): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      `select g.id from instance i join security_group g on g.project_id = i.project_id and g.region_id = i.region_id
      where i.id = $1 and (g.name = $2 or g.id::text = $2) order by g.id::text = $2 desc, g.id limit 2`,
      [instanceId, nameOrId],
    )
  ).map(({ id }) => id);
/** The floating IP of a server's project and region with this address. */
export const findFloatingId = async (q: Queryable, instanceId: string, address: string): Promise<string | undefined> =>
  (
    await sql<{ id: string }>(
      q,
      `select f.id from instance i join floating_ip f on f.project_id = i.project_id and f.region_id = i.region_id
      where i.id = $1 and host(f.address) = $2 order by f.id limit 1`,
      [instanceId, address],
    )
  )[0]?.id;
