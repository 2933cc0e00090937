import { metering, openapi } from '@nefos/contracts';
import { endpoints } from './endpoints.js';

/** The published OpenAPI document of this service, from the contracts it serves, by its file name. */
export const documents = {
  'openapi.json': () =>
    openapi(
      metering.meteringApi,
      endpoints.map((e) => e.contract),
    ),
};
