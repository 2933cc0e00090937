import type { IntrospectionCtx } from '../../ctx.js';
import { deleteReplacedEvents } from '../store/told.js';

const PORTION = 1000;
/**
 * As long as nobody takes events, the newest of a node says all: a receiver reads the node's summary. Without this the
 * table would grow by a row for each run.
 * @returns how many are dropped
 */
export const forgetReplacedEvents = async ({ db }: Pick<IntrospectionCtx, 'db'>): Promise<number> => {
  for (let all = 0; ;) {
    const dropped = await deleteReplacedEvents(db, PORTION);
    all += dropped;
    if (dropped < PORTION) return all;
  }
};
