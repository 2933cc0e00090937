import type { Endpoint } from '@nefos/service-kit';
import type { IdentityCtx } from '../ctx.js';
import { accountEndpoints } from './account.js';
import { adminUserEndpoints } from './admin-users.js';
import { credentialEndpoints } from './application-credentials.js';
import { discoveryEndpoints } from './discovery.js';
import { internalEndpoints } from './internal.js';
import { pageEndpoints } from './pages.js';
import { projectEndpoints } from './projects.js';
import { tenantEndpoints } from './tenants.js';
import { termsPageEndpoints } from './terms-pages.js';
import { tokenEndpoints } from './tokens.js';
import { v3AssignmentEndpoints } from './v3-assignments.js';
import { v3CatalogEndpoints } from './v3-catalog.js';
import { v3ProjectEndpoints } from './v3-projects.js';
import { v3TokenEndpoints } from './v3-tokens.js';
import { v3UserEndpoints } from './v3-users.js';

/** Every endpoint of this service; the hot ones first, since paths are tried in this order. */
export const endpoints: readonly Endpoint<IdentityCtx>[] = [
  ...accountEndpoints,
  ...tokenEndpoints,
  ...v3TokenEndpoints,
  ...tenantEndpoints,
  ...adminUserEndpoints,
  ...v3UserEndpoints,
  ...v3ProjectEndpoints,
  ...v3CatalogEndpoints,
  ...v3AssignmentEndpoints,
  ...credentialEndpoints,
  ...projectEndpoints,
  ...discoveryEndpoints,
  ...pageEndpoints,
  ...termsPageEndpoints,
  ...internalEndpoints,
];
