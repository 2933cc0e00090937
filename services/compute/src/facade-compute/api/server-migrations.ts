import { facadeCompute } from '@nefos/contracts';
import { endpointFor, isoZ6 } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { faceFault } from '../../facade/api/refused.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { projectOnWire } from '../../facade/project-ids.js';
import type { DetailedInstance } from '../../instances/domain/instances.js';
import { abortMigration } from '../../instances/domain/migrations.js';
import { findMigrating, type Migrating } from '../store/server-history.js';
import { getServer, onServer } from './in-nova.js';
import { demandSince } from './versioned.js';

const endpoint = endpointFor<ComputeCtx>();

/** Nova numbers migrations; the number of ours is made of the id of its operation. */
const numberOf = ({ id }: Migrating): number => Number.parseInt(id.slice(0, 7), 16);
const time = (at: string): string => isoZ6(at).slice(0, -1);
const view = (ctx: ComputeRequest, server: DetailedInstance, one: Migrating) => {
  const { hostName } = server;
  const host = typeof one.params.host === 'string' ? one.params.host : null;
  const zero = { total_bytes: null, processed_bytes: null, remaining_bytes: null };
  return {
    id: numberOf(one),
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
const going = async (ctx: ComputeRequest, id: string) => {
  const server = await getServer(ctx, id);
  demandAdmin(ctx);
  return { server, migration: await findMigrating(dbOf(ctx), id) };
};
const demandOne = async (ctx: ComputeRequest, id: string, number: string) => {
  const { server, migration } = await going(ctx, id);
  if (!migration || String(numberOf(migration)) !== number)
    throw faceFault('not_found', `In-progress live migration ${number} is not found for server ${id}.`);
  return { server, migration };
};

export const serverMigrationEndpoints = [
  endpoint(facadeCompute.listServerMigrations, async (ctx, { params: { id } }) => {
    demandSince(ctx, 23);
    const { server, migration } = await going(ctx, id);
    return { migrations: migration ? [view(ctx, server, migration)] : [] };
  }),
  endpoint(facadeCompute.showServerMigration, async (ctx, { params }) => {
    demandSince(ctx, 23);
    const { server, migration } = await demandOne(ctx, params.id, params.migration);
    return { migration: view(ctx, server, migration) };
  }),
  endpoint(facadeCompute.abortServerMigration, async (ctx, { params: { id, migration } }) => {
    demandSince(ctx, 24);
    await demandOne(ctx, id, migration);
    await onServer(id, () => abortMigration(ctx, id));
  }),
];
