import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { facadeCompute } from '@nefos/contracts';
import { Reply } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { demandUuid } from '../../facade/domain/known-id.js';
import { inOne } from '../../facade/domain/in-one.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { requestMigration } from '../../instances/domain/migrations.js';
import { requestPassword, requestRebuild, requestRescue, requestUnrescue } from '../../instances/domain/rescues.js';
import { confirmResize, requestResize, revertResize } from '../../instances/domain/resizes.js';
import { keyForRebuild } from '../domain/keypairs.js';
import { metadataOf } from '../domain/metadata.js';
import { changeServer, getServer } from '../domain/servers.js';
import { action, changingAction, passedOver, plain } from './action.js';
import { demandFieldsOf, type Spans } from './newer-fields.js';
import { refuseUnserved } from './server-input.js';
import { changedServerView, serverLinks } from './servers.view.js';

const text = z.string().max(255);
const { novaBoolean, novaBooleanOrAuto, novaFlavorRef, novaFqdn, novaUuid } = facadeCompute;
const disk = { 'OS-DCF:diskConfig': z.enum(['AUTO', 'MANUAL']).optional() };
/** A password for a guest, where the region can set one. */
const passwordFor = async (ctx: ComputeRequest, id: string, given: string | undefined): Promise<string | null> => {
  if (given !== undefined) return given;
  const { regionId } = await getServer(ctx, id);
  return ctx.drivers.of(regionId).capabilities.createFields?.has('root_password')
    ? randomBytes(12).toString('base64url')
    : null;
};
type Rebuild = z.infer<typeof facadeCompute.serverRebuild>;
const NEWER: Spans = {
  description: 19,
  key_name: 54,
  user_data: 57,
  trusted_image_certificates: 63,
  hostname: 90,
  personality: [[1, 57]],
};
const rebuildServer = async (ctx: ComputeRequest, id: string, args: Rebuild): Promise<Reply> => {
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
  const server = {
    ...changedServerView(ctx, changed),
    ...(since(ctx, 54) && { key_name: key }),
    ...(since(ctx, 57) && { user_data: args.user_data ?? null }),
    name,
    ...(adminPass !== null && { adminPass }),
  };
  const [self] = serverLinks(ctx, id);
  return new Reply({ server }, { headers: { Location: self?.href ?? '' } });
};
const host = novaFqdn.nullable();
const live = z.strictObject({ host, block_migration: novaBooleanOrAuto });
/** `disk_over_commit` until 2.25, `force` from 2.30 until 2.68. */
const liveMigration = changingAction<z.ZodType<{ host: string | null }>>(
  [
    [1, z.strictObject({ host, block_migration: novaBoolean, disk_over_commit: novaBoolean })],
    [25, live],
    [30, live.extend({ force: novaBoolean.optional() })],
    [68, live],
  ],
  async (ctx, id, args) => {
    demandAdmin(ctx);
    await requestMigration(ctx, id, { live: true, host: args.host });
  },
);
const coldMigration = changingAction<z.ZodType<{ host?: string | null | undefined } | null>>(
  [
    [1, passedOver],
    [56, z.strictObject({ host: host.optional() }).nullable()],
  ],
  async (ctx, id, args) => {
    demandAdmin(ctx);
    await requestMigration(ctx, id, { live: false, host: args?.host ?? null });
  },
);

/** Another size, host, image or password. */
export const sizeActions = {
  resize: action(z.strictObject({ flavorRef: novaFlavorRef, ...disk }), async (ctx, id, { flavorRef }) => {
    demandUuid(String(flavorRef), 'Invalid flavorRef provided.');
    await requestResize(ctx, id, String(flavorRef));
  }),
  confirmResize: action(z.unknown(), async (ctx, id) => {
    await confirmResize(ctx, id);
    return new Reply(undefined, { status: 204 });
  }),
  revertResize: plain((ctx, id) => revertResize(ctx, id)),
  rebuild: {
    ...action(facadeCompute.serverRebuild, rebuildServer),
    demand: (ctx: ComputeRequest, args: Rebuild): void => {
      demandFieldsOf(ctx, args, NEWER, 'rebuild');
      refuseUnserved(args);
    },
  },
  rescue: action(
    z.strictObject({ adminPass: text.optional(), rescue_image_ref: novaUuid.optional() }).nullable(),
    async (ctx, id, args) => {
      const given = args?.adminPass ?? null;
      const { password } = await requestRescue(ctx, id, { image: args?.rescue_image_ref ?? null, rootPassword: given });
      return new Reply({ adminPass: given ?? password }, { status: 200 });
    },
  ),
  unrescue: plain((ctx, id) => requestUnrescue(ctx, id)),
  changePassword: action(z.strictObject({ adminPass: text }), async (ctx, id, { adminPass }) => {
    await requestPassword(ctx, id, adminPass);
  }),
  migrate: coldMigration,
  'os-migrateLive': liveMigration,
};
