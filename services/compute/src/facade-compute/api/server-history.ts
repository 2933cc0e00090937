import { facadeCompute } from '@nefos/contracts';
import { endpointFor, isoZ6 } from '@nefos/service-kit';
import { callerOf, maySee } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { nextLinks } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { projectOnWire } from '../../facade/project-ids.js';
import { UUID } from '../../lists/uuid.js';
import { findClientOfAny, findDone, listDone, type Done, type HistoryOf } from '../store/server-history.js';
import { getServer } from './in-nova.js';
import { demandKnownQuery } from './versioned.js';

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
/** As Nova writes these times: in UTC, with microseconds and without a zone. */
const time = (at: string): string => isoZ6(at).slice(0, -1);
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
/** The instance, which may be deleted from 2.21 on. @throws Fault not_found */
const historyOf = async (ctx: ComputeRequest, id: string): Promise<HistoryOf> => {
  const caller = callerOf(ctx);
  const clientId = since(ctx, 21)
    ? UUID.test(id)
      ? await findClientOfAny(dbOf(ctx), id)
      : undefined
    : (await getServer(ctx, id)).clientId;
  if (clientId === undefined || !maySee(caller, clientId))
    throw faceFault('not_found', `Instance ${id} could not be found.`);
  return { instanceId: id, clientId: caller.staff ? null : clientId };
};
const instant = (query: FaceQuery, name: string): string | undefined => {
  const text = queryText(query, name);
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text) && Date.parse(text);
  if (typeof at !== 'number' || Number.isNaN(at))
    throw faceFault('invalid', `Invalid input for query parameters ${name}. Value: ${text.slice(0, 100)}.`);
  // Times without a zone are UTC.
  return /(Z|[+-]\d\d:?\d\d)$/.test(text) || text.length === 10 ? text : `${text}Z`;
};
const filtersOf = (ctx: ComputeRequest, query: FaceQuery) => {
  if (!since(ctx, 58)) return {};
  const [from, to] = [instant(query, 'changes-since'), since(ctx, 66) ? instant(query, 'changes-before') : undefined];
  return { ...(from !== undefined && { since: from }), ...(to !== undefined && { before: to }) };
};

export const serverHistoryEndpoints = [
  endpoint(facadeCompute.listServerActions, async (ctx, { params: { id }, query, req }) => {
    demandKnownQuery(ctx, query, ['limit', 'marker', 'changes-since', 'changes-before']);
    const paged = since(ctx, 58);
    const [asked, limit] = paged ? [queryText(query, 'marker'), queryLimit(query)] : [undefined, 1000];
    const filters = filtersOf(ctx, query);
    const of = await historyOf(ctx, id);
    const marker = asked === undefined ? undefined : await findDone(dbOf(ctx), of, asked);
    const found =
      asked !== undefined && !marker
        ? 'no_marker'
        : await listDone(dbOf(ctx), of, { limit, marker: marker?.id, ...filters });
    if (found === 'no_marker') throw faceFault('invalid', `Marker ${asked?.slice(0, 100) ?? ''} could not be found.`);
    const last = found.rows.at(-1);
    return {
      instanceActions: found.rows.map((one) => view(ctx, one)),
      ...(paged &&
        found.more &&
        last && { links: nextLinks(ctx, req, `/compute/v2.1/servers/${id}/os-instance-actions`, requestOf(last)) }),
    };
  }),
  endpoint(facadeCompute.showServerAction, async (ctx, { params: { id, request } }) => {
    const done = await findDone(dbOf(ctx), await historyOf(ctx, id), request);
    if (!done) throw faceFault('not_found', `Action for request_id ${request} on instance ${id} not found`);
    return { instanceAction: { ...view(ctx, done), ...eventsView(ctx, done) } };
  }),
];
