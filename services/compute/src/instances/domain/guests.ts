import { invalid, type Issue } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import type { OperationSecret } from '../../operations/domain/secrets.js';
import type { CreateField } from '../../ports/driver.js';
import { refusedValue } from '../../refusals.js';

/** What a user gives a guest for its first boot (contract compute §6.1). */
export interface GuestInput {
  sshKeys?: readonly string[] | null | undefined;
  rootPassword?: string | null | undefined;
  /** Base64. */
  userData?: string | null | undefined;
}
const USER_DATA_BYTES = 64 * 1024;
const KEY_TYPES = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
]);
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** A line of `authorized_keys` without options: the blob begins with the name of its type, behind its length. */
const isPublicKey = (line: string): boolean => {
  const [type = '', blob = '', ...comment] = line.split(' ');
  if (!KEY_TYPES.has(type) || !BASE64.test(blob) || /[\u0000-\u001f\u007f]/.test(comment.join(' '))) return false;
  const bytes = Buffer.from(blob, 'base64');
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  return bytes.length > 4 + length && bytes.toString('latin1', 4, 4 + length) === type;
};
/**
 * The public keys behind what a request names. Keys that are stored are not served yet: a name or id finds none.
 * @returns a line each, in order
 */
const resolveKeys = (given: readonly string[], issues: Issue[]): string[] =>
  given.flatMap((one, i) => {
    const line = one.trim();
    if (isPublicKey(line)) return [line];
    issues.push({
      path: ['ssh_keys', i],
      rule: 'slug',
      values: { value: line.includes(' ') ? `${line.slice(0, 40)}...` : line },
    });
    return [];
  });
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
export const checkGuest = (ctx: ComputeRequest, region: string, input: GuestInput): OperationSecret => {
  const fields = ctx.drivers.of(region).capabilities.createFields;
  const issues: Issue[] = [];
  const refuse = (field: CreateField, given: boolean): boolean => {
    if (given && !fields?.has(field)) issues.push(refusedValue([field], 'guest.unsupported'));
    return given;
  };
  const secret: OperationSecret = {};
  if (input.sshKeys?.length && refuse('ssh_keys', true)) secret.sshKeys = resolveKeys(input.sshKeys, issues);
  if (typeof input.rootPassword === 'string' && refuse('root_password', true)) {
    if (/[\u0000-\u001f\u007f]/.test(input.rootPassword)) issues.push(refusedValue(['root_password'], 'guest.control'));
    secret.rootPassword = input.rootPassword;
  }
  if (input.userData && refuse('user_data', true)) secret.userData = userDataOf(input.userData, issues);
  if (issues.length) throw invalid(issues);
  return secret;
};
