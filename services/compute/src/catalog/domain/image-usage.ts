import type { Tx } from '@nefos/service-kit';
import { endUsage, recordUsageOfImage } from '../../owners/domain/usage.js';
import type { OwnedImage } from '../store/images.js';

/** Tells metering what a client's own image takes from now on; images of the cloud itself are nobody's use. */
export const meterImage = (
  tx: Tx,
  { id, status, clientId, regionId, size }: Pick<OwnedImage, 'id' | 'status' | 'clientId' | 'regionId' | 'size'>,
): Promise<void> =>
  clientId !== null && (status === 'active' || status === 'deactivated')
    ? recordUsageOfImage(tx, { id, clientId, region: regionId }, BigInt(size))
    : endUsage(tx, 'image', id);
