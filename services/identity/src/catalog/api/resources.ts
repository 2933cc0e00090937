import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { resources } from '../domain/resources.js';

const endpoint = endpointFor<IdentityCtx>();
export const resourceEndpoints = [
  endpoint(identity.listResources, async (ctx) =>
    Object.fromEntries(
      (await resources(ctx)).map((r) => [
        r.name,
        {
          service: r.serviceOrigin,
          description: r.description,
          unit: r.unit,
          ui_visible: r.uiVisible,
          api_visible: true,
          allow_in_projects: true,
        },
      ]),
    ),
  ),
];
