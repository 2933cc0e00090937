import { identity, openapi } from '@nefos/contracts';
import { endpoints } from './endpoints.js';

/** The published OpenAPI document of this service, from the contracts it serves, by its file name. */
export const documents = {
  'openapi.json': () =>
    openapi(
      identity.identityApi,
      endpoints.map((e) => e.contract),
    ),
};
