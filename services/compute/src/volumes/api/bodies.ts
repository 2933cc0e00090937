import type { compute } from '@nefos/contracts';
import type { z } from 'zod';
import type { VolumeInput } from '../domain/volumes.js';

/** The body of a new volume as the domain takes it; the command line has the same. */
export const volumeInput = (b: z.infer<typeof compute.userVolumes.create.body>): VolumeInput => ({
  region: b.region,
  name: b.name,
  description: b.description,
  size: b.size,
  type: b.volume_type,
  deleteProtection: b.delete_protection,
  source: { image: b.image, snapshot: b.snapshot, volume: b.volume, backup: b.backup },
});
