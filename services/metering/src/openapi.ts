import { openapi } from '@nefos/contracts';
import { endpoints } from './api/endpoints.js';

/** The OpenAPI document of this service. */
export const document = (): object =>
  openapi(
    endpoints.map((e) => e.contract),
    { title: 'Nefos metering', version: '2', description: 'The cloudigrade v2 API. Every path is served under /api/v2 and /api/cloudigrade/v2 too.' },
    ['X-RH-IDENTITY', 'X-Auth-Token', 'Bearer'],
  );
