import type { AnyTable } from '@nefos/service-kit';
import { auditEvents } from './access/store/audit.js';
import { accountGroups, groupMembers } from './access/store/groups.js';
import { rateLimits } from './access/store/limits.js';
import { tokens } from './access/store/token-table.js';
import { applicationCredentials } from './sign-in/store/application-credentials.js';

/** Every table of this service, by area; `test/entities.test.ts` compares them with the migrated database. */
export const entities: readonly AnyTable[] = [
  accountGroups,
  groupMembers,
  tokens,
  auditEvents,
  rateLimits,
  applicationCredentials,
];
