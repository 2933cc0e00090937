import type { Endpoint } from '@nefos/service-kit';
import type { IdentityCtx } from './ctx.js';
import { accountEndpoints } from './accounts/api/account.js';
import { adminUserEndpoints } from './keystone/api/v2-users.js';
import { credentialEndpoints } from './keystone/api/v3-application-credentials.js';
import { discoveryEndpoints } from './keystone/api/discovery.js';
import { internalEndpoints } from './sign-in/api/internal.js';
import { pageEndpoints } from './sign-in/api/pages.js';
import { projectEndpoints } from './projects/api/projects.js';
import { tenantEndpoints } from './keystone/api/v2-tenants.js';
import { termsPageEndpoints } from './sign-in/api/terms-pages.js';
import { tokenEndpoints } from './keystone/api/v2-tokens.js';
import { v3AssignmentEndpoints } from './keystone/api/v3-assignments.js';
import { v3CatalogEndpoints } from './keystone/api/v3-catalog.js';
import { v3ProjectEndpoints } from './keystone/api/v3-projects.js';
import { v3TokenEndpoints } from './keystone/api/v3-tokens.js';
import { v3UserEndpoints } from './keystone/api/v3-users.js';

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
