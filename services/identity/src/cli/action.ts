import type { Command } from 'commander';
import type { IdentityRequest } from '../ctx.js';
import type { Row } from './output.js';

/** What a command does: it gets its arguments and options, and answers the rows to print. */
export type Work<A extends unknown[]> = (ctx: IdentityRequest, ...args: A) => Promise<readonly Row[]>;
/** Makes a commander action of `work`: opens the database, prints the rows, closes. */
export type MakeAction = <A extends unknown[]>(work: Work<A>) => (...args: [...A, Command]) => Promise<void>;
