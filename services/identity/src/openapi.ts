import { openapi } from '@nefos/contracts';
import { endpoints } from './api/endpoints.js';

/** The OpenAPI document of this service, from the contracts it serves. */
export const document = (): object =>
  openapi(
    endpoints.map((e) => e.contract),
    { title: 'Nefos identity', version: '1.0' },
    ['X-Auth-Token', 'Bearer'],
  );
