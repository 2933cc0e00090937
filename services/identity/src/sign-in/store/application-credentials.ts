import { conflict, run, sql, violates, type Queryable, type Tx } from '@nefos/service-kit';

export interface Credential {
  id: string;
  accountId: number;
  project: string;
  name: string;
  description: string | null;
  secretHash: string;
  roles: string[];
  unrestricted: boolean;
  expiresAt: string | null;
  expired: boolean | null;
}
export type NewCredential = Omit<Credential, 'expired'> & { /** The token it is made with. */ parentAuditId: string };

const COLUMNS =
  'c.id, c.account_id::int "accountId", c.project, c.name, c.description, c.secret_hash "secretHash", c.roles, c.unrestricted, c.expires_at "expiresAt", c.expires_at <= now() expired';
export const insertCredential = async (tx: Tx, c: NewCredential): Promise<void> => {
  await run(
    tx,
    'insert into application_credential (id, account_id, project, name, description, secret_hash, roles, unrestricted, expires_at, parent_audit_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz, $10)',
    [
      c.id,
      c.accountId,
      c.project,
      c.name,
      c.description,
      c.secretHash,
      c.roles,
      c.unrestricted,
      c.expiresAt,
      c.parentAuditId,
    ],
  ).catch((err: unknown) => {
    throw violates(err, 'application_credential_account_id_name_key') ? conflict('credential.name_taken') : err;
  });
};
export const findCredential = async (q: Queryable, id: string): Promise<Credential | undefined> =>
  (await sql<Credential>(q, `select ${COLUMNS} from application_credential c where c.id = $1`, [id]))[0];
export const findCredentialByName = async (
  q: Queryable,
  accountId: number,
  name: string,
): Promise<Credential | undefined> =>
  (
    await sql<Credential>(
      q,
      `select ${COLUMNS} from application_credential c where c.account_id = $1 and c.name = $2`,
      [accountId, name],
    )
  )[0];
export const listCredentials = (
  q: Queryable,
  accountId: number,
  { limit, marker, name }: { limit: number; marker?: string | undefined; name?: string | undefined },
): Promise<Credential[]> =>
  sql<Credential>(
    q,
    `select ${COLUMNS} from application_credential c where c.account_id = $1 and c.id > $3 and ($4::text is null or c.name = $4) order by c.id limit $2`,
    [accountId, limit, marker ?? '', name ?? null],
  );
/** @returns false when the user has no such credential */
export const lockCredential = async (tx: Tx, accountId: number, id: string): Promise<boolean> =>
  (await sql(tx, 'select 1 from application_credential where account_id = $1 and id = $2 for update', [accountId, id]))
    .length === 1;
