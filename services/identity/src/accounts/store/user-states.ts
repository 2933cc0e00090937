import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

export interface StateRow {
  uuid: string;
  isActive: boolean;
  changedAt: string;
}
/** @returns false when a later wish has been heard already */
export const noteSequence = async (tx: Tx, id: number, sequence: number): Promise<boolean> =>
  (await run(tx, 'update account set state_sequence = $2 where id = $1 and state_sequence < $2', [id, sequence])) === 1;

const COLUMNS = 'uuid, is_active "isActive", state_changed_at "changedAt"';
type Wanted = { uuid: string } | { after: { at: string | null; uuid: string | null }; limit: number };
/** One user, or a page in the order of the change. */
export const listStates = (q: Queryable, wanted: Wanted): Promise<StateRow[]> =>
  'uuid' in wanted
    ? sql(q, `select ${COLUMNS} from account where uuid = $1`, [wanted.uuid])
    : sql(
        q,
        `select ${COLUMNS} from account
        where (state_changed_at, uuid) > (coalesce($1::timestamptz, '-infinity'), coalesce($2::uuid, '00000000-0000-0000-0000-000000000000'))
        order by state_changed_at, uuid limit $3`,
        [wanted.after.at, wanted.after.uuid, wanted.limit],
      );
