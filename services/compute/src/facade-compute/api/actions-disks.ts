import { boundedRecord, facadeCompute } from '@nefos/contracts';
import { Reply } from '@nefos/service-kit';
import { z } from 'zod';
import type { ComputeRequest } from '../../ctx.js';
import { publicUrl } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { requestSnapshot } from '../../instances/domain/snapshots.js';
import { action } from './action.js';

const name = facadeCompute.novaName;
const metadata = facadeCompute.serverMetadata.optional();
/** Where the new image is: in a header below 2.45, in the body from then on. */
const imageReply = (ctx: ComputeRequest, imageId: string): Reply =>
  since(ctx, 45)
    ? new Reply({ image_id: imageId })
    : new Reply(undefined, { headers: { Location: publicUrl(ctx, `/image/v2/images/${imageId}`) } });
const TYPES = ['daily', 'weekly', 'monthly'] as const;
/** A type of another name is a backup made by hand. */
const typeOf = (given: string) => TYPES.find((one) => one === given) ?? ('manual' as const);

/** Images of a server. */
export const diskActions = {
  createImage: action(z.strictObject({ name, metadata }), async (ctx, id, args) => {
    const { imageId } = await requestSnapshot(ctx, id, {
      name: args.name,
      properties: args.metadata ?? {},
      backup: null,
    });
    return imageReply(ctx, imageId);
  }),
  createBackup: action(
    z.strictObject({
      name,
      backup_type: z.string().max(255),
      rotation: facadeCompute.novaInteger(0, 1000),
      // Of a backup Nova does not look at the names.
      metadata: boundedRecord(z.string().max(255), 128).optional(),
    }),
    async (ctx, id, args) => {
      const backup = { type: typeOf(args.backup_type), rotation: Math.max(1, args.rotation) };
      const { imageId } = await requestSnapshot(ctx, id, { name: args.name, properties: args.metadata ?? {}, backup });
      return imageReply(ctx, imageId);
    },
  ),
};
