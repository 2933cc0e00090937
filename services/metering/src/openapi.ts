import { metering, openapi } from '@nefos/contracts';
import { endpoints } from './endpoints.js';

/** The published OpenAPI document of this service, from the contracts it serves. */
export const document = (): object =>
  openapi(
    metering.meteringApi,
    endpoints.map((e) => e.contract),
  );
