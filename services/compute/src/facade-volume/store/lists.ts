import { sql, type Queryable } from '@nefos/service-kit';
import type { KeysetSpec } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';
import type { Labels } from '../../volumes/tables.js';

// Volumes and what belongs to them, as Cinder lists them. SQL: joins, and the tables are of other areas.

export interface AttachmentRow {
  id: string;
  volumeId: string;
  instanceId: string;
  device: string | null;
  state: string;
  createdAt: string;
  host: string | null;
}
export interface VolumeRow {
  id: string;
  name: string;
  description: string | null;
  status: string;
  /** It goes as soon as its snapshots have gone. */
  doomed: boolean;
  sizeGb: number;
  regionId: string;
  projectId: string;
  typeId: string | null;
  typeName: string | null;
  bootable: boolean;
  metadata: Labels;
  imageId: string | null;
  imageName: string | null;
  imageMetadata: Labels;
  snapshotId: string | null;
  sourceVolumeId: string | null;
  createdAt: string;
  updatedAt: string;
  attachments: AttachmentRow[];
}
export interface CopyRow {
  id: string;
  name: string;
  description: string | null;
  status: string;
  sizeGb: number;
  regionId: string;
  projectId: string;
  volumeId: string;
  metadata: Labels;
  faultMessage: string | null;
  createdAt: string;
  updatedAt: string;
}
export interface BackupRow extends CopyRow {
  parentId: string | null;
  hasChildren: boolean;
}
export interface TypeRow {
  id: string;
  name: string;
  description: string;
  isPublic: boolean;
  extraSpecs: Labels;
  regionId: string;
}

const time = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`;
const key = (column: string, type = 'text') => ({ sql: column, type });
const ID = key('x.id', 'uuid');
const COMMON = `x.id, x.name, x.description, x.status, x.size_gb "sizeGb", x.region_id "regionId",
  x.project_id "projectId", x.metadata, ${time('x.created_at')} "createdAt", ${time('x.updated_at')} "updatedAt"`;
const KEYS = {
  id: ID,
  created_at: key('x.created_at', 'timestamptz'),
  updated_at: key('x.updated_at', 'timestamptz'),
  name: key('x.name'),
  display_name: key('x.name'),
  status: key('x.status'),
  size: key('x.size_gb', 'int'),
};
const ATTACHMENT = `'id', a.id, 'volumeId', a.volume_id, 'instanceId', a.instance_id, 'device', a.device,
  'state', a.state, 'createdAt', ${time('a.created_at')}, 'host', i.host_name`;

export const volumeList: KeysetSpec = {
  select: `${COMMON}, x.type_id "typeId", x.doomed, t.name "typeName", x.bootable, x.image_id "imageId",
    x.image_name "imageName", x.image_metadata "imageMetadata", x.source_snapshot_id "snapshotId",
    x.source_volume_id "sourceVolumeId", (select coalesce(jsonb_agg(jsonb_build_object(${ATTACHMENT})), '[]')
      from volume_attachment a join instance i on i.id = a.instance_id where a.volume_id = x.id) attachments`,
  from: 'volume x left join volume_type t on t.id = x.type_id',
  keys: {
    ...KEYS,
    bootable: key('x.bootable', 'boolean'),
    availability_zone: key('x.region_id'),
    volume_type_id: key(`coalesce(x.type_id::text, '')`),
  },
  id: ID,
};
export const snapshotList: KeysetSpec = {
  select: `${COMMON}, x.volume_id "volumeId", x.fault->>'message' "faultMessage"`,
  from: 'volume_snapshot x',
  keys: { ...KEYS, volume_id: key('x.volume_id', 'uuid') },
  id: ID,
};
/** Not `exists`, for which PostgreSQL would read the parents of all backups at once. */
const HAS_CHILDREN = '(select c.id from volume_backup c where c.parent_id = x.id limit 1) is not null';
export const backupList: KeysetSpec = {
  select: `${COMMON}, x.volume_id "volumeId", x.fault->>'message' "faultMessage", x.parent_id "parentId",
    ${HAS_CHILDREN} "hasChildren"`,
  from: 'volume_backup x',
  keys: { ...KEYS, volume_id: key('x.volume_id', 'uuid') },
  id: ID,
};
export const typeList: KeysetSpec = {
  select: `x.id, x.name, x.description, x.is_public "isPublic", x.extra_specs "extraSpecs", x.region_id "regionId"`,
  from: 'volume_type x',
  keys: {
    id: ID,
    name: key('x.name'),
    created_at: key('x.created_at', 'timestamptz'),
    is_public: key('x.is_public', 'boolean'),
    description: key('x.description'),
  },
  id: ID,
};
export const attachmentList: KeysetSpec = {
  select: `x.id, x.volume_id "volumeId", x.instance_id "instanceId", x.device, x.state,
    ${time('x.created_at')} "createdAt", i.host_name host`,
  from: 'volume_attachment x join volume v on v.id = x.volume_id join instance i on i.id = x.instance_id',
  keys: { id: ID, created_at: key('x.created_at', 'timestamptz'), volume_id: key('x.volume_id', 'uuid') },
  id: ID,
};

const numbered = (conditions: readonly Condition[]): { where: string; values: unknown[] } => {
  const values = conditions.flatMap((one) => one.values);
  let at = 0;
  const where = conditions.map((one) => `(${one.sql.replace(/\$(?!\d)/g, () => `$${(at += 1)}`)})`).join(' and ');
  return { where: where || 'true', values };
};
/** How many rows there are. */
export const countRows = async (
  q: Queryable,
  { from }: KeysetSpec,
  conditions: readonly Condition[],
): Promise<number> => {
  const { where, values } = numbered(conditions);
  return (await sql<{ n: number }>(q, `select count(*)::int n from ${from} where ${where}`, values))[0]?.n ?? 0;
};
/** How many volumes there are, their GB, and the values of their metadata. */
export const summarise = async (
  q: Queryable,
  conditions: readonly Condition[],
): Promise<{ count: number; size: number; metadata: Record<string, string[]> }> => {
  const { where, values } = numbered(conditions);
  const [row] = await sql<{ count: number; size: number; metadata: Record<string, string[]> }>(
    q,
    `with x as (select id, size_gb, metadata from volume x where ${where})
    select count(*)::int count, coalesce(sum(size_gb), 0)::float8 size,
      (select coalesce(jsonb_object_agg(key, found), '{}') from (select m.key, jsonb_agg(distinct m.value) found
        from x, jsonb_each_text(x.metadata) m group by m.key order by m.key limit 1000) k) metadata from x`,
    values,
  );
  return row ?? { count: 0, size: 0, metadata: {} };
};
