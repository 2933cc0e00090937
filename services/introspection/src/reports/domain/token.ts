import { createHash, timingSafeEqual } from 'node:crypto';
import { forbidden } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import type { Run } from '../../runs/domain/transitions.js';

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
type Tokened = Pick<Run, 'tokenHash'>;
/**
 * Whether the token in the address of a report is its run's: where both have one, and where the installation asks for
 * it (contract introspection §12.2).
 */
export const matchesToken = (
  { config }: Pick<IntrospectionCtx, 'config'>,
  { tokenHash }: Tokened,
  token: string | undefined,
): boolean => {
  if (config.NEFOS_INTROSPECTION_CALLBACK_TOKEN === 'optional' && (token === undefined || tokenHash === null))
    return true;
  return token !== undefined && tokenHash !== null && timingSafeEqual(hashOf(token), tokenHash);
};
/** @throws Fault forbidden report.token */
export const demandToken = (ctx: Pick<IntrospectionCtx, 'config'>, run: Tokened, token: string | undefined): void => {
  if (!matchesToken(ctx, run, token)) throw forbidden('report.token');
};
