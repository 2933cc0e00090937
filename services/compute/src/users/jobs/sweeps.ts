import type { ComputeCtx } from '../../ctx.js';
import { sweepIdempotency } from '../../access/domain/idempotency.js';
import { sweepSessions } from '../domain/sessions.js';
import { sweepSsoLinks } from '../domain/sso.js';
import { sweepReadOnly, sweepTokens } from '../domain/tokens.js';
import { createStateReader } from '../domain/state-reader.js';
import { sweepStates } from '../domain/user-states.js';
import { sweepReservations } from '../domain/new-users.js';
import { sweepUsers } from '../domain/users.js';
import type { Sweep } from '../../sweep.js';

/**
 * Deletes batch after batch, so that no statement takes long, until none is left.
 * @returns how many rows were deleted
 */
const deleteAll = async (deleteBatch: () => Promise<number>): Promise<number> => {
  for (let total = 0; ;) {
    const deleted = await deleteBatch();
    total += deleted;
    if (!deleted) return total;
  }
};

/** Enqueues jobs that got lost, reads states from identity, and deletes what is over. */
export const userSweeps = (ctx: ComputeCtx): Sweep[] => [
  { name: 'users.unsettled', everySeconds: 60, work: () => sweepUsers(ctx) },
  { name: 'users.untold', everySeconds: 30, work: () => sweepStates(ctx) },
  { name: 'users.states', everySeconds: 2, work: createStateReader(ctx) },
  { name: 'tokens.read_only', everySeconds: 30, work: () => sweepReadOnly(ctx) },
  { name: 'tokens.revoked', everySeconds: 600, work: () => sweepTokens(ctx) },
  {
    name: 'portal.expired',
    everySeconds: 3600,
    work: async () => ({
      sessions: await deleteAll(() => sweepSessions(ctx)),
      links: await deleteAll(() => sweepSsoLinks(ctx)),
      replies: await deleteAll(() => sweepIdempotency(ctx)),
      reservations: await deleteAll(() => sweepReservations(ctx)),
    }),
  },
];
