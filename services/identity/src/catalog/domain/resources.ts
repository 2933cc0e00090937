import type { IdentityRequest } from '../../ctx.js';
import { listResources, type Resource } from '../store/resources.js';

/** What quotas can be of, by name. */
export const resources = (ctx: IdentityRequest): Promise<Resource[]> => listResources(ctx.db);
