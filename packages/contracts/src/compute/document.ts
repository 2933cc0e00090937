import { z } from 'zod';
import type { ApiDescription } from '../document.js';
import type { Contract } from '../endpoint.js';
import { COMPUTE_EXAMPLES } from './examples.js';
import { detailed } from './lists.js';

const SAFE = new Set(['get', 'head', 'options']);
/** A field's sentences, or the same of the fields inside it. */
const fieldErrors = z
  .record(z.string(), z.unknown())
  .describe('field: its sentences, or the same of its own fields; `non_field_errors` for the whole')
  .meta({ id: 'FieldErrors' });
const invalid = z.union([detailed, fieldErrors]);
const MEANING: Record<number, string> = {
  400: 'The request is not well formed, or a value is refused',
  401: 'No credential, or one that is not valid',
  403: 'The caller may not do this',
  404: 'There is no such thing, or none that the caller may see',
  409: 'The state does not allow it',
  413: 'The body is too large',
  414: 'The path is longer than 4096 characters',
  415: 'The body is not of a media type that the endpoint takes',
  422: 'The Idempotency-Key was used with another request',
  426: 'The request has to offer a WebSocket',
  429: 'Too many failures or requests',
  502: 'A service broke off its answer',
  503: 'Not available for now',
  504: 'A service did not answer in time',
};
/**
 * Endpoints that ignore Idempotency-Key: answers with a secret, such as the address of a console, are not stored, and a
 * log-out ends the session with which it came.
 */
export const isNeverReplayed = (path: string): boolean =>
  /\/(tokens|login|logout|get-sso-session|sshkeys|console|remote-consoles|webhooks)$/.test(path);
const idempotent = ({ method, access, path }: Contract): boolean =>
  method === 'post' && access !== 'public' && !isNeverReplayed(path);

/** A page that does not exist is a 404. */
const isPaged = ({ query }: Contract): boolean => query instanceof z.ZodObject && 'page' in query.shape;

/** How compute refuses (contract compute §1, §2). */
export const computeApi: ApiDescription = {
  title: 'Nefos compute',
  version: '1',
  description:
    'Clients and billing portal, instances. On POST, `Idempotency-Key` makes a repetition answer as the first.',
  areas: {
    users: 'Portal users, their tokens, sessions, SSH keys and single sign-on.',
    catalog: 'Regions, flavors, images, networks, hosts and resellers.',
    projects: 'Projects of clients, their limits and what they use.',
    events: 'What happens, as a stream and by webhooks.',
    networking: 'Ports, floating IPs, security groups, routers, and the networks of clients.',
    volumes: 'Volumes, their types, snapshots and backups.',
    operations: 'Changes that go on after their request was answered.',
    instances: 'Instances: create, read, act, delete.',
    consoles: 'The screens and serial lines of instances, for a browser.',
    schedules: 'When instances are started, stopped and backed up by themselves.',
    clients: 'Clients (customers), their groups and services.',
    billing: 'Credit, currencies and external billing.',
  },
  examples: COMPUTE_EXAMPLES,
  schemes: {
    Token: { type: 'apiKey', in: 'header', name: 'Authorization', description: '`Token <40 hex digits>`' },
    session: {
      type: 'apiKey',
      in: 'cookie',
      name: 'sessionid',
      description: 'Set by POST /api/login or /staffapi/login',
    },
    csrf: {
      type: 'apiKey',
      in: 'header',
      name: 'X-CSRFToken',
      description:
        'The value of the cookie `csrftoken`; needed with the session for everything that is not GET or HEAD',
    },
    console: {
      type: 'apiKey',
      in: 'header',
      name: 'Sec-WebSocket-Protocol',
      description: '`binary, nefos.console.<token>`, with the token of `POST .../instances/{id}/console`',
    },
  },
  security: ({ access, method, upgrade }) =>
    upgrade !== undefined
      ? [['console']]
      : access === 'public'
        ? []
        : [['Token'], SAFE.has(method) ? ['session'] : ['session', 'csrf']],
  refusals: (contract) => [
    ...(contract.access === 'public' ? [] : [401, 403]),
    ...(contract.params ? [404] : []),
    400, // text that can not be kept, in a parameter that is ignored else, too
    ...(isPaged(contract) ? [404] : []),
    ...(contract.body || contract.upload ? [400, 413, 415] : []),
    ...(idempotent(contract) ? [400, 409, 422] : []),
    429,
    503,
  ],
  refusal: (status) => ({
    style: 'Refusal',
    description: MEANING[status] ?? 'Refused',
    content: { 'application/json': status === 400 ? invalid : detailed },
    headers: [
      'X-Error-Code',
      ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
      ...(status === 429 || status === 503 ? (['Retry-After'] as const) : []),
    ],
  }),
};
