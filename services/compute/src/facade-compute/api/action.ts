import type { Reply } from '@nefos/service-kit';
import type { z } from 'zod';
import type { ComputeRequest } from '../../ctx.js';

/** One action on a server: the body is an object with its name alone (contract compute §12.3). */
export interface ServerAction {
  name: string;
  /** What stands behind the name. */
  body: z.ZodType;
  /** The first microversion that has it. */
  from?: number;
  /** The first microversion that has it no more. */
  until?: number;
  /** Nothing: 202 with an empty body. */
  run: (ctx: ComputeRequest, id: string, body: unknown) => Promise<Reply | void>;
}
export const action = <B extends z.ZodType>(
  name: string,
  body: B,
  run: (ctx: ComputeRequest, id: string, body: z.infer<B>) => Promise<Reply | void>,
  versions: Pick<ServerAction, 'from' | 'until'> = {},
): ServerAction => ({ name, body, run: run as ServerAction['run'], ...versions });
