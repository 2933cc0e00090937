import type { Fault, FaultKind, FaultParams } from '@nefos/service-kit';

/** The sentence of each refusal of this service, by its code. */
const SENTENCES: Readonly<Record<string, (params: FaultParams) => string>> = {
  'version.malformed': ({ asked }) =>
    `Malformed API version: expected string in form of X.Y or latest, not "${String(asked)}"`,
  version: ({ asked, minimum, maximum }) =>
    `Unsupported API version ${String(asked)}, supported range is ${String(minimum)} to ${String(maximum)}`,
  'version.absent': ({ name }) => `version ${String(name)} not found`,
  'version.header': () => 'Invalid value for X-OpenStack-Ironic-API-Version header',
  'version.range': ({ asked, minimum, maximum }) =>
    `Version ${String(asked)} was requested but is not supported by this service. ` +
    `The supported version range is: [${String(minimum)}, ${String(maximum)}].`,
  'version.field': () => 'Request not acceptable.',
  'version.old': ({ since }) => `Request not acceptable. The minimal required API version should be ${String(since)}`,
  'credentials.missing': () => 'Authentication required',
  'basic.wrong': () => 'Incorrect username or password',
  'basic.malformed': () =>
    'Only HTTP Basic authentication is supported: "Authorization: Basic" with a name and a password',
  'basic.busy': () => 'Too many passwords are checked at once; try again in a moment',
  token: () => 'Authentication required',
  'idempotency.key': () => 'Idempotency-Key must be 1 to 255 visible characters.',
  policy: () => 'Access denied by policy',
  'report.unmatched': () => 'The requested resource was not found',
  'report.source': () => 'Reports are not taken from this address',
  'report.token': () => "The token is not that of the node's run",
  'report.rate': () => 'Too many reports from this address; try again later',
  'report.busy': () => 'Too many large reports at once; try again in a moment',
  'reapply.body': () => 'User data processing is not supported yet: a version below 1.15 takes no data',
  'rule.not_found': ({ uuid }) => `Rule ${String(uuid)} was not found`,
  'rule.exists': ({ uuid }) => `Rule with UUID ${String(uuid)} already exists`,
  'rule.too_many': ({ most }) => `There are ${String(most)} rules already; no more are taken`,
  path: () => 'The requested URL was not found on the server.',
};
const GENERAL: Readonly<Record<FaultKind, string>> = {
  invalid: 'The request is not valid.',
  expectation: 'The expectation can not be met.',
  unauthenticated: 'Authentication required',
  forbidden: 'Access denied by policy',
  not_found: 'Not found.',
  method: 'The method is not allowed for the requested URL.',
  not_acceptable: 'Not acceptable.',
  media_type: 'The media type is not supported.',
  conflict: 'The request conflicts with another one.',
  precondition: 'A condition of the request does not hold.',
  too_large: 'The request body is too large.',
  too_many: 'Too many requests; try again later.',
  capacity: 'Out of capacity; try again later.',
  upstream: 'A service that is needed for this failed.',
  unavailable: 'Temporarily unavailable; try again in a moment.',
  unsupported: 'Not implemented.',
  internal: 'Internal server error',
};
/** What a refusal says. `params.message` is the text of what was refused by a rule of the domain. */
export const sentenceOf = ({ kind, code, params }: Fault): string => {
  if (typeof params.message === 'string') return params.message;
  const own = SENTENCES[code]?.(params);
  if (own !== undefined) return own;
  if (code.startsWith('body.') && typeof params.reason === 'string') return `The body is not valid: ${params.reason}`;
  const [issue] = params.issues ?? [];
  const said = issue?.values?.message ?? issue?.values?.text;
  return issue && typeof said === 'string'
    ? `Invalid ${issue.path.map(String).join('.') || 'body'}: ${said}`
    : GENERAL[kind];
};
