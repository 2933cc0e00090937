import type { ComputeRequest } from '../ctx.js';
import type { Printed, Row } from './output.js';

/** What a command does: it gets its arguments and options, and answers what to print. */
export type Work<A extends unknown[]> = (ctx: ComputeRequest, ...args: A) => Promise<Printed | readonly Row[]>;
/** Makes a commander action of `work`: opens the database, prints the rows, closes. */
export type MakeAction = <A extends unknown[]>(work: Work<A>) => (...args: A) => Promise<void>;
