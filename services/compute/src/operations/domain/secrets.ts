import type { Queryable, Tx } from '@nefos/service-kit';
import type { GuestSpec } from '../../ports/driver.js';
import { findSecret, insertSecret } from '../store/secrets.js';

/** What an operation must not show or log: it is stored beside the operation, and deleted when that ends. */
export interface OperationSecret {
  /** A line each. */
  sshKeys?: readonly string[];
  rootPassword?: string;
  /** Base64. */
  userData?: string;
}
/** The one place where secrets of operations are made unreadable and readable again. */
const seal = (secret: OperationSecret): string => Buffer.from(JSON.stringify(secret)).toString('base64');
const open = (sealed: string): OperationSecret =>
  JSON.parse(Buffer.from(sealed, 'base64').toString()) as OperationSecret;

/** Stores the secret in the transaction that accepts the operation; nothing when there is none. */
export const keepSecret = async (tx: Tx, operationId: string, secret: OperationSecret): Promise<void> => {
  if (Object.keys(secret).length) await insertSecret(tx, operationId, seal(secret));
};
/** Undefined when the operation has none. */
export const readSecret = async (q: Queryable, operationId: string): Promise<OperationSecret | undefined> => {
  const sealed = await findSecret(q, operationId);
  return sealed === undefined ? undefined : open(sealed);
};
/** The names of what is kept, as the operation's `params.guest` shows them. */
export const namesOf = (secret: OperationSecret): string[] =>
  [
    secret.sshKeys && 'ssh_keys',
    secret.rootPassword !== undefined && 'root_password',
    secret.userData !== undefined && 'user_data',
  ].filter((one) => typeof one === 'string');
/** As a driver takes it. */
export const guestOf = (secret: OperationSecret | undefined): GuestSpec => ({
  ...(secret?.sshKeys && { sshKeys: secret.sshKeys }),
  ...(secret?.rootPassword !== undefined && { rootPassword: secret.rootPassword }),
  ...(secret?.userData !== undefined && { userData: Buffer.from(secret.userData, 'base64') }),
});
