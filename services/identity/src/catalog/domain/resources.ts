import type { IdentityRequest } from '../../ctx.js';
import { listResources, type Resource } from '../store/catalog.js';

/** Quota resources, by name. */
export const resources = (ctx: IdentityRequest): Promise<Resource[]> => listResources(ctx.db);
