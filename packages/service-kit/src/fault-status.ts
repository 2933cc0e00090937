import type { FaultKind } from './fault.js';

/** HTTP's own status of each kind of refusal. A dialect whose original has others says which. */
export const STATUS_OF_KIND: Readonly<Record<FaultKind, number>> = {
  invalid: 400,
  expectation: 417,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method: 405,
  not_acceptable: 406,
  media_type: 415,
  conflict: 409,
  precondition: 412,
  too_large: 413,
  too_many: 429,
  capacity: 503,
  upstream: 502,
  unavailable: 503,
  unsupported: 501,
  internal: 500,
};
