import type { IntrospectionCtx } from '../ctx.js';
import type { Row } from './output.js';

/** What a command does: it gets its arguments and options, and answers what to print. */
export type Work<A extends unknown[]> = (ctx: IntrospectionCtx, ...args: A) => Promise<readonly Row[]>;
/** Makes a commander action of `work`: opens the database, prints the rows, closes. `tall`: one thing, not a list. */
export type MakeAction = <A extends unknown[]>(work: Work<A>, tall?: boolean) => (...args: A) => Promise<void>;
