import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { catalogsForService, catalogsForUser, type Catalogs } from '../domain/user-catalogs.js';

const endpoint = endpointFor<IdentityCtx>();
const catalogsView = ({ byName, byUuid }: Catalogs) => ({ displayname_catalog: byName, uuid_catalog: byUuid });

export const userCatalogEndpoints = [
  endpoint(identity.getUserCatalogs, async (ctx, { body }) => catalogsView(await catalogsForUser(ctx, body))),
  endpoint(identity.getServiceUserCatalogs, async (ctx, { body }) => catalogsView(await catalogsForService(ctx, body))),
];
