import { z } from 'zod';
import { faceApi } from '../document.js';

/** Glance's API (contract compute §12.4). */
export const imageFaceApi = faceApi({
  title: 'Nefos: the OpenStack Image API',
  description: 'What Glance answers, v2, on the images of the portal.',
  areas: { 'facade-image': 'Images, their data, members and tags.' },
  fault: z.object({ code: z.string(), title: z.string(), message: z.string() }),
});
