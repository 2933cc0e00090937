import { CHANNELS, columns, prepared, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { portalUsers, type PortalUser } from '../tables.js';

const NAMES = ['uuid', 'username', 'email', 'firstName', 'lastName'] as const;
/** A portal user with what is known of the token that a request shows. */
export interface CallerRow extends Pick<PortalUser, (typeof NAMES)[number]> {
  userId: number;
  /** Neither inactive nor deleted. */
  active: boolean;
  staff: boolean;
  superuser: boolean;
  /** Clients the user belongs to, in the order in which that began: the first is the default. */
  clientIds: readonly number[];
  /** Whether the portal made the token for reading only. */
  readOnly: boolean;
  /** Whether the token was revoked here. */
  revoked: boolean;
}

// SQL, prepared: it runs for every request whose caller is not cached.
const FIND = `
  select u.id "userId", ${columns(portalUsers, 'u', NAMES)}, u.is_active and u.deleted_at is null active,
    u.is_staff staff, u.is_superuser superuser,
    array(select client_id from client_user where user_id = u.id order by position limit 1000) "clientIds",
    coalesce(t.read_only, false) "readOnly", t.revoked_at is not null revoked
  from portal_user u left join portal_token t on t.audit_id = $2 and t.user_id = u.id where u.uuid = $1`;
/** The user by identity's uuid. @param auditId public name of the token; '' is none */
export const findCaller = async (q: Queryable, uuid: string, auditId: string): Promise<CallerRow | undefined> =>
  (await prepared<CallerRow>(q, FIND, [uuid, auditId]))[0];

/** Has every process forget the user, once this transaction commits. */
export const notifyCaller = async (tx: Tx, uuid: string): Promise<void> => {
  await sql(tx, 'select pg_notify($1, $2)', [CHANNELS.computeCaller, uuid]);
};
