import { billingEndpoints, invoicingEndpoints } from './billing/api/billing.js';
import { clientGroupEndpoints } from './clients/api/groups.js';
import { clientEndpoints } from './clients/api/clients.js';
import { sessionEndpoints } from './users/api/sessions.js';
import { userEndpoints } from './users/api/users.js';

/** Clients, groups, users, tokens, sessions, services and billing. */
export const portalEndpoints = [
  ...invoicingEndpoints,
  ...clientEndpoints,
  ...billingEndpoints,
  ...clientGroupEndpoints,
  ...userEndpoints,
  ...sessionEndpoints,
];
