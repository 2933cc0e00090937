import { z } from 'zod';
import { METERING_EXAMPLES } from './examples.js';
import { isInternal, type ApiDescription, type RefusalShape } from '../document.js';

const detail = z.object({ detail: z.string() }).meta({ id: 'Detail' });
const fieldErrors = z
  .record(z.string(), z.unknown())
  .describe('field: its sentences; `non_field_errors` for the whole')
  .meta({ id: 'FieldErrors' });
const internalError = z
  .object({ error: z.string(), issues: z.array(z.object({ path: z.array(z.unknown()), rule: z.string() })).optional() })
  .meta({ id: 'InternalError' });
const MEANING: Record<number, string> = {
  400: 'The request is not well formed, or a value is refused',
  401: 'No credential, or one that is not valid',
  403: 'No credential, one that is not valid, or one that may not do this',
  404: 'There is no such thing, or none that the caller may see; also for an unknown `format`',
  406: 'JSON is not acceptable to the client',
  413: 'The body is too large',
  414: 'The path is longer than 4096 characters',
  415: 'The body is neither JSON nor a form',
  501: 'Not configured in this installation',
  502: 'A service broke off its answer',
  503: 'Not available for now',
  504: 'A service did not answer in time',
};
/** Its 403 has a body or none (contract metering §3), so that none is promised. */
const REINSPECT = '/v2/images/:id/reinspect/';
const internal: Omit<RefusalShape, 'description'> = {
  style: 'Internal',
  content: { 'application/json': internalError },
};

/** How metering refuses (contract metering §3): who is not known meets a 403, not a 401. */
export const meteringApi: ApiDescription = {
  title: 'Nefos metering',
  version: '2',
  description: 'The cloudigrade v2 API. Every path is served under /api/v2 and /api/cloudigrade/v2 too.',
  areas: {
    access: 'What there is, and what metering asks of AWS.',
    accounts: 'Cloud accounts whose instances are metered.',
    images: 'Machine images and what runs on them.',
    instances: 'Instances of the cloud accounts.',
    usage: 'Usage, day by day.',
  },
  examples: METERING_EXAMPLES,
  schemes: {
    'X-RH-IDENTITY': {
      type: 'apiKey',
      in: 'header',
      name: 'X-RH-IDENTITY',
      description: 'Base64 of `{"identity": {"account_number": ...}}`; from a trusted proxy only',
    },
    'X-Auth-Token': { type: 'apiKey', in: 'header', name: 'X-Auth-Token', description: 'A token of identity' },
    Bearer: { type: 'http', scheme: 'bearer', description: 'The same token in the form of RFC 6750' },
  },
  security: (contract) =>
    isInternal(contract) ? [['X-Auth-Token'], ['Bearer']] : [['X-RH-IDENTITY'], ['X-Auth-Token'], ['Bearer']],
  refusals: (contract) => [
    403,
    503,
    400, // text that can not be kept, in a parameter that is ignored else, too
    ...(isInternal(contract) ? [401] : [404, 406]),
    ...(contract.body ? [400, 413] : []),
    ...(contract.body && !isInternal(contract) ? [415] : []),
  ],
  refusal: (status, contract) => {
    if (status === 403 && contract.path === REINSPECT)
      return { style: 'Bare', description: 'The body is empty where the caller is no superuser' };
    return {
      description: MEANING[status] ?? 'Refused',
      ...(isInternal(contract)
        ? internal
        : {
            style: 'Refusal',
            content: { 'application/json': status === 400 ? z.union([detail, fieldErrors]) : detail },
          }),
      ...(status === 503 && { headers: ['Retry-After'] as const }),
    };
  },
};
