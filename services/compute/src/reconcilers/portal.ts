import type { ComputeCtx } from '../ctx.js';
import { sweepDeleting } from '../domain/client-lifecycle.js';
import { sweepIdempotency } from '../domain/idempotency.js';
import { sweepSessions } from '../domain/sessions.js';
import { sweepTokens } from '../domain/tokens.js';
import { sweepReservations, sweepUsers } from '../domain/users.js';
import type { Sweep } from './sweep.js';

/** Finds what waits for a job that is lost, and throws away what is over. */
export const portalSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'clients.deleting', everySeconds: 30, work: () => sweepDeleting(ctx) },
  { name: 'users.unsettled', everySeconds: 60, work: () => sweepUsers(ctx) },
  { name: 'tokens.revoked', everySeconds: 600, work: () => sweepTokens(ctx) },
  { name: 'portal.expired', everySeconds: 3600, work: async () => ({ sessions: await sweepSessions(ctx), replies: await sweepIdempotency(ctx), reservations: await sweepReservations(ctx) }) },
];
