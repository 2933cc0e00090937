import { facadeCompute } from '@nefos/contracts';
import { keyedFault, type Face } from '../../facade/api/face.js';
import { negotiateMicroversion } from '../../facade/api/microversion.js';
import { isQuota } from '../../facade/api/statuses.js';

/** Microversions of Nova that are offered (contract compute §12.2). */
export const NOVA = {
  service: 'compute',
  legacyHeader: 'X-OpenStack-Nova-API-Version',
  major: 2,
  min: 1,
  max: 90,
} as const;

/** The compute API: Nova's. */
export const computeFace: Face = {
  prefix: '/compute',
  api: facadeCompute.computeFaceApi,
  projectAfter: '/compute/v2.1',
  requestIdHeader: 'X-Compute-Request-Id',
  statusOf: (fault) => (isQuota(fault) ? 403 : undefined),
  faultBody: keyedFault,
  negotiate: (req, res, ctx) => negotiateMicroversion(req, res, ctx, NOVA),
};
