import type { Command } from 'commander';
import { clientDetail, clientItem } from '../clients/api/clients.view.js';
import { getClient, listClients } from '../clients/domain/clients.js';
import type { ComputeRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import type { Row } from './output.js';
import { wholeNumber } from './values.js';

const show = async (ctx: ComputeRequest, id: number): Promise<Row[]> => [clientDetail(ctx, await getClient(ctx, id))];
export const addClientCommands = (root: Command, action: MakeAction): void => {
  const client = root.command('client').description('clients: the customers of the portal');
  addList(client, action, {
    list: listClients,
    row: (one, ctx) => {
      const { id, long_name, email, status, currency, uptodate_credit, date_created } = clientItem(ctx)(one);
      return { id, name: long_name, email, status, currency, uptodate_credit, date_created };
    },
  });
  client.command('show').argument('<client>', 'its id', wholeNumber(999_999_999)).action(action(show));
};
