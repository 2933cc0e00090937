import { Command } from 'commander';
import type { IntrospectionCtx } from '../ctx.js';
import type { MakeAction, Work } from './action.js';
import { openContext } from './context.js';
import { addNodeCommands } from './nodes.js';
import { print } from './output.js';
import { addSecretCommands } from './secrets.js';

/**
 * `npm run nefos -- node ...`: the operator's commands on machines. They call the domain functions that the API calls.
 * @param open opens the database for one command
 */
export const program = (
  open: () => Promise<{ ctx: IntrospectionCtx; close: () => Promise<void> }> = openContext,
): Command => {
  const root = new Command('nefos')
    .description('Watch and inspect the machines of Nefos')
    .option('--json', 'print JSON')
    .showSuggestionAfterError(false)
    .exitOverride();
  const action: MakeAction =
    <A extends unknown[]>(work: Work<A>, tall = true) =>
    async (...args: A): Promise<void> => {
      const { ctx, close } = await open();
      try {
        print(await work(ctx, ...args), { json: Boolean(root.opts<{ json?: boolean }>().json), tall });
      } finally {
        await close();
      }
    };
  addNodeCommands(root, action);
  addSecretCommands(root, action);
  return root;
};
