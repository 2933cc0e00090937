import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { Condition, ListSpec } from '../../lists/list-query.js';

export interface ImageRow {
  id: string;
  name: string;
  status: string;
  visibility: 'public' | 'private' | 'shared' | 'community';
  min_disk: number;
  min_ram: number;
  size: string;
  disk_format: string | null;
  container_format: string | null;
  os_distro: string | null;
  os_version: string | null;
  architecture: string | null;
  hw_qemu_guest_agent: boolean;
  hypervisor_type: string | null;
  type: 'template' | 'snapshot' | 'iso' | 'backup';
  instance_id: string | null;
  region_id: string;
  project_id: string | null;
  protected: boolean;
  created_at: string;
  updated_at: string;
  tags: string[];
}
const COLUMNS = `m.id, m.name, m.status, m.visibility, m.min_disk, m.min_ram, m.size, m.disk_format, m.container_format, m.os_distro, m.os_version, m.architecture,
    m.hw_qemu_guest_agent, m.hypervisor_type, m.type, m.instance_id, m.region_id, m.project_id, m.protected, m.created_at, m.updated_at, m.tags`;
export const imageList: ListSpec = {
  select: COLUMNS,
  from: 'image m',
  fields: {
    id: { sql: 'm.id', type: 'uuid' },
    name: { sql: 'm.name', type: 'text' },
    status: { sql: 'm.status', type: 'text' },
    type: { sql: 'm.type', type: 'text' },
    visibility: { sql: 'm.visibility', type: 'text' },
    region: { sql: 'm.region_id', type: 'text', plain: true },
    os_distro: { sql: 'm.os_distro', type: 'text' },
    created_at: { sql: 'm.created_at', type: 'time' },
  },
  search: ['m.name', 'm.os_distro'],
  ordering: 'name',
  tie: 'm.id',
};
/** What clients may see: public images, their own, and those shared with them. */
export const imagesForClients = (clientIds: readonly number[]): Condition => ({
  sql: `m.visibility = 'public' or m.project_id in (select j.id from project j join service s on s.id = j.service_id where s.client_id = any($::int[]))
    or exists (select 1 from image_member x join project j on j.id = x.project_id join service s on s.id = j.service_id
      where x.image_id = m.id and s.client_id = any($::int[]))`,
  values: [clientIds, clientIds],
});
export const findImage = async (q: Queryable, id: string): Promise<ImageRow | undefined> =>
  (await sql<ImageRow>(q, `select ${COLUMNS} from image m where m.id = $1`, [id]))[0];
/** Whether the project may boot the image as it is. */
export const isSharedWith = async (q: Queryable, imageId: string, projectId: string): Promise<boolean> =>
  (await sql(q, 'select 1 from image_member where image_id = $1 and project_id = $2', [imageId, projectId])).length ===
  1;
export const shareImage = async (tx: Tx, imageId: string, projectId: string): Promise<void> => {
  await run(tx, 'insert into image_member (image_id, project_id) values ($1, $2) on conflict do nothing', [
    imageId,
    projectId,
  ]);
};
