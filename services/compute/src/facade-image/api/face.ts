import { STATUS_CODES } from 'node:http';
import { facadeImage } from '@nefos/contracts';
import type { Face } from '../../facade/api/face.js';
import { isQuota } from '../../facade/api/statuses.js';

/** The image API: Glance's. It has no microversions. */
export const imageFace: Face = {
  prefix: '/image',
  api: facadeImage.imageFaceApi,
  jsonTypes: ['application/openstack-images-v2.1-json-patch'],
  statusOf: (fault) => (isQuota(fault) ? 413 : undefined),
  faultBody: ({ status, message }) => ({
    message,
    code: `${status} ${STATUS_CODES[status] ?? ''}`,
    title: STATUS_CODES[status] ?? '',
  }),
};
