import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { GuestSpec } from '../driver.js';

// What cloud-init reads at a guest's first boot. JSON is YAML, so a cloud-config is written as JSON.

const MERGE = 'list(append)+dict(no_replace,recurse_list)+str()';
/** Keys and password of the root user, as a cloud-config; undefined: there is nothing to say. */
export const cloudConfig = ({ sshKeys = [], rootPassword }: GuestSpec): string | undefined => {
  if (!sshKeys.length && rootPassword === undefined) return undefined;
  const config = {
    ...(sshKeys.length && { ssh_authorized_keys: sshKeys, disable_root: false }),
    ...(rootPassword !== undefined && {
      chpasswd: { expire: false, list: `root:${rootPassword}` },
      ssh_pwauth: true,
      disable_root: false,
    }),
  };
  return `#cloud-config\n${JSON.stringify(config)}\n`;
};
const part = (data: Buffer): string =>
  [
    'Content-Type: text/plain',
    'MIME-Version: 1.0',
    'Content-Transfer-Encoding: base64',
    `Merge-Type: ${MERGE}`,
    '',
    data.toString('base64').replace(/.{76}/g, '$&\n'),
    '',
  ].join('\n');
/** User data, keys and password as one document; the user's own stays as it is when it is all. */
export const guestData = (guest: GuestSpec): Buffer | undefined => {
  const config = cloudConfig(guest);
  const own = guest.userData?.length ? guest.userData : undefined;
  if (config === undefined) return own;
  if (!own) return Buffer.from(config);
  const boundary = `nefos-${randomBytes(12).toString('hex')}`;
  const parts = [Buffer.from(config), own].map((data) => `--${boundary}\n${part(data)}`).join('');
  return Buffer.from(
    `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n${parts}--${boundary}--\n`,
  );
};
/** In base64, compressed when it would be longer than `max` characters: cloud-init reads both. */
export const encodedGuestData = (guest: GuestSpec, max: number): string | undefined => {
  const data = guestData(guest);
  if (!data) return undefined;
  const plain = data.toString('base64');
  return plain.length <= max ? plain : gzipSync(data).toString('base64');
};
