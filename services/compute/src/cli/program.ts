import { Command } from 'commander';
import type { ComputeRequest } from '../ctx.js';
import type { MakeAction, Work } from './action.js';
import { addClientCommands } from './clients.js';
import { openContext } from './context.js';
import { addFlavorGroupCommands } from './flavor-groups.js';
import { addFloatingIpCommands } from './floating-ips.js';
import { addFlavorCommands } from './flavors.js';
import { addImageCommands } from './images.js';
import { addInstanceCommands } from './instances.js';
import { addKeptCommands } from './kept.js';
import { addNetworkCommands } from './networks.js';
import { addOperationCommands } from './operations.js';
import { print, type Printed, type Row } from './output.js';
import { addPortCommands } from './ports.js';
import { addQuotaCommands } from './quota-commands.js';
import { addRegionCommands } from './regions.js';
import { addRouterCommands } from './routers.js';
import { addSecretCommands } from './secrets.js';
import { addSecurityGroupCommands } from './security-groups.js';
import { addSubnetCommands } from './subnets.js';
import { addVolumeCommands } from './volumes.js';

const isPrinted = (found: Printed | readonly Row[]): found is Printed => 'rows' in found;
/**
 * `npm run nefos -- ...`: the operator's commands on the cloud. They call the domain functions that the API calls, and
 * their values are judged by the schemas of the API.
 * @param open opens the database for one command
 * @param output prints the rows of a command, as JSON or as a table
 */
export const program = (
  open: () => Promise<{ ctx: ComputeRequest; close: () => Promise<void> }> = openContext,
  output: typeof print = print,
): Command => {
  const root = new Command('nefos')
    .description('Fill and watch the cloud of Nefos')
    .option('--json', 'print JSON')
    .showSuggestionAfterError(false)
    .exitOverride();
  const action: MakeAction =
    <A extends unknown[]>(work: Work<A>) =>
    async (...args: A): Promise<void> => {
      const { ctx, close } = await open();
      try {
        const found = await work(ctx, ...args);
        const printed = isPrinted(found) ? found : { rows: found, tall: found.length === 1 };
        output(printed, Boolean(root.opts<{ json?: boolean }>().json));
      } finally {
        await close();
      }
    };
  addRegionCommands(root, action);
  addFlavorGroupCommands(root, action);
  addFlavorCommands(root, action);
  addImageCommands(root, action);
  addNetworkCommands(root, action);
  addSubnetCommands(root, action);
  addPortCommands(root, action);
  addFloatingIpCommands(root, action);
  addSecurityGroupCommands(root, action);
  addRouterCommands(root, action);
  addClientCommands(root, action);
  addInstanceCommands(root, action);
  addVolumeCommands(root, action);
  addOperationCommands(root, action);
  addQuotaCommands(root, action);
  addSecretCommands(root, action);
  addKeptCommands(root);
  return root;
};
