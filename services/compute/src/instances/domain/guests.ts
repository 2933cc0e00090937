import { invalid, type Issue, type Queryable } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import type { ComputeRequest } from '../../ctx.js';
import type { OperationSecret } from '../../operations/domain/secrets.js';
import type { CreateField } from '../../ports/driver.js';
import { refusedValue } from '../../refusals.js';
import { readPublicKey } from '../../users/domain/openssh.js';
import { findSshKeys } from '../../users/domain/ssh-keys.js';

/** What a user gives a guest for its first boot (contract compute §6.1). */
export interface GuestInput {
  sshKeys?: readonly string[] | null | undefined;
  rootPassword?: string | null | undefined;
  /** Base64. */
  userData?: string | null | undefined;
}
const USER_DATA_BYTES = 64 * 1024;
/** A password goes into lines of files, and is typed at a console. */
const hasControl = (text: string): boolean => /[\u0000-\u001f\u007f]/.test(text);
/** @param field where it stands in the request. @throws Fault invalid */
export const checkPassword = (field: string, password: string): void => {
  if (hasControl(password)) throw invalid([refusedValue([field], 'guest.control')]);
};
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/**
 * The public keys behind what a request names: a public key itself, or the id or name of one of the caller's keys.
 * @returns a line each, in order
 */
const resolveKeys = async (
  ctx: ComputeRequest,
  q: Queryable,
  given: readonly string[],
  issues: Issue[],
): Promise<string[]> => {
  const named = given.map((one) => one.trim());
  const stored = await findSshKeys(q, callerOf(ctx).userId, named);
  return named.flatMap((one, i) => {
    const line = stored[i]?.publicKey ?? readPublicKey(one)?.line;
    if (line !== undefined) return [line];
    const value = one.includes(' ') ? `${one.slice(0, 40)}...` : one;
    issues.push({ path: ['ssh_keys', i], rule: 'slug', values: { value } });
    return [];
  });
};
const userDataOf = (given: string, issues: Issue[]): string => {
  const text = given.replace(/\s/g, '');
  if (!BASE64.test(text) || text.length % 4 === 1) issues.push(refusedValue(['user_data'], 'guest.base64'));
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length > USER_DATA_BYTES) issues.push(refusedValue(['user_data'], 'guest.user_data_long'));
  return bytes.toString('base64');
};

/**
 * Checks what the guest is to get. A field that the region's driver can not honour is refused, not dropped.
 * @throws Fault invalid
 */
export const checkGuest = async (
  ctx: ComputeRequest,
  q: Queryable,
  region: string,
  input: GuestInput,
): Promise<OperationSecret> => {
  const fields = ctx.drivers.of(region).capabilities.createFields;
  const issues: Issue[] = [];
  const refuse = (field: CreateField, given: boolean): boolean => {
    if (given && !fields?.has(field)) issues.push(refusedValue([field], 'guest.unsupported'));
    return given;
  };
  const secret: OperationSecret = {};
  if (input.sshKeys?.length && refuse('ssh_keys', true))
    secret.sshKeys = await resolveKeys(ctx, q, input.sshKeys, issues);
  if (typeof input.rootPassword === 'string' && refuse('root_password', true)) {
    if (hasControl(input.rootPassword)) issues.push(refusedValue(['root_password'], 'guest.control'));
    secret.rootPassword = input.rootPassword;
  }
  if (input.userData && refuse('user_data', true)) secret.userData = userDataOf(input.userData, issues);
  if (issues.length) throw invalid(issues);
  return secret;
};
