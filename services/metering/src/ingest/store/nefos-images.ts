import { run, sql, type Tx } from '@nefos/service-kit';

const find = async (tx: Tx, uuids: readonly string[]): Promise<Map<string, string>> =>
  new Map(
    (
      await sql<{ image_uuid: string; id: string }>(
        tx,
        'select n.image_uuid, m.id from nefos_machine_image n join machine_image m on m.nefos_machine_image_id = n.id where n.image_uuid = any($1::text[])',
        [uuids],
      )
    ).map((r) => [r.image_uuid, r.id]),
  );

/** Our cloud's images by their own id; those never seen are made, and need no inspection. @returns generic ids */
export const admitNefosImages = async (
  tx: Tx,
  images: readonly { id: string; name: string | null; os_distro: string | null }[],
): Promise<Map<string, string>> => {
  const wanted = new Map(images.map((i) => [i.id, i]));
  if (!wanted.size) return new Map();
  const known = await find(tx, [...wanted.keys()]);
  const missing = [...wanted.values()].filter((i) => !known.has(i.id)).sort((a, b) => (a.id < b.id ? -1 : 1));
  if (!missing.length) return known;
  await run(
    tx,
    `with wanted as (select * from unnest($1::text[], $2::text[], $3::text[]) w(image_uuid, name, os_distro)),
    content as (insert into nefos_machine_image (image_uuid, os_distro) select image_uuid, os_distro from wanted order by image_uuid on conflict do nothing returning id, image_uuid)
    insert into machine_image (name, status, nefos_machine_image_id) select w.name, 'inspected', c.id from content c join wanted w using (image_uuid) order by c.id`,
    [missing.map((i) => i.id), missing.map((i) => i.name), missing.map((i) => i.os_distro)],
  );
  return find(tx, [...wanted.keys()]);
};
