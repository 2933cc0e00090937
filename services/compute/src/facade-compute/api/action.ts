import type { Reply } from '@nefos/service-kit';
import { z } from 'zod';
import type { ComputeRequest } from '../../ctx.js';

/** One action of `POST /servers/{id}/action` (contract compute §12.3). */
export interface Action {
  /** Of the arguments at a minor version; absent: they are not looked at. */
  schemaAt?: (minor: number) => z.ZodType;
  /** What else is asked of the arguments, before the server is looked for. @throws Fault invalid */
  demand?: (ctx: ComputeRequest, args: never) => void;
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
): Action => ({ schemaAt: () => schema, run, ...versions });
/** The same for arguments that change with the version: each schema with the minor version that begins it. */
export const changingAction = <S extends z.ZodType>(
  schemas: readonly [readonly [from: 1, schema: S], ...(readonly [from: number, schema: S])[]],
  run: (ctx: ComputeRequest, id: string, args: z.infer<S>) => Promise<Reply | void>,
): Action => ({ schemaAt: (minor) => (schemas.findLast(([from]) => from <= minor) ?? schemas[0])[1], run });
/** Arguments that are passed over: in their first versions Nova does not look at those of some actions. */
export const passedOver = z.unknown().transform((): null => null);
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
