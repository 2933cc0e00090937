import { createHash, timingSafeEqual } from 'node:crypto';
import { forbidden } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import type { Run } from '../../runs/domain/transitions.js';

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
/**
 * The token in the address of a report has to be its run's: where both have one, and where the installation asks for it
 * (contract introspection §12.2).
 * @throws Fault forbidden report.token
 */
export const demandToken = (
  { config }: Pick<IntrospectionCtx, 'config'>,
  { tokenHash }: Pick<Run, 'tokenHash'>,
  token: string | undefined,
): void => {
  if (config.NEFOS_INTROSPECTION_CALLBACK_TOKEN === 'optional' && (token === undefined || tokenHash === null)) return;
  if (token === undefined || tokenHash === null || !timingSafeEqual(hashOf(token), tokenHash))
    throw forbidden('report.token');
};
