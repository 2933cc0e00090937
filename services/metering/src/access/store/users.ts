import {
  boolean,
  columns,
  em,
  generated,
  instant,
  prepared,
  run,
  safeInteger,
  sql,
  table,
  text,
  uuid,
  withDefault,
  type Queryable,
  type Row,
} from '@nefos/service-kit';

export const users = table(
  'app_user',
  {
    id: generated(safeInteger()),
    accountNumber: text(),
    isSuperuser: withDefault(boolean()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
/** Whose tokens see the accounts of which users. */
export const identityLinks = table(
  'identity_link',
  { uuid: uuid(), userId: safeInteger() },
  { primary: ['uuid', 'userId'] },
);
/** A metering user. `id` is what the wire calls `user_id`; superusers are made by the operator alone. */
export type User = Pick<Row<typeof users>, 'id' | 'accountNumber' | 'isSuperuser'>;
const COLUMNS = columns(users, 'u', ['id', 'accountNumber', 'isSuperuser']);

// SQL, and prepared: a request looks its user up by one of these two.
const BY_NUMBER = `select ${COLUMNS} from app_user u where u.account_number = $1`;
const BY_IDENTITY = `select ${COLUMNS} from identity_link l join app_user u on u.id = l.user_id
  where l.uuid = $1 order by u.id limit 1`;

export const findUserByNumber = async (q: Queryable, number: string): Promise<User | undefined> =>
  (await prepared<User>(q, BY_NUMBER, [number]))[0];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The oldest of the users whose accounts this person may see. */
export const findUserByIdentity = async (q: Queryable, personUuid: string): Promise<User | undefined> => {
  if (!UUID.test(personUuid)) return undefined; // a component's name
  return (await prepared<User>(q, BY_IDENTITY, [personUuid]))[0];
};

/** The user of a number, made here or by another request at this moment (SQL: `on conflict`). */
export const insertUser = async (q: Queryable, number: string): Promise<User> => {
  const [inserted] = await sql<User>(
    q,
    `insert into app_user as u (account_number) values ($1) on conflict do nothing returning ${COLUMNS}`,
    [number],
  );
  if (inserted) return inserted;
  return em(q).findOneByOrFail(users, { accountNumber: number });
};

/** Makes those that are missing, in one statement; a user that is there stays what it is. */
export const insertSuperusers = async (q: Queryable, numbers: readonly string[]): Promise<void> => {
  await run(
    q,
    `insert into app_user (account_number, is_superuser) select number, true from unnest($1::text[]) number
     where not exists (select 1 from app_user u where u.account_number = number) on conflict do nothing`,
    [numbers],
  );
};
