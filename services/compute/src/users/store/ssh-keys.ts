import {
  columns,
  em,
  Fault,
  instant,
  integer,
  sql,
  table,
  text,
  uuid,
  violates,
  withDefault,
  type NewRow,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import { unlessUserGone } from '../../access/gone-user.js';
import { UUID } from '../../lists/uuid.js';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';

/** Public keys of portal users, in the format of OpenSSH. */
export const sshKeys = table(
  'ssh_key',
  {
    id: uuid(),
    userId: integer(),
    name: text(),
    publicKey: text(),
    /** MD5, in pairs of digits with colons. */
    fingerprint: text(),
    createdAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export type SshKey = Row<typeof sshKeys>;

const keyList: ListSpec = {
  select: columns(sshKeys, 'k'),
  from: 'ssh_key k',
  fields: {
    id: { sql: 'k.id', type: 'uuid' },
    name: { sql: 'k.name', type: 'text' },
    fingerprint: { sql: 'k.fingerprint', type: 'text' },
    created_at: { sql: 'k.created_at', type: 'time' },
  },
  search: ['k.name'],
  ordering: 'name',
  tie: 'k.id',
};
/** @throws Fault not_found/page, invalid/filter */
export const pageOfKeys = (q: Queryable, userId: number, query: Query): Promise<Page<SshKey>> =>
  pageOf<SshKey>(q, keyList, query, [{ sql: 'k.user_id = $::int', values: [userId] }]);
export const findKey = async (q: Queryable, userId: number, id: string): Promise<SshKey | undefined> =>
  (await em(q).findOneBy(sshKeys, { id, userId })) ?? undefined;
/** Keys of the user by their ids or names. SQL: one statement for both. */
export const findKeys = (q: Queryable, userId: number, wanted: readonly string[]): Promise<SshKey[]> =>
  sql<SshKey>(
    q,
    `select ${columns(sshKeys, 'k')} from ssh_key k
    where k.user_id = $1 and (k.name = any($2::text[]) or k.id = any($3::uuid[])) limit 1000`,
    [userId, wanted, wanted.filter((one) => UUID.test(one))],
  );
/**
 * How many keys the user has; of two requests one waits for the other. SQL: a lock.
 * @returns undefined: the user is gone
 */
export const lockAndCountKeys = async (tx: Tx, userId: number): Promise<number | undefined> => {
  const users = await sql(tx, 'select 1 from portal_user where id = $1 and deleted_at is null for no key update', [
    userId,
  ]);
  return users.length ? em(tx).countBy(sshKeys, { userId }) : undefined;
};
/** @throws Fault invalid when the user has a key of this name; unauthenticated/user_inactive when the user is gone */
export const insertKey = async (tx: Tx, key: NewRow<typeof sshKeys>): Promise<SshKey> => {
  await em(tx)
    .insert(sshKeys, key)
    .catch((err: unknown) => {
      if (violates(err, 'ssh_key_user_id_name_key'))
        throw new Fault('invalid', 'validation', { issues: [{ path: ['name'], rule: 'unique' }] });
      return unlessUserGone()(err);
    });
  return (await findKey(tx, key.userId, key.id)) as SshKey;
};
/** @returns whether there was one */
export const deleteKey = async (tx: Tx, userId: number, id: string): Promise<boolean> =>
  ((await em(tx).delete(sshKeys, { id, userId })).affected ?? 0) > 0;
