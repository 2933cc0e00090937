import type { ComputeCtx } from '../../ctx.js';
import { sweepIdempotency } from '../../access/domain/idempotency.js';
import { sweepSessions } from '../domain/sessions.js';
import { sweepSsoLinks } from '../domain/sso.js';
import { sweepReadOnly, sweepTokens } from '../domain/tokens.js';
import { createStateReader, sweepStates } from '../domain/user-states.js';
import { sweepReservations, sweepUsers } from '../domain/users.js';
import type { Sweep } from '../../sweep.js';

/** Portion after portion, so that no statement is long, until nothing is left. */
const toTheLast = async (portion: () => Promise<number>): Promise<number> => {
  for (let total = 0; ;) {
    const gone = await portion();
    total += gone;
    if (!gone) return total;
  }
};

/** Finds what waits for a job that is lost, and throws away what is over. */
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
      sessions: await toTheLast(() => sweepSessions(ctx)),
      links: await toTheLast(() => sweepSsoLinks(ctx)),
      replies: await toTheLast(() => sweepIdempotency(ctx)),
      reservations: await toTheLast(() => sweepReservations(ctx)),
    }),
  },
];
