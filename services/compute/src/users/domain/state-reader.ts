import { Fault, hurryJobs } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { takeOverStates } from './user-states.js';

/**
 * Jobs that tell identity something. Once it answers again they run at once: a revoked token must not stay valid there.
 */
const TELL_IDENTITY = ['user.state', 'user.activate', 'user.delete', 'session.close', 'token.revoke'];
const PAGE = 500;
/** Services start together: for this time after the start, an identity that does not answer is not logged. */
const START_MS = 15_000;
/**
 * An attempt that began before identity was back may fail after the jobs were hurried. It is over by then: a call takes
 * 5 s at most.
 */
const HURRY_AGAIN_MS = 15_000;
/** Changes may become visible in another order than they were made, so the last minute is read again. */
const OVERLAP_MS = 60_000;

/** The state of one reader. */
interface Progress {
  /** The time of the newest change that was read; undefined: none was read yet. */
  newest: string | undefined;
}
/** Reads page after page and takes the states over. @returns how many users it changed */
const readChanges = async (ctx: ComputeCtx, progress: Progress): Promise<number> => {
  let changed = 0;
  let from: { after?: string; afterUuid?: string } =
    progress.newest === undefined ? {} : { after: new Date(Date.parse(progress.newest) - OVERLAP_MS).toISOString() };
  for (;;) {
    const states = await ctx.identity.userStates({ ...from, limit: PAGE });
    const last = states.at(-1);
    if (!last) return changed;
    changed += await takeOverStates(ctx, states);
    if (progress.newest === undefined || Date.parse(last.changedAt) > Date.parse(progress.newest))
      progress.newest = last.changedAt;
    if (states.length < PAGE) return changed;
    from = { after: last.changedAt, afterUuid: last.uuid };
  }
};
/**
 * Returns a function that reads what identity changed since the last call; the first call reads everything. One per
 * process.
 * @param hurryAgainMs for tests
 */
export const createStateReader = (
  ctx: ComputeCtx,
  hurryAgainMs = HURRY_AGAIN_MS,
): (() => Promise<number | 'identity is away'>) => {
  const progress: Progress = { newest: undefined };
  let away = false;
  let logged = false;
  let hurryAt = Infinity;
  const quietUntil = performance.now() + START_MS;
  return async () => {
    try {
      const changed = await readChanges(ctx, progress);
      if (away || performance.now() >= hurryAt) {
        await hurryJobs(ctx.db, TELL_IDENTITY);
        hurryAt = away ? performance.now() + hurryAgainMs : Infinity;
      }
      if (logged) ctx.log.info('identity is asked again who is active');
      away = logged = false;
      return changed;
    } catch (err) {
      if (!(err instanceof Fault && err.kind === 'unavailable')) throw err;
      away = true;
      // Logged once, not every two seconds.
      if (!logged && !err.params.logged && (progress.newest !== undefined || performance.now() > quietUntil)) {
        ctx.log.warn({ err }, 'identity can not be asked who is active; it is asked again until it answers');
        logged = true;
      }
      return 'identity is away';
    }
  };
};
