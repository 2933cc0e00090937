import { z } from 'zod';
import type { ApiDescription } from '../document.js';
import type { Contract } from '../endpoint.js';
import { IDENTITY_EXAMPLES } from './examples.js';
import { surfaceOf } from './surfaces.js';

const text = z.string();
const faultDetail = z.object({ code: z.int(), message: text, details: text }).meta({ id: 'FaultDetail' });
const error = z.object({ code: z.int(), title: text, message: text }).meta({ id: 'Error' });
const keystoneError = z.object({ error }).meta({ id: 'KeystoneError' });
const internalError = z.object({ error: error.extend({ reason: text }) }).meta({ id: 'InternalError' });

/** The statuses of this service and what the guide calls them. */
const NAMES: Record<number, [name: string, meaning: string]> = {
  400: ['badRequest', 'The request is not well formed, or a value is refused'],
  401: ['unauthorized', 'No credential, or one that is not valid'],
  403: ['forbidden', 'The caller may not do this'],
  404: ['itemNotFound', 'There is no such thing, or none that the caller may see'],
  409: ['conflict', 'The state does not allow it'],
  413: ['requestEntityTooLarge', 'The body is too large'],
  429: ['overLimit', 'Too many failures or requests'],
};
const LATER: Record<number, string> = {
  414: 'The path is longer than 4096 characters',
  501: 'Not configured in this installation',
  502: 'A service broke off its answer',
  503: 'Not available for now',
  504: 'A service did not answer in time',
};
/** `{"badRequest": {...}}`: one member, named after the kind of refusal. */
const named = (status: number): Record<string, z.ZodType> | undefined => {
  const known = NAMES[status];
  return known && status !== 413 ? { [known[0]]: faultDetail } : undefined;
};
const fault = (status: number, surface: string): z.ZodType => {
  if (surface === 'V3') return keystoneError;
  if (surface === 'Internal') return internalError;
  const own = named(status);
  if (surface === 'V2') return own ? z.object({ ...own, error }) : z.object({ error }).catchall(faultDetail);
  return own ? z.object(own) : z.record(text, faultDetail);
};
const TOKENS = [['X-Auth-Token'], ['Bearer']];
/** Public by their refusals only: without a token they always refuse (contract identity §7.2). */
const BY_TOKEN = new Set(['/identity/v2.0/tokens/*id', '/identity/v2.0/tokens/*id/endpoints']);

const changesByToken = ({ access, method }: Contract): boolean => access === 'user' && method !== 'get';
/** On v3 the token of a component is known, and refused where its contract does not let components in. */
const notForComponents = ({ access, path, components }: Contract): boolean =>
  access === 'user' && surfaceOf(path).componentsCall && components === undefined;

/** How identity refuses (contract identity §1, §12.1). */
export const identityApi: ApiDescription = {
  title: 'Nefos identity',
  version: '1.0',
  description: "Astakos account API, OpenStack Identity v2.0 and v3. The guide's part answers in XML as well.",
  areas: {
    access: 'Whose token it is.',
    catalog: 'The cloud services, and the resources that quotas count.',
    projects: 'Projects: apply, read, cancel.',
    accounts: 'Users: names and uuids, feedback, the default project.',
    'sign-in': 'The pages and the menu of a browser.',
    keystone: 'OpenStack Identity v2.0 and v3: tokens, users, projects, roles, catalog.',
  },
  examples: IDENTITY_EXAMPLES,
  schemes: {
    'X-Auth-Token': { type: 'apiKey', in: 'header', name: 'X-Auth-Token', description: 'A token of identity' },
    Bearer: { type: 'http', scheme: 'bearer', description: 'The same token in the form of RFC 6750' },
    session: {
      type: 'apiKey',
      in: 'cookie',
      name: '_pithos2_a',
      description:
        '`<uuid>|<token>`, percent-encoded; set by POST /ui/login. Read by the pages under /ui only. ' +
        'A form that changes something carries its own token, the field `csrf`: it is in the page that GET shows, ' +
        'it belongs to the session, and without it the answer is 403',
    },
  },
  security: ({ access, path }) =>
    access === 'session'
      ? path === '/ui/login'
        ? []
        : [['session'], []]
      : access === 'public' && !BY_TOKEN.has(path)
        ? []
        : TOKENS,
  refusals: (contract) => [
    400,
    503,
    ...(contract.access === 'public' || contract.access === 'session' ? [] : [401]),
    // A token that may only read meets a 403 wherever something could change.
    ...(contract.access === 'admin' ||
    contract.access === 'service' ||
    changesByToken(contract) ||
    notForComponents(contract)
      ? [403]
      : []),
    ...(contract.params ? [404] : []),
    ...(contract.body ? [413] : []),
  ],
  refusal: (status, contract) => {
    const { name: surface, xml } = surfaceOf(contract.path);
    return {
      style: surface,
      description: NAMES[status]?.[1] ?? LATER[status] ?? 'Refused',
      content: { 'application/json': fault(status, surface), ...(xml && { 'application/xml': undefined }) },
      headers: [
        ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
        ...(status === 429 || status === 503 ? (['Retry-After'] as const) : []),
      ],
    };
  },
};
