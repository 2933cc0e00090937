import { z } from 'zod';
import { faceApi } from '../document.js';

const KEYS = z.enum([
  'badRequest',
  'forbidden',
  'itemNotFound',
  'badMethod',
  'conflictingRequest',
  'overLimit',
  'badMediaType',
  'notImplemented',
  'serviceUnavailable',
  'computeFault',
]);
/** One key by status (contract compute §12.2, the row "Faults"). */
const fault = z.partialRecord(
  KEYS,
  z.object({ code: z.int(), message: z.string(), retryAfter: z.string().optional() }),
);

/** Nova's API (contract compute §12.2, §12.3). */
export const computeFaceApi = faceApi({
  title: 'Nefos: the OpenStack Compute API',
  description: 'What Nova answers, microversions 2.1 to 2.90, on the instances of the portal.',
  areas: { 'facade-compute': 'Servers, flavors, key pairs, limits, usage, hosts.' },
  fault,
});
