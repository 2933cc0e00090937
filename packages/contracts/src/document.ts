import type { z } from 'zod';
import type { Contract } from './endpoint.js';

/** How a refusal is written: one shared response of the document. */
export interface RefusalShape {
  /** Name among the document's `components.responses`; the status is added to it. */
  style: string;
  description: string;
  /** By media type; undefined: no body is described. */
  content?: Readonly<Record<string, z.ZodType | undefined>>;
  /** Names of HEADERS that it carries. */
  headers?: readonly (keyof typeof HEADERS)[];
}
export interface Example {
  body?: unknown;
  response?: unknown;
}
/** What the contracts of a service have in common: credentials, and the refusals that follow from a declaration. */
export interface ApiDescription {
  title: string;
  version: string;
  description?: string;
  /** The areas of the service, in the order of the document, each with what it is about: the tags. */
  areas: Readonly<Record<string, string>>;
  /** Documented exchanges by `METHOD path` of the contract: bodies that the schemas accept. */
  examples?: Readonly<Record<string, Example>>;
  schemes: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The ways in, each a list of schemes that are needed together; `[]` is nobody's credential. */
  security: (contract: Contract) => readonly (readonly string[])[];
  /** Statuses of refusals that any endpoint declared like this can give. */
  refusals: (contract: Contract) => readonly number[];
  refusal: (status: number, contract: Contract) => RefusalShape;
}

export const HEADERS = {
  'Retry-After': {
    description: 'Seconds after which the same request may succeed',
    schema: { type: 'integer', minimum: 0 },
  },
  'WWW-Authenticate': { description: 'How to authenticate', schema: { type: 'string' } },
  'X-Error-Code': { description: 'What went wrong, in one word for programs', schema: { type: 'string' } },
  Location: { description: 'Where to go on', schema: { type: 'string' } },
} as const;

/**
 * Statuses of the gateway itself: a service broke off its answer (502) or did not answer in time (504); 414 for a path
 * that is too long. Refusals of an HTTP message that is malformed belong to no endpoint (`OF_MESSAGES`).
 */
export const gatewayStatuses = (path: string): number[] => [502, 504, ...(/[:*]/.test(path) ? [414] : [])];
export const OF_MESSAGES =
  'Any request may meet 400, 408, 413, 417 or 431, too, when its HTTP message is wrong in itself: ' +
  'its framing, Host, Expect, time or size.';
const sorted = (...lists: readonly (readonly number[] | undefined)[]): number[] =>
  [...new Set(lists.flatMap((list) => list ?? []))].sort((a, b) => a - b);
/** Statuses of the refusals that an endpoint's service gives. */
export const refusalsOf = (api: ApiDescription, contract: Contract): number[] =>
  sorted(api.refusals(contract), contract.refusals);
/** Every status with which the service may answer a request for the endpoint. */
export const statusesOf = (api: ApiDescription, contract: Contract): number[] =>
  sorted([contract.status], contract.answers, refusalsOf(api, contract));

/** Endpoints between the services: not routed by the gateway, not in the published documents. */
export const isInternal = ({ path }: Contract): boolean => path.startsWith('/internal/');
