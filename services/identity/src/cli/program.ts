import { Command } from 'commander';
import { asRequest, type IdentityCtx } from '../ctx.js';
import type { MakeAction, Work } from './action.js';
import { addAuditCommands } from './audit.js';
import { addComponentCommands } from './components.js';
import { print } from './output.js';
import { addEndpointCommands, addServiceCommands } from './services.js';
import { addTermsCommands } from './terms.js';
import { addUserCommands } from './users.js';

/**
 * `npm run nefos -- ...`: the operator's commands. They call the domain functions that the API calls.
 * @param open opens the database for one command
 * @param output prints the rows of a command, as JSON or as a table
 */
export const program = (
  open: () => Promise<{ ctx: IdentityCtx; close: () => Promise<void> }>,
  output: typeof print = print,
): Command => {
  const root = new Command('nefos')
    .description('Administer the users and the service catalog of Nefos')
    .option('--json', 'print JSON')
    .showSuggestionAfterError(false);
  const action: MakeAction =
    <A extends unknown[]>(work: Work<A>) =>
    async (...args: [...A, Command]): Promise<void> => {
      const { ctx, close } = await open();
      try {
        const rows = await work(asRequest(ctx), ...(args as unknown as A));
        output(rows, Boolean(root.opts<{ json?: boolean }>().json));
      } finally {
        await close();
      }
    };
  addUserCommands(root, action);
  addComponentCommands(root, action);
  addServiceCommands(root, action);
  addEndpointCommands(root, action);
  addTermsCommands(root, action);
  addAuditCommands(root, action);
  return root;
};
