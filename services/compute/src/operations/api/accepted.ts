import { Reply } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import type { ComputeRequest } from '../../ctx.js';

/**
 * The answer while the operation is carried out. Its id is in headers, so that the body stays as documented (contract
 * compute T9).
 */
export const accepted = (
  ctx: ComputeRequest,
  operationId: string,
  body: object | undefined,
  headers: Record<string, string> = {},
): Reply =>
  new Reply(body, {
    headers: {
      'X-Operation-Id': operationId,
      Location: `${ctx.config.NEFOS_PUBLIC_URL}/${callerOf(ctx).staff ? 'staffapi' : 'api'}/operations/${operationId}`,
      ...headers,
    },
  });
