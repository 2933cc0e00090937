import { compute, openapi } from '@nefos/contracts';
import { endpoints } from './endpoints.js';
import { faces } from './facades.js';

/**
 * The published OpenAPI documents of this service, from the contracts it serves, by their file names: the portal's, and
 * one for each API of OpenStack.
 */
export const documents: Readonly<Record<string, () => object>> = {
  'openapi.json': () =>
    openapi(
      compute.computeApi,
      endpoints.map((e) => e.contract),
    ),
  ...Object.fromEntries(
    faces.map(({ face, endpoints: own }) => [
      `openapi-openstack-${face.prefix.slice(1)}.json`,
      () =>
        openapi(
          face.api,
          own.map((e) => e.contract),
        ),
    ]),
  ),
};
