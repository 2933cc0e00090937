import { z } from 'zod';
import type { ApiDescription } from '../document.js';
import type { Contract } from '../endpoint.js';

/**
 * The four APIs of OpenStack that compute also speaks (contract compute §12). Each is a document of its own: other
 * credentials, other refusals.
 */
export interface FaceDocument {
  title: string;
  description: string;
  areas: Readonly<Record<string, string>>;
  /** The body of a refusal. */
  fault: z.ZodType;
}

const MEANING: Record<number, string> = {
  400: 'The request is not well formed, or a value is refused',
  401: 'No token, or one that is not valid',
  403: 'The caller may not do this, or the quota is used up',
  404: 'There is no such thing, or none that the caller may see',
  405: 'The path does not have this method',
  406: 'The API version is not one of those offered',
  409: 'The state does not allow it',
  410: 'The thing went away meanwhile',
  413: 'The body is too large, or the quota is used up',
  415: 'The body is not of a media type that the endpoint takes',
  416: 'There is no such part of the data',
  422: 'The Idempotency-Key was used with another request',
  429: 'Too many failures or requests',
  501: 'The region can not do it',
  502: 'A service broke off its answer',
  503: 'Not available for now',
  504: 'A service did not answer in time',
};
const OF_ALL = [400, 405, 406, 429, 503];
const OF_USERS = [401, 403, 404];
const OF_WRITES = [409, 413, 415, 422, 501];

/** How an API of OpenStack refuses. Every endpoint has the statuses of its kind. */
export const faceApi = ({ title, description, areas, fault }: FaceDocument): ApiDescription => {
  const identityFault = z.object({ error: z.object({ code: z.int(), message: z.string(), title: z.string() }) });
  return {
    title,
    version: '1',
    description,
    areas,
    schemes: {
      token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token', description: 'A token of identity, with a project' },
    },
    security: ({ access }) => (access === 'public' ? [] : [['token']]),
    refusals: ({ access, method, params }: Contract) => [
      ...OF_ALL,
      ...(access === 'public' ? [] : OF_USERS),
      ...(params ? [404] : []),
      ...(method === 'get' ? [] : OF_WRITES),
    ],
    refusal: (status) => ({
      style: 'Refusal',
      description: MEANING[status] ?? 'Refused',
      content: { 'application/json': status === 401 ? identityFault : fault },
      headers: [
        ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
        ...(status === 429 || status === 503 ? (['Retry-After'] as const) : []),
      ],
    }),
  };
};
