import type { Command } from 'commander';
import type { ComputeRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import type { Row } from './output.js';
import { setQuotaRows, showQuotaRows } from './quotas.js';

const show = async (ctx: ComputeRequest, project: string): Promise<Row[]> => showQuotaRows(ctx.db, project);
const set = async (ctx: ComputeRequest, project: string, limits: string[], o: { force?: boolean }): Promise<Row[]> =>
  setQuotaRows(ctx.db, project, limits, { force: o.force ?? false });
const PROJECT = 'id or name, such as client-834727 of the client 834727';
export const addQuotaCommands = (root: Command, action: MakeAction): void => {
  const quota = root.command('quota').description('what projects may use, use, and are about to use');
  quota.command('show').argument('<project>', PROJECT).action(action(show));
  quota
    .command('set')
    .description('sets limits; the others stay')
    .argument('<project>', PROJECT)
    .argument('<limits...>', '<resource>=<limit>: cores=40 ram=unlimited volumes=default')
    .option('--force', 'also below what is used')
    .action(action(set));
};
