import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { faceFault } from '../../facade/api/refused.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { projectOnWire } from '../../facade/project-ids.js';
import { abortMigration } from '../../instances/domain/migrations.js';
import { microseconds as time } from '../../facade/api/times.js';
import { migrationOf, type Migrating } from '../domain/server-history.js';
import type { ShownServer } from '../domain/servers.js';
import { migrationNumber } from './migrations.js';
import { ofServer } from './servers.js';

const endpoint = endpointFor<ComputeCtx>();

const view = (ctx: ComputeRequest, server: ShownServer, one: Migrating) => {
  const { hostName } = server;
  const host = typeof one.params.host === 'string' ? one.params.host : null;
  const zero = { total_bytes: null, processed_bytes: null, remaining_bytes: null };
  return {
    id: migrationNumber(one),
    status: one.status === 'pending' ? 'queued' : 'running',
    server_uuid: server.id,
    source_node: hostName,
    source_compute: hostName,
    dest_node: host,
    dest_compute: host,
    dest_host: null,
    ...Object.fromEntries(
      ['memory', 'disk'].flatMap((of) => Object.entries(zero).map(([name, value]) => [`${of}_${name}`, value])),
    ),
    created_at: time(one.createdAt),
    updated_at: time(one.updatedAt),
    ...(since(ctx, 59) && { uuid: one.id }),
    ...(since(ctx, 80) && { user_id: null, project_id: projectOnWire(server.projectId) }),
  };
};
/** @throws Fault not_found, also below the microversion that has it; forbidden/facade.policy */
const going = async (ctx: ComputeRequest, id: string, minor: number) => {
  if (!since(ctx, minor)) throw faceFault('not_found', 'The resource could not be found.');
  const found = await ofServer(id, () => migrationOf(ctx, id));
  demandAdmin(ctx);
  return found;
};
const demandOne = async (ctx: ComputeRequest, id: string, number: string, minor: number) => {
  const { server, migration } = await going(ctx, id, minor);
  if (!migration || String(migrationNumber(migration)) !== number)
    throw faceFault('not_found', `In-progress live migration ${number} is not found for server ${id}.`);
  return { server, migration };
};

export const serverMigrationEndpoints = [
  endpoint(facadeCompute.listServerMigrations, async (ctx, { params: { id } }) => {
    const { server, migration } = await going(ctx, id, 23);
    return { migrations: migration ? [view(ctx, server, migration)] : [] };
  }),
  endpoint(facadeCompute.showServerMigration, async (ctx, { params }) => {
    const { server, migration } = await demandOne(ctx, params.id, params.migration, 23);
    return { migration: view(ctx, server, migration) };
  }),
  endpoint(facadeCompute.abortServerMigration, async (ctx, { params: { id, migration } }) => {
    await demandOne(ctx, id, migration, 24);
    await ofServer(id, () => abortMigration(ctx, id));
  }),
];
