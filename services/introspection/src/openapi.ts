import { introspection, openapi } from '@nefos/contracts';
import { inspectorEndpoints, registryEndpoints } from './endpoints.js';

/** The published OpenAPI documents of this service, from the contracts it serves, by their file names. */
export const documents = {
  'openapi.json': () =>
    openapi(
      introspection.inspectorApi,
      inspectorEndpoints.map((e) => e.contract),
    ),
  'openapi-baremetal.json': () =>
    openapi(
      introspection.registryApi,
      registryEndpoints.map((e) => e.contract),
    ),
};
