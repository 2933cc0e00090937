import { run, type Tx } from '@nefos/service-kit';
import type { Labels } from '../tables.js';

/** Which words of what. */
export type LabelField =
  | 'volume.metadata'
  | 'volume.image_metadata'
  | 'volume_snapshot.metadata'
  | 'volume_backup.metadata'
  | 'volume_type.extra_specs';
/** SQL: the same statement for several tables. */
export const writeLabels = async (tx: Tx, field: LabelField, id: string, labels: Labels): Promise<void> => {
  const [table, column] = field.split('.');
  const touched = table === 'volume_type' ? '' : ', updated_at = now()';
  await run(tx, `update ${table} set ${column} = $2::jsonb${touched} where id = $1`, [id, JSON.stringify(labels)]);
};
