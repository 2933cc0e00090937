import { run, sql, type Tx } from '@nefos/service-kit';
import type { NefosInstance } from '../domain/nefos-instances.js';
import { plain } from '../../arrays.js';

export const lockNefosInstances = (tx: Tx, uuids: readonly string[]): Promise<NefosInstance[]> =>
  sql<NefosInstance>(
    tx,
    `select n.instance_uuid uuid, i.id, n.id "nefosId", i.cloud_account_id "accountId", n.region, p.image_uuid "imageUuid"
    from nefos_instance n join instance i on i.nefos_instance_id = n.id left join machine_image m on m.id = i.machine_image_id left join nefos_machine_image p on p.id = m.nefos_machine_image_id
    where n.instance_uuid = any($1::uuid[]) order by i.id for update of i`,
    [plain(uuids)],
  );

/** Both rows of instances that nobody makes at the same time; those of a closed account are listed as little as that. */
export const insertNefosInstances = async (
  tx: Tx,
  instances: readonly { uuid: string; region: string; accountId: string; userId: string }[],
): Promise<void> => {
  await run(
    tx,
    `with wanted as (select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) w(uuid, region, account_id, user_id)),
    content as (insert into nefos_instance (instance_uuid, region) select uuid, region from wanted order by uuid on conflict do nothing returning id, instance_uuid)
    insert into instance (user_id, cloud_account_id, nefos_instance_id, closed) select w.user_id, w.account_id, c.id, a.closed_at is not null
      from content c join wanted w on w.uuid = c.instance_uuid join cloud_account a on a.id = w.account_id order by c.id`,
    [
      instances.map((i) => i.uuid),
      instances.map((i) => i.region),
      instances.map((i) => i.accountId),
      instances.map((i) => i.userId),
    ],
  );
};

/** Sequence of the newest event of each instance. */
export const newestSequences = async (tx: Tx, instances: readonly string[]): Promise<Map<string, number>> =>
  new Map(
    (
      await sql<{ instance_id: string; sequence: string }>(
        tx,
        'select instance_id, max(sequence) sequence from instance_event where instance_id = any($1::bigint[]) group by 1',
        [instances],
      )
    ).map((r) => [r.instance_id, Number(r.sequence)]),
  );

/** Each row is touched only when it changes. */
export const updateNefosInstances = async (
  tx: Tx,
  instances: readonly { id: string; nefosId: string; region: string; imageId: string | null }[],
): Promise<void> => {
  await run(
    tx,
    `update nefos_instance n set region = u.region, updated_at = clock_timestamp()
    from unnest($1::bigint[], $2::text[]) u(id, region) where n.id = u.id and n.region <> u.region`,
    [instances.map((i) => i.nefosId), instances.map((i) => i.region)],
  );
  await run(
    tx,
    `update instance i set machine_image_id = u.image_id, updated_at = clock_timestamp()
    from unnest($1::bigint[], $2::bigint[]) u(id, image_id) where i.id = u.id and i.machine_image_id is distinct from u.image_id`,
    [instances.map((i) => i.id), instances.map((i) => i.imageId)],
  );
};
