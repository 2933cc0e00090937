import { prepared, run, sql, type Queryable } from '@nefos/service-kit';
import type { User } from '../domain/users.js';

interface Row {
  id: string;
  account_number: string;
  is_superuser: boolean;
}
const user = (r: Row): User => ({ id: Number(r.id), accountNumber: r.account_number, isSuperuser: r.is_superuser });
const COLUMNS = 'u.id, u.account_number, u.is_superuser';

export const findUserByNumber = async (q: Queryable, number: string): Promise<User | undefined> =>
  (await prepared<Row>(q, `select ${COLUMNS} from app_user u where u.account_number = $1`, [number])).map(user)[0];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Of several users that one person may speak for, the oldest. */
export const findUserByIdentity = async (q: Queryable, uuid: string): Promise<User | undefined> => {
  if (!UUID.test(uuid)) return undefined; // a component's name
  return (
    await prepared<Row>(
      q,
      `select ${COLUMNS} from identity_link l join app_user u on u.id = l.user_id where l.uuid = $1 order by u.id limit 1`,
      [uuid],
    )
  ).map(user)[0];
};

/** Also when another request makes the same user at this moment. */
export const insertUser = async (q: Queryable, number: string): Promise<User> => {
  const made = await sql<Row>(
    q,
    `insert into app_user as u (account_number) values ($1) on conflict do nothing returning ${COLUMNS}`,
    [number],
  );
  return made.map(user)[0] ?? ((await findUserByNumber(q, number)) as User);
};

export const insertSuperusers = async (q: Queryable, numbers: readonly string[]): Promise<void> => {
  await run(
    q,
    'insert into app_user (account_number, is_superuser) select number, true from unnest($1::text[]) number where not exists (select 1 from app_user u where u.account_number = number) on conflict do nothing',
    [numbers],
  );
};
