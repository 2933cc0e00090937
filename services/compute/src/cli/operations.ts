import type { Command } from 'commander';
import { viewerOf } from '../access/api/viewer.js';
import type { ComputeRequest } from '../ctx.js';
import { operationView } from '../operations/api/operations.view.js';
import { getOperation, listOperations, retryOperation, type ShownOperation } from '../operations/domain/operations.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import type { Row } from './output.js';

const shown = (operation: ShownOperation, ctx: ComputeRequest): Row => {
  const { primary_object: object, created_by: by, steps, ...rest } = operationView(operation, viewerOf(ctx));
  return {
    ...rest,
    instance: object.type === 'instance' ? object.id : null,
    on: object.type === 'instance' ? null : `${object.type} ${object.id}`,
    created_by: by?.username ?? null,
    steps: steps.map(({ name, status }) => `${name} ${status}`),
  };
};
const row = (operation: ShownOperation, ctx: ComputeRequest): Row => {
  const { id, type, status, instance, on, created_by, created_at, attempts, error } = shown(operation, ctx);
  const { message = null } = (error ?? {}) as { message?: string };
  return { id, type, status, instance, on, created_by, created_at, attempts, error: message };
};
const show = async (ctx: ComputeRequest, id: string): Promise<Row[]> => [shown(await getOperation(ctx, id), ctx)];
const retry = async (ctx: ComputeRequest, id: string): Promise<Row[]> => [row(await retryOperation(ctx, id), ctx)];

export const addOperationCommands = (root: Command, action: MakeAction): void => {
  const operation = root.command('operation').description('operations: what was asked of instances and volumes');
  addList(operation, action, { list: listOperations, row });
  operation.command('show').argument('<operation>', 'its id').action(action(show));
  operation
    .command('retry')
    .description('do a failed one again, as a new one')
    .argument('<operation>', 'its id')
    .action(action(retry));
};
