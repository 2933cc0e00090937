import { columns, em, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { accounts, type Account } from './accounts.js';

export type UserState = Pick<Account, 'uuid' | 'isActive' | 'stateChangedAt'>;
/** @returns false when a change of this or a later number was applied before. SQL: conditional */
export const raiseSequence = async (tx: Tx, id: number, sequence: number): Promise<boolean> =>
  (await run(tx, 'update account set state_sequence = $2 where id = $1 and state_sequence < $2', [id, sequence])) === 1;

const SELECT = `select ${columns(accounts, 'a', ['uuid', 'isActive', 'stateChangedAt'])} from account a`;
/** The state of a user that this transaction holds. */
export const readState = (tx: Tx, uuid: string): Promise<UserState> =>
  em(tx).findOneOrFail(accounts, { where: { uuid }, select: { uuid: true, isActive: true, stateChangedAt: true } });
/**
 * A page in the order of the changes. `afterUuid` is needed where several changed at the same instant. SQL: a list
 * page.
 */
export const listStates = (
  q: Queryable,
  { after, afterUuid, limit }: { after: string | null; afterUuid: string | null; limit: number },
): Promise<UserState[]> =>
  sql<UserState>(
    q,
    `${SELECT}
     where (a.state_changed_at, a.uuid)
       > (coalesce($1::timestamptz, '-infinity'), coalesce($2::uuid, '00000000-0000-0000-0000-000000000000'))
     order by a.state_changed_at, a.uuid limit $3`,
    [after, afterUuid, limit],
  );
