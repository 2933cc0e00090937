import type { AnyTable } from '@nefos/service-kit';
import { auditEvents } from './access/store/audit.js';
import { accountGroups, groupMembers } from './access/store/groups.js';
import { rateLimits } from './access/store/limits.js';
import { tokens } from './access/store/tokens.js';
import { accounts } from './accounts/store/accounts.js';
import { feedback } from './accounts/store/feedback.js';
import { loadedFixtures } from './accounts/store/loaded.js';
import { approvalTerms } from './accounts/store/terms.js';
import { components } from './catalog/store/components.js';
import { endpointData, endpoints } from './catalog/store/endpoints.js';
import { quotaResources } from './catalog/store/resources.js';
import { services } from './catalog/store/services.js';
import { projectApplications } from './projects/store/applications.js';
import { projectMembers } from './projects/store/members.js';
import { projects } from './projects/store/projects.js';
import { applicationCredentials } from './sign-in/store/application-credentials.js';

/** Every table of this service, by area; `test/entities.test.ts` compares them with the migrated database. */
export const entities: readonly AnyTable[] = [
  ...[accountGroups, groupMembers, tokens, auditEvents, rateLimits],
  ...[components, services, endpoints, endpointData, quotaResources],
  ...[projects, projectMembers, projectApplications],
  ...[accounts, approvalTerms, feedback, loadedFixtures],
  applicationCredentials,
];
