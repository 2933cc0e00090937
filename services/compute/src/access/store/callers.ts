import { CHANNELS, prepared, sql, type Queryable, type Tx } from '@nefos/service-kit';

export interface CallerRow {
  id: number;
  uuid: string;
  username: string;
  email: string;
  first_name: string;
  last_name: string;
  is_active: boolean;
  is_staff: boolean;
  is_superuser: boolean;
  client_ids: number[];
  read_only: boolean;
  revoked: boolean;
}

/** The user by identity uuid, with what is known of the token that was shown. */
export const findCaller = async (q: Queryable, uuid: string, auditId: string): Promise<CallerRow | undefined> =>
  (
    await prepared<CallerRow>(
      q,
      `
  select u.id, u.uuid, u.username, u.email, u.first_name, u.last_name, u.is_active and u.deleted_at is null as is_active, u.is_staff, u.is_superuser,
    array(select client_id from client_user where user_id = u.id order by position limit 1000) client_ids,
    coalesce(t.read_only, false) read_only, t.revoked_at is not null revoked
  from portal_user u left join portal_token t on t.audit_id = $2 and t.user_id = u.id where u.uuid = $1`,
      [uuid, auditId],
    )
  )[0];

/** Tells every process to forget the user, once this transaction commits. */
export const notifyCaller = async (tx: Tx, uuid: string): Promise<void> => {
  await sql(tx, 'select pg_notify($1, $2)', [CHANNELS.computeCaller, uuid]);
};
