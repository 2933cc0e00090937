import { faultKey, type ApiDescription } from '@nefos/contracts';
import type { Fault } from '@nefos/service-kit';
import type { Request, Response } from 'express';
import type { ComputeRequest } from '../../ctx.js';

/** A refusal on its way out. */
export interface FaceRefusal {
  status: number;
  message: string;
  fault: Fault;
}
/** One API of OpenStack as compute speaks it: what differs between the four. */
export interface Face {
  /** Where it is mounted, e.g. `/compute`. */
  prefix: string;
  api: ApiDescription;
  /** The segment before a project in a path, which the path may have (`/compute/v2.1/{project}/servers`). */
  projectAfter?: string;
  /** Further names of the header with the request's id, e.g. `X-Compute-Request-Id`. */
  requestIdHeader?: string;
  /** Media types of bodies beside JSON that are JSON, too. */
  jsonTypes?: readonly string[];
  /** The status of a fault, where it is not that of its kind. */
  statusOf?: (fault: Fault) => number | undefined;
  /** The body of a refusal. */
  faultBody: (refused: FaceRefusal) => unknown;
  /** Before everything else, e.g. microversions. May refuse. */
  negotiate?: (req: Request, res: Response, ctx: ComputeRequest) => void;
}
/** The body of a refusal under a key that the status chooses, as Nova and Cinder have it. */
export const keyedFault = ({ status, message, fault }: FaceRefusal): unknown => ({
  [faultKey(status)]: {
    code: status,
    message,
    ...((status === 413 || status === 429) && { retryAfter: String(fault.params.retryAfter ?? 0) }),
  },
});
