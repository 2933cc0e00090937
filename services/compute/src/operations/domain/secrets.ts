import type { Queryable, Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { GuestSpec } from '../../ports/driver.js';
import { placeOf, seal, SEALED } from '../../sealed.js';
import { findSecret, insertSecret } from '../store/secrets.js';
import { driverError } from './driver-errors.js';

/** What an operation must not show or log: it is stored beside the operation, and deleted when that ends. */
export interface OperationSecret {
  /** A line each. */
  sshKeys?: readonly string[];
  rootPassword?: string;
  /** Base64. */
  userData?: string;
}
/**
 * Stores the secret, sealed, in the transaction that accepts the operation; nothing when there is none.
 * @throws Fault conflict/secrets.no_key
 */
export const keepSecret = async (
  ctx: Pick<ComputeCtx, 'secrets'>,
  tx: Tx,
  operationId: string,
  secret: OperationSecret,
): Promise<void> => {
  if (!Object.keys(secret).length) return;
  await insertSecret(tx, operationId, seal(ctx, SEALED.operation, operationId, JSON.stringify(secret)));
};
/** Undefined when the operation has none. @throws DriverError UNAVAILABLE when they do not open */
export const readSecret = async (
  { secrets }: Pick<ComputeCtx, 'secrets'>,
  q: Queryable,
  operationId: string,
): Promise<OperationSecret | undefined> => {
  const sealed = await findSecret(q, operationId);
  if (sealed === undefined) return undefined;
  try {
    return JSON.parse(secrets.open(sealed, placeOf(SEALED.operation, operationId))) as OperationSecret;
  } catch (err) {
    // As long as this process does not have the key: another one may, or the operator gives it.
    const message = `The secrets of the operation do not open: ${(err as Error).message}`;
    throw Object.assign(driverError('UNAVAILABLE', message), { retryable: true });
  }
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
