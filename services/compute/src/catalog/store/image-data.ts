import { em, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { imageData } from '../tables.js';

// SQL: what another process did meanwhile decides, by the database's clock.

/** Seconds after which a writer that did not touch its row is taken for dead. */
const STALE_SECONDS = 60;

/** Before its file is there. */
export const insertData = async (tx: Tx, id: string, imageId: string, bytes: number): Promise<void> => {
  await em(tx).insert(imageData, { id, imageId, bytes });
};
/** The writer is alive, and has written so much. @returns whether the data is still wanted */
export const touchData = async (q: Queryable, id: string, bytes: number): Promise<boolean> =>
  (await run(
    q,
    `update image_data set touched_at = now(), bytes = greatest(bytes, $2) where id = $1 and state = 'writing'`,
    [id, bytes],
  )) > 0;
/** The image has it from now on. @returns whether it was still being written */
export const liveData = async (tx: Tx, id: string): Promise<boolean> =>
  (await run(tx, `update image_data set state = 'live', touched_at = now() where id = $1 and state = 'writing'`, [
    id,
  ])) > 0;
/** Nobody wants the image's data any more, neither what it has nor what is being written. */
export const killDataOf = async (tx: Tx, imageId: string): Promise<void> => {
  await run(tx, `update image_data set state = 'dead', touched_at = now() where image_id = $1 and state <> 'dead'`, [
    imageId,
  ]);
};
/** The writer gives up; data that the image has got already stays. */
export const killWriting = async (tx: Tx, id: string): Promise<void> => {
  await run(tx, `update image_data set state = 'dead', touched_at = now() where id = $1 and state = 'writing'`, [id]);
};
/** Data whose writer is gone. */
export const listStaleData = (q: Queryable, limit: number): Promise<{ id: string; imageId: string }[]> =>
  sql(
    q,
    `select id, image_id "imageId" from image_data
    where state = 'writing' and touched_at < now() - make_interval(secs => $1) order by touched_at limit $2`,
    [STALE_SECONDS, limit],
  );
/** Has a stale writer's data die, unless it was touched meanwhile. */
export const killStaleData = async (tx: Tx, id: string): Promise<boolean> =>
  (await run(
    tx,
    `update image_data set state = 'dead', touched_at = now()
    where id = $1 and state = 'writing' and touched_at < now() - make_interval(secs => $2)`,
    [id, STALE_SECONDS],
  )) > 0;
export const listDeadData = async (q: Queryable, limit: number): Promise<string[]> =>
  (
    await sql<{ id: string }>(q, `select id from image_data where state = 'dead' order by touched_at limit $1`, [limit])
  ).map(({ id }) => id);
/** Ids of the image's data that is dead. */
export const listDeadDataOf = async (q: Queryable, imageId: string): Promise<string[]> =>
  (await em(q).find(imageData, { where: { imageId, state: 'dead' }, select: { id: true } })).map(({ id }) => id);
/** After its file is gone. */
export const removeData = async (q: Queryable, id: string): Promise<void> => {
  await em(q).delete(imageData, { id, state: 'dead' });
};
