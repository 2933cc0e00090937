import type { Endpoint } from '@nefos/service-kit';
import { authenticateEndpoints } from './access/api/authenticate.js';
import { defaultProjectEndpoints } from './accounts/api/default-project.js';
import { feedbackEndpoints } from './accounts/api/feedback.js';
import { internalUserEndpoints } from './accounts/api/internal-users.js';
import { userCatalogEndpoints } from './accounts/api/user-catalogs.js';
import { resourceEndpoints } from './catalog/api/resources.js';
import { serviceEndpoints } from './catalog/api/services.js';
import type { IdentityCtx } from './ctx.js';
import { discoveryEndpoints } from './keystone/api/discovery.js';
import { tenantEndpoints } from './keystone/api/v2-tenants.js';
import { tokenEndpoints } from './keystone/api/v2-tokens.js';
import { adminUserEndpoints } from './keystone/api/v2-users.js';
import { credentialEndpoints } from './keystone/api/v3-application-credentials.js';
import { v3AssignmentEndpoints } from './keystone/api/v3-assignments.js';
import { v3CatalogEndpoints } from './keystone/api/v3-catalog.js';
import { v3ProjectEndpoints } from './keystone/api/v3-projects.js';
import { v3TokenEndpoints } from './keystone/api/v3-tokens.js';
import { v3UserEndpoints } from './keystone/api/v3-users.js';
import { internalProjectEndpoints } from './projects/api/internal-projects.js';
import { projectEndpoints } from './projects/api/projects.js';
import { internalTokenEndpoints } from './sign-in/api/internal-tokens.js';
import { menuEndpoints } from './sign-in/api/menu.js';
import { pageEndpoints } from './sign-in/api/pages.js';
import { termsPageEndpoints } from './sign-in/api/terms-pages.js';

/**
 * Every endpoint of this service. Express tries paths in this order, so the hot ones come first; the document has the
 * same order.
 */
export const endpoints: readonly Endpoint<IdentityCtx>[] = [
  ...serviceEndpoints,
  ...menuEndpoints,
  ...authenticateEndpoints,
  ...feedbackEndpoints,
  ...defaultProjectEndpoints,
  ...userCatalogEndpoints,
  ...resourceEndpoints,
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
  ...internalUserEndpoints,
  ...internalTokenEndpoints,
  ...internalProjectEndpoints,
];
