import { STATUS_CODES } from 'node:http';
import { facadeImage } from '@nefos/contracts';
import type { Face } from '../../facade/api/face.js';
import { isQuota } from '../../facade/api/statuses.js';
import { NO_RANGE } from './range.js';

/** Refusals that Glance answers otherwise: of an upload the image goes, or the disk has no room for it. */
const STATUS_OF: Readonly<Record<string, number>> = { 'image.gone': 410, 'image.no_space': 413 };
/** The image API: Glance's. It has no microversions. */
export const imageFace: Face = {
  prefix: '/image',
  api: facadeImage.imageFaceApi,
  jsonTypes: ['application/openstack-images-v2.1-json-patch'],
  statusOf: (fault) => {
    if (fault.params.type === NO_RANGE) return 416;
    return isQuota(fault) ? 413 : STATUS_OF[fault.code];
  },
  faultBody: ({ status, message }) => ({
    message,
    code: `${status} ${STATUS_CODES[status] ?? ''}`,
    title: STATUS_CODES[status] ?? '',
  }),
};
