import { billingEndpoints, invoicingEndpoints } from './billing.js';
import { clientGroupEndpoints } from './client-groups.js';
import { clientEndpoints } from './clients.js';
import { sessionEndpoints } from './sessions.js';
import { userEndpoints } from './users.js';

/** Clients, groups, users, tokens, sessions, services and billing. */
export const portalEndpoints = [
  ...invoicingEndpoints,
  ...clientEndpoints,
  ...billingEndpoints,
  ...clientGroupEndpoints,
  ...userEndpoints,
  ...sessionEndpoints,
];
