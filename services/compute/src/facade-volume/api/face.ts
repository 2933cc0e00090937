import { facadeVolume } from '@nefos/contracts';
import { keyedFault, type Face } from '../../facade/api/face.js';
import { negotiateMicroversion } from '../../facade/api/microversion.js';
import { isQuota } from '../../facade/api/statuses.js';

/** Microversions of Cinder that are offered. */
export const CINDER = { service: 'volume', major: 3, min: 0, max: 70 } as const;

/** The block storage API: Cinder's. */
export const volumeFace: Face = {
  prefix: '/volume',
  api: facadeVolume.volumeFaceApi,
  projectAfter: '/volume/v3',
  statusOf: (fault) => (isQuota(fault) ? 413 : undefined),
  faultBody: keyedFault(
    {
      400: 'badRequest',
      403: 'forbidden',
      404: 'itemNotFound',
      405: 'badMethod',
      409: 'conflictingRequest',
      413: 'overLimit',
      415: 'badMediaType',
      429: 'overLimit',
      501: 'notImplemented',
      503: 'serviceUnavailable',
    },
    'computeFault',
  ),
  negotiate: (req, res, ctx) => negotiateMicroversion(req, res, ctx, CINDER),
};
