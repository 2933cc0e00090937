import { z } from 'zod';
import { boundedRecord } from '../../bounded.js';

// What stands in the body of an action, behind its name (contract compute §12.3). Nova's schemas: closed, and what a
// later microversion knows is judged where it is used.

/** Actions that say nothing more: clients send null, `{}`, and some a text. */
const nothing = z.union([z.null(), z.strictObject({}), z.string().max(255)]);
const name = z.string().min(1).max(255);
const password = z.string().min(1).max(128);
const metadata = boundedRecord(z.string().max(255), 128);
const diskConfig = z.enum(['AUTO', 'MANUAL']);
/** Nova takes its own ways of writing true and false. */
const flag = z.union([z.boolean(), z.enum(['True', 'true', 'False', 'false', '0', '1'])]);

export const serverActionBodies = {
  nothing,
  lock: z.union([z.null(), z.strictObject({ locked_reason: z.string().min(1).max(255).optional() })]),
  resize: z.strictObject({ flavorRef: name, 'OS-DCF:diskConfig': diskConfig.optional() }),
  rebuild: z.strictObject({
    imageRef: z.uuid(),
    name: name.optional(),
    adminPass: password.optional(),
    metadata: metadata.optional(),
    'OS-DCF:diskConfig': diskConfig.optional(),
    accessIPv4: z.ipv4().optional(),
    accessIPv6: z.ipv6().optional(),
    preserve_ephemeral: flag.optional(),
    description: z.string().max(255).nullable().optional(),
    key_name: z.string().min(1).max(255).nullable().optional(),
    user_data: z.string().max(65_535).nullable().optional(),
    trusted_image_certificates: z.null().optional(),
    hostname: z.string().min(1).max(255).optional(),
  }),
  rescue: z.union([
    z.null(),
    z.strictObject({ adminPass: password.optional(), rescue_image_ref: z.uuid().optional() }),
  ]),
  unshelve: z.union([z.null(), z.strictObject({ availability_zone: name })]),
  migrate: z.union([z.null(), z.strictObject({ host: name.nullable().optional() })]),
  migrateLive: z.strictObject({
    host: name.nullable(),
    block_migration: z.union([flag, z.literal('auto')]).optional(),
    disk_over_commit: flag.optional(),
    force: flag.optional(),
  }),
  resetState: z.strictObject({ state: z.enum(['active', 'error']) }),
  changePassword: z.strictObject({ adminPass: password }),
  createImage: z.strictObject({ name, metadata: metadata.optional() }),
  createBackup: z.strictObject({
    name,
    backup_type: z.string().max(255),
    rotation: z.union([z.int().min(0).max(1000), z.string().regex(/^\d{1,3}$/)]),
    metadata: metadata.optional(),
  }),
  consoleOutput: z.strictObject({
    length: z.union([z.null(), z.int().min(-1).max(2_147_483_647), z.string().regex(/^(-1|\d{1,10})$/)]).optional(),
  }),
  console: z.strictObject({ type: z.string().max(32) }),
  floatingIp: z.strictObject({
    address: z.union([z.ipv4(), z.ipv6()]),
    fixed_address: z.union([z.ipv4(), z.ipv6()]).optional(),
  }),
  fixedIp: z.strictObject({ networkId: z.uuid() }),
  address: z.strictObject({ address: z.union([z.ipv4(), z.ipv6()]) }),
  securityGroup: z.strictObject({ name }),
};
