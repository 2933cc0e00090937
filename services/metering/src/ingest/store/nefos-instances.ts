import { run, sql, type Tx } from '@nefos/service-kit';
import { plainArray } from '../../arrays.js';

// SQL throughout: the instances of a batch of events are handled together, a statement each.

/** A metered instance of our own cloud. */
export interface NefosInstance {
  uuid: string;
  id: string;
  nefosId: string;
  accountId: string;
  imageUuid: string | null;
  region: string;
}
const LOCK = `
  select n.instance_uuid uuid, i.id, n.id "nefosId", i.cloud_account_id "accountId", n.region, p.image_uuid "imageUuid"
  from nefos_instance n join instance i on i.nefos_instance_id = n.id
  left join machine_image m on m.id = i.machine_image_id
  left join nefos_machine_image p on p.id = m.nefos_machine_image_id
  where n.instance_uuid = any($1::uuid[]) order by i.id for update of i`;
export const lockNefosInstances = (tx: Tx, uuids: readonly string[]): Promise<NefosInstance[]> =>
  sql<NefosInstance>(tx, LOCK, [plainArray(uuids)]);

const INSERT = `
  with wanted as (
    select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) w(uuid, region, account_id, user_id)),
  content as (
    insert into nefos_instance (instance_uuid, region) select uuid, region from wanted order by uuid
    on conflict do nothing returning id, instance_uuid)
  insert into instance (user_id, cloud_account_id, nefos_instance_id, closed)
  select w.user_id, w.account_id, c.id, a.closed_at is not null
  from content c join wanted w on w.uuid = c.instance_uuid join cloud_account a on a.id = w.account_id order by c.id`;
/** Both rows of each instance, unless another transaction makes it. Instances of a closed account are closed. */
export const insertNefosInstances = async (
  tx: Tx,
  instances: readonly { uuid: string; region: string; accountId: string; userId: string }[],
): Promise<void> => {
  await run(tx, INSERT, [
    instances.map((instance) => instance.uuid),
    instances.map((instance) => instance.region),
    instances.map((instance) => instance.accountId),
    instances.map((instance) => instance.userId),
  ]);
};

/** Each row is written only when it changes. */
export const updateNefosInstances = async (
  tx: Tx,
  instances: readonly { id: string; nefosId: string; region: string; imageId: string | null }[],
): Promise<void> => {
  await run(
    tx,
    `update nefos_instance n set region = u.region, updated_at = clock_timestamp()
     from unnest($1::bigint[], $2::text[]) u(id, region) where n.id = u.id and n.region <> u.region`,
    [instances.map((instance) => instance.nefosId), instances.map((instance) => instance.region)],
  );
  await run(
    tx,
    `update instance i set machine_image_id = u.image_id, updated_at = clock_timestamp()
     from unnest($1::bigint[], $2::bigint[]) u(id, image_id)
     where i.id = u.id and i.machine_image_id is distinct from u.image_id`,
    [instances.map((instance) => instance.id), instances.map((instance) => instance.imageId)],
  );
};
