import { z } from 'zod';
import type { ApiDescription } from '../document.js';

const MEANING: Record<number, string> = {
  400: 'The request is not well formed, a value is refused, or the state does not allow it',
  401: 'No credential, or one that is not valid',
  403: 'The caller lacks the role',
  404: 'There is no such thing',
  406: 'The version is out of the range that is served',
  409: 'The node is busy, or the thing exists already',
  413: 'The body is too large',
  414: 'The path is longer than 4096 characters',
  502: 'A service broke off its answer',
  503: 'Not available for now',
  504: 'A service did not answer in time',
};
const schemes = {
  'X-Auth-Token': { type: 'apiKey', in: 'header', name: 'X-Auth-Token', description: 'A token of identity' },
  Bearer: { type: 'http', scheme: 'bearer', description: 'The same token in the form of RFC 6750' },
} as const;
const describeApi = (
  api: Pick<ApiDescription, 'title' | 'version' | 'description' | 'areas'>,
  refusal: z.ZodType,
): ApiDescription => ({
  ...api,
  schemes,
  security: (contract) => (contract.access === 'public' ? [[]] : [['X-Auth-Token'], ['Bearer']]),
  refusals: (contract) => [
    400,
    406,
    503,
    ...(contract.access === 'public' ? [] : [401, 403]),
    ...(/[:*]/.test(contract.path) ? [404] : []),
    ...(contract.body ? [413] : []),
  ],
  refusal: (status) => ({
    style: 'Refusal',
    description: MEANING[status] ?? 'Refused',
    content: { 'application/json': refusal },
    ...(status === 503 && { headers: ['Retry-After'] as const }),
    ...(status === 401 && { headers: ['WWW-Authenticate'] as const }),
  }),
});
/** The areas of the service, in the order of its row. */
const AREAS = {
  access: 'What there is.',
  nodes: 'The registry: nodes, their ports and traits, drivers.',
  bmc: 'Power and boot devices of machines.',
  rules: 'Rules that act on what was found.',
  runs: 'Introspection of a node: start, status, abort.',
  reports: 'What a machine reports, and what is kept of it.',
  provisioning: 'States of nodes, and inspection out of band.',
};
const areas = (...names: (keyof typeof AREAS)[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, AREAS[name]]));

/** How the inspector API refuses (contract introspection §1.2). */
export const inspectorApi: ApiDescription = describeApi(
  {
    title: 'Nefos introspection',
    version: '1.18',
    description: 'The ironic-inspector API, micro-versions 1.0 to 1.18.',
    areas: areas('access', 'rules', 'runs', 'reports'),
  },
  z.object({ error: z.object({ message: z.string() }) }).meta({ id: 'InspectorError' }),
);
/** How the registry refuses: JSON text inside JSON (contract introspection §11.1). */
export const registryApi: ApiDescription = describeApi(
  {
    title: 'Nefos bare metal registry',
    version: '1.96',
    description: 'A subset of the OpenStack Bare Metal API, microversions 1.1 to 1.96.',
    areas: areas('nodes', 'bmc', 'rules', 'reports', 'provisioning'),
  },
  z.object({ error_message: z.string() }).meta({ id: 'RegistryError' }),
);
