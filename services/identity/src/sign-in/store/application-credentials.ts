import {
  boolean,
  conflict,
  em,
  instant,
  nullable,
  run,
  safeInteger,
  table,
  text,
  textArray,
  uuid,
  violates,
  withDefault,
  type NewRow,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import { MoreThan } from 'typeorm';

export const applicationCredentials = table(
  'application_credential',
  {
    id: text(),
    accountId: safeInteger(),
    project: uuid(),
    name: text(),
    description: nullable(text()),
    /** argon2id. */
    secretHash: text(),
    /** Names of the roles that its tokens may have. */
    roles: textArray(),
    /** Whether its tokens may manage credentials. */
    unrestricted: withDefault(boolean()),
    /** Null: it does not expire. */
    expiresAt: nullable(instant()),
    createdAt: withDefault(instant()),
    /** The token it was made with. */
    parentAuditId: nullable(text()),
  },
  { primary: ['id'] },
);
export type Credential = Row<typeof applicationCredentials>;
export type NewCredential = NewRow<typeof applicationCredentials>;

/** @throws conflict credential.name_taken */
export const insertCredential = async (tx: Tx, credential: NewCredential): Promise<void> => {
  await em(tx)
    .insert(applicationCredentials, credential)
    .catch((err: unknown) => {
      throw violates(err, 'application_credential_account_id_name_key') ? conflict('credential.name_taken') : err;
    });
};
export const findCredential = async (q: Queryable, id: string): Promise<Credential | undefined> =>
  (await em(q).findOneBy(applicationCredentials, { id })) ?? undefined;
export const findCredentialByName = async (
  q: Queryable,
  accountId: number,
  name: string,
): Promise<Credential | undefined> => (await em(q).findOneBy(applicationCredentials, { accountId, name })) ?? undefined;
/** Of one account, by id. */
export const listCredentials = (
  q: Queryable,
  accountId: number,
  { limit, marker, name }: { limit: number; marker?: string | undefined; name?: string | undefined },
): Promise<Credential[]> =>
  em(q).find(applicationCredentials, {
    where: { accountId, ...(marker !== undefined && { id: MoreThan(marker) }), ...(name !== undefined && { name }) },
    order: { id: 'asc' },
    take: limit,
  });
/**
 * Locks the credential; by count and without its row, since nobody reads it. @returns false when the account has no
 * such credential
 */
export const lockCredential = async (tx: Tx, accountId: number, id: string): Promise<boolean> =>
  (await run(tx, 'select 1 from application_credential where account_id = $1 and id = $2 for update', [
    accountId,
    id,
  ])) === 1;
