import { em, instant, run, sql, table, text, uuid, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import { portalUsers } from '../../access/tables.js';
import { unlessNotUnique } from './unique-user.js';

/**
 * The uuid that identity is asked to make for an e-mail address, before there is a user here: concurrent requests for
 * one address ask for the same user.
 */
export const userReservations = table(
  'user_reservation',
  { email: text(), uuid: uuid(), reservedAt: instant() },
  { primary: ['email'] },
);

/** SQL of an address in lower case by Unicode's rules, as identity keeps it; compared byte by byte. */
const lowerCase = (value: string): string => `(lower(${value} collate "und-x-icu") collate "C")`;
/** @param uuid for an address that is not reserved yet @returns the uuid that is reserved for the address */
export const reserveUser = async (q: Queryable, email: string, uuid: string, now: Date): Promise<string> =>
  (
    await sql<{ uuid: string }>(
      q,
      `insert into user_reservation (email, uuid, reserved_at) values (${lowerCase('$1::text')}, $2, $3)
      on conflict (email) do update set reserved_at = excluded.reserved_at returning uuid`,
      [email, uuid, now],
    )
  )[0]?.uuid as string;
/** @returns how many were deleted: at most one portion */
export const deleteOldReservations = (q: Queryable, before: Date): Promise<number> =>
  run(
    q,
    `delete from user_reservation where email in
      (select email from user_reservation where reserved_at < $1 limit 5000)`,
    [before],
  );

/** Whether each value belongs to another user. */
export interface TakenValues {
  username: boolean;
  externalBillingId: boolean;
  /**
   * Whether the address is that of a user whom identity has not let in yet: the new user would replace that one there.
   */
  email: boolean;
}
export const findTaken = async (
  q: Queryable,
  username: string,
  externalId: string | null,
  email: string,
): Promise<TakenValues> =>
  (
    await sql<TakenValues>(
      q,
      `select exists (select from portal_user where username = $1) username,
        exists (select from portal_user where external_billing_id = $2) "externalBillingId",
        exists (select from portal_user where fold(email) = fold($3::text)
          and ${lowerCase('email')} = ${lowerCase('$3::text')} and not activated and deleted_at is null) email`,
      [username, externalId, email],
    )
  )[0] as TakenValues;

export type UserValues = Required<
  Pick<
    NewRow<typeof portalUsers>,
    'uuid' | 'username' | 'email' | 'firstName' | 'lastName' | 'isStaff' | 'externalBillingId'
  >
>;
/**
 * Inserts a user whom identity has not let in yet, and deletes its reservation.
 * @returns its id.
 * @throws Fault invalid/user.taken
 */
export const insertUser = async (
  tx: Tx,
  { uuid, username, email, firstName, lastName, isStaff, externalBillingId }: UserValues,
): Promise<number> => {
  const values = { uuid, username, email, firstName, lastName, isStaff, externalBillingId };
  const made = await em(tx)
    .insert(portalUsers, { ...values, activated: false, madeHere: true })
    .catch(unlessNotUnique);
  await run(tx, `delete from user_reservation where email = ${lowerCase('$1::text')} and uuid = $2`, [email, uuid]);
  return (made.identifiers[0] as { id: number }).id;
};
