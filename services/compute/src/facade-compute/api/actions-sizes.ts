import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { boundedRecord } from '@nefos/contracts';
import { Reply } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { faceFault } from '../../facade/api/refused.js';
import { demandUuid } from '../../facade/domain/known-id.js';
import { inOne } from '../../facade/domain/in-one.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { requestMigration } from '../../instances/domain/migrations.js';
import { requestPassword, requestRebuild, requestRescue, requestUnrescue } from '../../instances/domain/rescues.js';
import { confirmResize, requestResize, revertResize } from '../../instances/domain/resizes.js';
import { keyForRebuild } from '../domain/keypairs.js';
import { metadataOf, MOST_METADATA } from '../domain/metadata.js';
import { changeServer, getServer } from '../domain/servers.js';
import { action, plain } from './action.js';
import { demandFieldsOf } from './newer-fields.js';
import { oneServerView, serverLinks } from './servers.view.js';

const text = z.string().max(255);
const ref = z.union([text, z.int().min(0)]);
const disk = { 'OS-DCF:diskConfig': z.enum(['AUTO', 'MANUAL']).optional() };
/** A password for a guest, where the region can set one. */
const passwordFor = async (ctx: ComputeRequest, id: string, given: string | undefined): Promise<string | null> => {
  if (given !== undefined) return given;
  const { regionId } = await getServer(ctx, id);
  return ctx.drivers.of(regionId).capabilities.createFields?.has('root_password')
    ? randomBytes(12).toString('base64url')
    : null;
};
const rebuild = z.strictObject({
  imageRef: text,
  name: text.min(1).optional(),
  adminPass: text.optional(),
  metadata: boundedRecord(text, MOST_METADATA).optional(),
  preserve_ephemeral: z.boolean().optional(),
  accessIPv4: z.union([z.ipv4(), z.literal('')]).optional(),
  accessIPv6: z.union([z.ipv6(), z.literal('')]).optional(),
  personality: z.array(z.unknown()).max(5).optional(),
  description: text.nullish(),
  key_name: text.nullish(),
  user_data: z.string().max(65_535).nullish(),
  trusted_image_certificates: z.null().optional(),
  hostname: z.string().min(1).max(63).optional(),
  ...disk,
});
type Rebuild = z.infer<typeof rebuild>;
const NEWER = {
  description: 19,
  key_name: 54,
  user_data: 57,
  trusted_image_certificates: 63,
  hostname: 90,
  personality: -57,
};
const rebuildServer = async (ctx: ComputeRequest, id: string, args: Rebuild): Promise<Reply> => {
  demandFieldsOf(ctx, args, NEWER);
  demandUuid(args.imageRef, 'Invalid imageRef provided.');
  const adminPass = await passwordFor(ctx, id, args.adminPass);
  const before = await getServer(ctx, id);
  const key = args.key_name === undefined ? before.keyName : args.key_name;
  const changed = await inOne(ctx, async (joint) => {
    await requestRebuild(joint, id, {
      image: args.imageRef,
      ...(args.name !== undefined && { name: args.name }),
      sshKeys: key === null ? null : [await keyForRebuild(joint, before, key)],
      rootPassword: adminPass,
      userData: args.user_data ?? null,
    });
    if (args.metadata) await metadataOf(joint, id, () => args.metadata ?? {});
    return changeServer(joint, id, {
      ...(args.description !== undefined && { description: args.description }),
      ...(args.hostname !== undefined && { hostname: args.hostname }),
      ...(args.key_name !== undefined && { keyName: args.key_name }),
      ...(args.accessIPv4 !== undefined && { accessIpv4: args.accessIPv4 }),
      ...(args.accessIPv6 !== undefined && { accessIpv6: args.accessIPv6 }),
    });
  });
  // The machine gets the name when it is rebuilt.
  const name = args.name ?? changed.name;
  const server = { ...oneServerView(ctx, changed), name, ...(adminPass !== null && { adminPass }) };
  const [self] = serverLinks(ctx, id);
  return new Reply({ server }, { headers: { Location: self?.href ?? '' } });
};
const liveMigration = z.strictObject({
  host: text.nullable(),
  block_migration: z.union([z.boolean(), text]).optional(),
  disk_over_commit: z.union([z.boolean(), text]).optional(),
  force: z.union([z.boolean(), text]).optional(),
});

/** Another size, host, image or password. */
export const sizeActions = {
  resize: action(z.strictObject({ flavorRef: ref, ...disk }), async (ctx, id, { flavorRef }) => {
    demandUuid(String(flavorRef), 'Invalid flavorRef provided.');
    await requestResize(ctx, id, String(flavorRef));
  }),
  confirmResize: action(z.unknown(), async (ctx, id) => {
    await confirmResize(ctx, id);
    return new Reply(undefined, { status: 204 });
  }),
  revertResize: plain((ctx, id) => revertResize(ctx, id)),
  rebuild: action(rebuild, rebuildServer),
  rescue: action(
    z.strictObject({ adminPass: text.optional(), rescue_image_ref: text.optional() }).nullish(),
    async (ctx, id, args) => {
      if (args?.rescue_image_ref !== undefined) demandUuid(args.rescue_image_ref, 'Invalid rescue_image_ref provided.');
      const given = args?.adminPass ?? null;
      const { password } = await requestRescue(ctx, id, { image: args?.rescue_image_ref ?? null, rootPassword: given });
      return new Reply({ adminPass: given ?? password }, { status: 200 });
    },
  ),
  unrescue: plain((ctx, id) => requestUnrescue(ctx, id)),
  changePassword: action(z.strictObject({ adminPass: text }), async (ctx, id, { adminPass }) => {
    await requestPassword(ctx, id, adminPass);
  }),
  migrate: action(z.strictObject({ host: text.nullish() }).nullish(), async (ctx, id, args) => {
    demandAdmin(ctx);
    if (args && 'host' in args && !since(ctx, 56))
      throw faceFault('invalid', "Additional properties are not allowed ('host' was unexpected)");
    await requestMigration(ctx, id, { live: false, host: args?.host ?? null });
  }),
  'os-migrateLive': action(liveMigration, async (ctx, id, { host }) => {
    demandAdmin(ctx);
    await requestMigration(ctx, id, { live: true, host });
  }),
};
