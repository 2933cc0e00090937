import { run, sql, type Tx } from '@nefos/service-kit';
import type { NefosInstance } from '../domain/nefos-instances.js';

export const lockNefosInstances = async (tx: Tx, uuids: readonly string[]): Promise<NefosInstance[]> =>
  (await sql<Omit<NefosInstance, 'sequence'> & { sequence: string }>(tx, `select n.instance_uuid uuid, i.id, n.id "nefosId", i.cloud_account_id "accountId", i.machine_image_id "imageId", n.region, n.sequence
    from nefos_instance n join instance i on i.nefos_instance_id = n.id where n.instance_uuid = any($1::uuid[]) order by i.id for update of i`, [uuids]))
    .map((i) => ({ ...i, sequence: Number(i.sequence) }));

/** Both rows of instances that nobody makes at the same time. */
export const insertNefosInstances = async (tx: Tx, instances: readonly { uuid: string; region: string; accountId: string; userId: string }[]): Promise<void> => {
  await run(tx, `with wanted as (select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) w(uuid, region, account_id, user_id)),
    content as (insert into nefos_instance (instance_uuid, region) select uuid, region from wanted order by uuid on conflict do nothing returning id, instance_uuid)
    insert into instance (user_id, cloud_account_id, nefos_instance_id) select w.user_id, w.account_id, c.id from content c join wanted w on w.uuid = c.instance_uuid order by c.id`,
  [instances.map((i) => i.uuid), instances.map((i) => i.region), instances.map((i) => i.accountId), instances.map((i) => i.userId)]);
};

/** A generic row is touched only when its image changes. */
export const updateNefosInstances = async (tx: Tx, instances: readonly Pick<NefosInstance, 'id' | 'nefosId' | 'sequence' | 'region' | 'imageId'>[]): Promise<void> => {
  await run(tx, `update nefos_instance n set sequence = u.sequence, region = u.region, updated_at = case when n.region = u.region then n.updated_at else clock_timestamp() end
    from unnest($1::bigint[], $2::bigint[], $3::text[]) u(id, sequence, region) where n.id = u.id`, [instances.map((i) => i.nefosId), instances.map((i) => i.sequence), instances.map((i) => i.region)]);
  await run(tx, `update instance i set machine_image_id = u.image_id, updated_at = clock_timestamp()
    from unnest($1::bigint[], $2::bigint[]) u(id, image_id) where i.id = u.id and i.machine_image_id is distinct from u.image_id`, [instances.map((i) => i.id), instances.map((i) => i.imageId)]);
};
