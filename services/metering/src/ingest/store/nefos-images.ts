import { run, sql, type Tx } from '@nefos/service-kit';

const FIND = `select n.image_uuid uuid, m.id from nefos_machine_image n
  join machine_image m on m.nefos_machine_image_id = n.id where n.image_uuid = any($1::text[])`;
const findNefosImages = async (tx: Tx, uuids: readonly string[]): Promise<Map<string, string>> => {
  const rows = await sql<{ uuid: string; id: string }>(tx, FIND, [uuids]);
  return new Map(rows.map(({ uuid, id }) => [uuid, id]));
};

const INSERT = `
  with wanted as (select * from unnest($1::text[], $2::text[], $3::text[]) w(image_uuid, name, os_distro)),
  content as (
    insert into nefos_machine_image (image_uuid, os_distro)
    select image_uuid, os_distro from wanted order by image_uuid on conflict do nothing returning id, image_uuid)
  insert into machine_image (name, status, nefos_machine_image_id)
  select w.name, 'inspected', c.id from content c join wanted w using (image_uuid) order by c.id`;
/** Images of our own cloud by its ids; new ones are made, and need no inspection. @returns ids of `machine_image` */
export const resolveNefosImages = async (
  tx: Tx,
  images: readonly { id: string; name: string | null; os_distro: string | null }[],
): Promise<Map<string, string>> => {
  const wanted = new Map(images.map((image) => [image.id, image]));
  if (!wanted.size) return new Map();
  const known = await findNefosImages(tx, [...wanted.keys()]);
  const missing = [...wanted.values()].filter(({ id }) => !known.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1));
  if (!missing.length) return known;
  await run(tx, INSERT, [
    missing.map(({ id }) => id),
    missing.map(({ name }) => name),
    missing.map(({ os_distro: osDistro }) => osDistro),
  ]);
  return findNefosImages(tx, [...wanted.keys()]);
};
