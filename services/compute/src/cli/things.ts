import type { Command } from 'commander';
import { viewerOf, type Viewer } from '../access/api/viewer.js';
import type { ComputeRequest } from '../ctx.js';
import type { Page } from '../lists/list-plan.js';
import type { Query } from '../lists/list-query.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import type { Row } from './output.js';

/** A kind of things of clients, as its commands know it. */
export interface Thing<T> {
  name: string;
  /** Many of them. */
  what: string;
  /** How the operator names one. */
  known: string;
  list: (ctx: ComputeRequest, query: Query) => Promise<Page<T>>;
  get: (ctx: ComputeRequest, id: string) => Promise<T>;
  remove: (ctx: ComputeRequest, id: string) => Promise<void>;
  /** The id of the one that the operator names. */
  find: (ctx: ComputeRequest, word: string) => Promise<string>;
  view: (one: T, viewer: Viewer) => Row;
  /** Columns of the list; `show` has all. */
  columns: readonly string[];
}
export interface ThingCommands<T, O> {
  command: Command;
  /** `<verb> <thing> ...`: does something with one, and prints it. */
  onOne: (verb: string, about: string, work: (ctx: ComputeRequest, id: string, options: O) => Promise<T>) => Command;
  /** Prints one. */
  shown: (one: T, ctx: ComputeRequest) => Row[];
}
/** `<thing> list|show|delete`. */
export const addThing = <T, O extends object>(
  root: Command,
  action: MakeAction,
  thing: Thing<T>,
): ThingCommands<T, O> => {
  const { name, what, known, list, get, remove, find, view, columns } = thing;
  const command = root.command(name).description(`${what} of all clients`);
  const shown = (one: T, ctx: ComputeRequest): Row[] => [view(one, viewerOf(ctx))];
  const row = (one: T, ctx: ComputeRequest): Row => {
    const all = view(one, viewerOf(ctx));
    return Object.fromEntries(columns.map((column) => [column, all[column]]));
  };
  const onOne: ThingCommands<T, O>['onOne'] = (verb, about, work) =>
    command
      .command(verb)
      .description(about)
      .argument(`<${name}>`, known)
      .action(
        action(async (ctx: ComputeRequest, word: string, options: O) =>
          shown(await work(ctx, await find(ctx, word), options), ctx),
        ),
      );
  addList(command, action, { list, row, byRegion: true });
  onOne('show', 'all of it', get);
  command
    .command('delete')
    .argument(`<${name}>`, known)
    .action(
      action(async (ctx: ComputeRequest, word: string) => {
        const id = await find(ctx, word);
        await remove(ctx, id);
        return [{ id, deleted: true }];
      }),
    );
  return { command, onOne, shown };
};
