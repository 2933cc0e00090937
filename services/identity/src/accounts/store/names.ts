import { columns, sql, type Queryable } from '@nefos/service-kit';
import { accounts, type Account } from './accounts.js';

/** Uuids and usernames of many accounts. SQL: batched, up to thousands of rows. */

type Named = Pick<Account, 'uuid' | 'username'>;
const NAMES = columns(accounts, undefined, ['uuid', 'username']);
export const listNamesByUuid = (q: Queryable, uuids: readonly string[]): Promise<Named[]> =>
  sql<Named>(q, `select ${NAMES} from account where uuid = any($1::uuid[])`, [uuids]);
export const listNamesByUsername = (q: Queryable, usernames: readonly string[]): Promise<Named[]> =>
  sql<Named>(q, `select ${NAMES} from account where username = any($1::text[])`, [usernames]);
/** A page of all accounts by id. */
export const listNames = (
  q: Queryable,
  { afterId, limit }: { afterId: number; limit: number },
): Promise<(Named & Pick<Account, 'id'>)[]> =>
  sql(
    q,
    `select ${columns(accounts, 'a', ['id', 'uuid', 'username'])} from account a
     where a.id > $1 order by a.id limit $2`,
    [afterId, limit],
  );
