import { z } from 'zod';
import { faceApi } from '../document.js';

const fault = z.record(z.string(), z.object({ code: z.int(), message: z.string(), retryAfter: z.string().optional() }));

/** Cinder's API (contract compute §12.1, §12.3). */
export const volumeFaceApi = faceApi({
  title: 'Nefos: the OpenStack Block Storage API',
  description: 'What Cinder answers, v3, on the volumes of the portal.',
  areas: { 'facade-volume': 'Volumes, snapshots, backups, types, attachments, quotas.' },
  fault,
});
