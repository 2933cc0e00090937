import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { IntrospectionCtx } from '../ctx.js';
import { masked } from '../nodes/domain/driver-secrets.js';
import { demandNode } from '../nodes/domain/nodes.js';
import { demandRun } from '../runs/domain/find.js';
import { listOverviews } from '../runs/domain/overview.js';
import { startRun } from '../runs/domain/start.js';
import { registryTime } from '../times.js';
import type { MakeAction } from './action.js';
import type { Row } from './output.js';

const MOST = 10_000;
/** Between two looks at a run that is waited for. */
const PAUSE_MS = 500;

const list = (ctx: IntrospectionCtx): Promise<Row[]> => listOverviews(ctx.db, MOST);
const runRow = async (ctx: IntrospectionCtx, uuid: string): Promise<Row> => {
  const run = await demandRun(ctx.db, uuid).catch(() => undefined);
  if (!run) return { run: null };
  return {
    run: run.state,
    run_started_at: registryTime(run.startedAt),
    run_finished_at: registryTime(run.finishedAt),
    run_error: run.error,
    phases: run.phases.map(({ at, phase, note }) => ({
      at: registryTime(at),
      phase,
      ...(note !== undefined && { note }),
    })),
  };
};
const show = async (ctx: IntrospectionCtx, ref: string): Promise<Row[]> => {
  const node = await demandNode(ctx.db, ref);
  return [
    {
      uuid: node.uuid,
      name: node.name,
      driver: node.driver,
      provision_state: node.provisionState,
      power_state: node.powerState,
      maintenance: node.maintenance,
      properties: node.properties,
      traits: node.traits,
      driver_info: masked(node.driverInfo),
      last_error: node.lastError,
      ...(await runRow(ctx, node.uuid)),
    },
  ];
};
const ended = async (ctx: IntrospectionCtx, uuid: string): Promise<void> => {
  for (;;) {
    const { state } = await demandRun(ctx.db, uuid);
    if (state === 'finished' || state === 'error') return;
    await sleep(PAUSE_MS);
  }
};
const inspect = async (
  ctx: IntrospectionCtx,
  ref: string,
  { wait, boot }: { wait: boolean; boot: boolean },
): Promise<Row[]> => {
  const { uuid, name } = await demandNode(ctx.db, ref);
  await startRun(ctx, uuid, { manageBoot: boot, cause: 'request', actor: 'operator' });
  if (wait) await ended(ctx, uuid);
  return [{ uuid, name, ...(await runRow(ctx, uuid)) }];
};

/** Machines: `node list|show|inspect`. */
export const addNodeCommands = (root: Command, action: MakeAction): void => {
  const node = root.command('node').description('machines, and what was found out about them');
  node.command('list').description('all nodes, with their last run').action(action(list, false));
  node
    .command('show')
    .description('a node, and its last run')
    .argument('<node>', 'its UUID or its name')
    .action(action(show));
  node
    .command('inspect')
    .description('starts the introspection of a node; the service that runs does the rest')
    .argument('<node>', 'its UUID or its name')
    .option('--wait', 'until the run has ended', false)
    .option('--no-boot', 'somebody else powers the machine on')
    .action(action(inspect));
};
