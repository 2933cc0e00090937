import type { ComputeCtx } from '../../ctx.js';
import type { Sweep } from '../../sweep.js';
import { sweepConsoleTokens } from '../domain/consoles.js';

/** Deletes what has expired, batch after batch. */
export const consoleSweeps = (ctx: ComputeCtx): Sweep[] => [
  {
    name: 'consoles.expired',
    everySeconds: 300,
    work: async () => {
      for (let total = 0; ;) {
        const deleted = await sweepConsoleTokens(ctx);
        total += deleted;
        if (!deleted) return { deleted: total };
      }
    },
  },
];
