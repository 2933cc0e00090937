import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { nextLinks } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { projectOnWire } from '../../facade/project-ids.js';
import { microseconds as time, queryInstant } from '../../facade/api/times.js';
import { findInHistory, listHistory, type Done } from '../domain/server-history.js';
import { demandKnownQuery } from './newer-fields.js';
import { unknownMarker } from './list-request.js';
import { ofServer } from './servers.js';

const endpoint = endpointFor<ComputeCtx>();

/** Nova's word for an action, where it is another one. */
const WORDS: Record<string, string> = {
  rebootSoft: 'reboot',
  rebootHard: 'reboot',
  liveMigrate: 'live-migration',
  abortMigrate: 'live_migration_abort',
  snapshot: 'createImage',
  backup: 'createBackup',
  addPort: 'attach_interface',
  removePort: 'detach_interface',
  addGroup: 'addSecurityGroup',
  removeGroup: 'removeSecurityGroup',
  addIp: 'addFixedIp',
  removeIp: 'removeFixedIp',
  'volume.attach': 'attach_volume',
  'volume.detach': 'detach_volume',
};
const wordOf = (action: string): string => WORDS[action] ?? action;
const requestOf = ({ requestId, id }: Done): string => requestId ?? `req-${id}`;
const RESULTS: Record<Done['status'], string | null> = {
  pending: null,
  running: null,
  completed: 'Success',
  failed: 'Error',
  canceled: 'Canceled',
};
/** End users do not see which member of staff did something. */
const view = (ctx: ComputeRequest, done: Done) => {
  const { staff, userId } = callerOf(ctx);
  return {
    action: wordOf(done.action),
    instance_uuid: done.instanceId,
    request_id: requestOf(done),
    user_id: staff || done.createdById === userId ? done.userUuid : null,
    project_id: projectOnWire(done.projectId),
    start_time: time(done.createdAt),
    message: done.status === 'failed' ? 'Error' : null,
    ...(since(ctx, 58) && { updated_at: time(done.updatedAt) }),
  };
};
/** One event: its jobs' steps have no times of their own. */
const eventsView = (ctx: ComputeRequest, done: Done) => {
  const { staff } = callerOf(ctx);
  if (!staff && !since(ctx, 51)) return {};
  const event = {
    event: `compute_${wordOf(done.action)}`,
    start_time: time(done.createdAt),
    finish_time: done.completedAt && time(done.completedAt),
    result: RESULTS[done.status],
    ...(staff && { traceback: null }),
    ...(since(ctx, 62) && { hostId: '', ...(staff && { host: null }) }),
    ...(since(ctx, 84) && { details: null }),
  };
  return { events: [event] };
};
/** Deleted servers have a history from 2.21 on. */
const deletedToo = (ctx: ComputeRequest): boolean => since(ctx, 21);
/** A time in a query, with its zone. @throws Fault invalid */
export const instant = (query: FaceQuery, name: string): string | undefined => {
  const text = queryText(query, name);
  if (text === undefined) return undefined;
  const found = queryInstant(text);
  if (found === undefined)
    throw faceFault('invalid', `Invalid input for query parameters ${name}. Value: ${text.slice(0, 100)}.`);
  return found;
};
const filtersOf = (ctx: ComputeRequest, query: FaceQuery) => {
  if (!since(ctx, 58)) return {};
  const [from, to] = [instant(query, 'changes-since'), since(ctx, 66) ? instant(query, 'changes-before') : undefined];
  return { ...(from !== undefined && { since: from }), ...(to !== undefined && { before: to }) };
};

export const serverHistoryEndpoints = [
  endpoint(facadeCompute.listInstanceActions, async (ctx, { params: { id }, query, req }) => {
    demandKnownQuery(ctx, query, ['limit', 'marker', 'changes-since', ['changes-before', 66]], 58);
    const paged = since(ctx, 58);
    const [marker, limit] = paged ? [queryText(query, 'marker'), queryLimit(query)] : [undefined, 1000];
    const page = { ...filtersOf(ctx, query), marker, limit, deletedToo: deletedToo(ctx) };
    const found = await ofServer(id, () => listHistory(ctx, id, page));
    if (found === 'no_marker') throw unknownMarker(marker);
    const last = paged && found.more ? found.rows.at(-1) : undefined;
    const path = `/compute/v2.1/servers/${id}/os-instance-actions`;
    return {
      instanceActions: found.rows.map((one) => view(ctx, one)),
      ...(last && { links: nextLinks(ctx, req, path, requestOf(last)) }),
    };
  }),
  endpoint(facadeCompute.showInstanceAction, async (ctx, { params: { id, request } }) => {
    const done = await ofServer(id, () => findInHistory(ctx, id, { request, deletedToo: deletedToo(ctx) }));
    if (!done) throw faceFault('not_found', `Action for request_id ${request} on instance ${id} could not be found.`);
    return { instanceAction: { ...view(ctx, done), ...eventsView(ctx, done) } };
  }),
];
