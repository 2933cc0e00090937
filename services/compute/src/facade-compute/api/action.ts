import type { Reply } from '@nefos/service-kit';
import type { z } from 'zod';
import type { ComputeRequest } from '../../ctx.js';

/** One action of `POST /servers/{id}/action` (contract compute §12.3). */
export interface Action {
  /** Of the arguments; absent: they are not looked at. */
  schema?: z.ZodType;
  /** The first microversion that has it. */
  from?: number;
  /** The first one that has it no longer. */
  until?: number;
  /** What it answers, when not 202 without a body. */
  run: (ctx: ComputeRequest, id: string, args: never) => Promise<Reply | void>;
}
/** Joins the schema of the arguments and what takes them. */
export const action = <S extends z.ZodType>(
  schema: S,
  run: (ctx: ComputeRequest, id: string, args: z.infer<S>) => Promise<Reply | void>,
  versions: { from?: number; until?: number } = {},
): Action => ({ schema, run, ...versions });
/** An action without arguments; whatever is sent in their place is passed over, as Nova does. */
export const plain = (
  run: (ctx: ComputeRequest, id: string) => Promise<unknown>,
  versions: { from?: number; until?: number } = {},
): Action => ({
  run: async (ctx, id) => {
    await run(ctx, id);
  },
  ...versions,
});
