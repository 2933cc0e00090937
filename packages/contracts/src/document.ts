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
/** What the contracts of a service have in common: credentials, and the refusals that follow from a declaration. */
export interface ApiDescription {
  title: string;
  version: string;
  description?: string;
  schemes: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The ways in, each a list of schemes that are needed together; `[]` is nobody's credential. */
  security: (contract: Contract) => readonly (readonly string[])[];
  /** Statuses of refusals that any endpoint declared like this can give. */
  refusals: (contract: Contract) => readonly number[];
  refusal: (status: number, contract: Contract) => RefusalShape;
}

export const HEADERS = {
  'Retry-After': { description: 'Seconds after which the same request may succeed', schema: { type: 'integer', minimum: 0 } },
  'WWW-Authenticate': { description: 'How to authenticate', schema: { type: 'string' } },
  'X-Error-Code': { description: 'What went wrong, in one word for programs', schema: { type: 'string' } },
  Location: { description: 'Where to go on', schema: { type: 'string' } },
} as const;

/** What the gateway itself says when a service breaks off or does not answer in time; no service sends it. */
export const GATEWAY_STATUSES = [502, 504] as const;
const sorted = (...lists: readonly (readonly number[] | undefined)[]): number[] => [...new Set(lists.flatMap((list) => list ?? []))].sort((a, b) => a - b);
/** Statuses of the refusals that an endpoint's service gives. */
export const refusalsOf = (api: ApiDescription, contract: Contract): number[] => sorted(api.refusals(contract), contract.refusals);
/** Every status with which the service may answer a request for the endpoint. */
export const statusesOf = (api: ApiDescription, contract: Contract): number[] => sorted([contract.status], contract.answers, refusalsOf(api, contract));

/** Endpoints between the services: not routed by the gateway, not in the published documents. */
export const isInternal = ({ path }: Contract): boolean => path.startsWith('/internal/');
