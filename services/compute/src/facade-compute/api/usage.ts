import { facadeCompute } from '@nefos/contracts';
import { Fault, endpointFor } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { nextLinks } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { microseconds, queryInstant } from '../../facade/api/times.js';
import { projectOfWire, projectOnWire } from '../../facade/project-ids.js';
import { pageOfUsage, usageOf, type Period, type ProjectUsage, type ServerUsageRow } from '../domain/usage.js';
import { unknownMarker } from './list-request.js';
import { demandKnownQuery } from './newer-fields.js';

const endpoint = endpointFor<ComputeCtx>();

const instantOf = (query: FaceQuery, name: string, now: Date): string => {
  const text = queryText(query, name);
  if (text === undefined) return now.toISOString();
  const found = queryInstant(text);
  if (found === undefined)
    throw faceFault('invalid', `Invalid start time. ${name} is no date and time: ${text.slice(0, 100)}`);
  return found;
};
/** What is still to come is in no period: clients ask until tomorrow. */
const periodOf = (ctx: ComputeRequest, query: FaceQuery): Period => {
  const now = ctx.clock.now();
  const period = { from: instantOf(query, 'start', now), to: instantOf(query, 'end', now) };
  if (Date.parse(period.from) > Date.parse(period.to))
    throw faceFault('invalid', 'Invalid start time. The start time cannot occur after the end time.');
  return { ...period, to: Date.parse(period.to) > now.getTime() ? now.toISOString() : period.to };
};
const plain = (at: string): string => new Date(at).toISOString().replace(/(\.\d{3})Z$/, '$1000');
const sumView = (projectId: string, { from, to }: Period, sum: ProjectUsage | undefined) => ({
  tenant_id: projectOnWire(projectId),
  start: plain(from),
  stop: plain(to),
  total_hours: sum?.hours ?? 0,
  total_memory_mb_usage: sum?.memoryMb ?? 0,
  total_vcpus_usage: sum?.vcpus ?? 0,
  total_local_gb_usage: sum?.localGb ?? 0,
});
const serverView = (s: ServerUsageRow) => ({
  instance_id: s.id,
  name: s.name,
  tenant_id: projectOnWire(s.projectId),
  flavor: s.flavor ?? '',
  vcpus: s.vcpus,
  memory_mb: s.memoryMb,
  local_gb: s.localGb,
  hours: s.hours,
  uptime: s.uptime,
  started_at: microseconds(s.startedAt),
  ended_at: s.endedAt && microseconds(s.endedAt),
  state: s.endedAt === null ? s.vmState : 'terminated',
});
/** Pages are of servers, from 2.40 on; `last` is where the next one begins. */
const askedFor = async (
  ctx: ComputeRequest,
  query: FaceQuery,
  { project, period, servers }: { project: string | null; period: Period; servers: boolean },
): Promise<{ usages: ProjectUsage[]; last?: string | undefined }> => {
  if (!since(ctx, 40)) return { usages: await usageOf(ctx, project, period, { servers }) };
  const after = queryText(query, 'marker') ?? null;
  try {
    return await pageOfUsage(ctx, project, period, { after, limit: queryLimit(query) });
  } catch (err) {
    throw err instanceof Fault && err.kind === 'not_found' ? unknownMarker(after ?? undefined) : err;
  }
};
const linksTo = (ctx: ComputeRequest, req: Request, name: string, path: string, last: string | undefined) =>
  last === undefined ? {} : { [name]: nextLinks(ctx, req, path, last) };
const PATH = '/compute/v2.1/os-simple-tenant-usage';
const KNOWN = ['start', 'end', 'limit', 'marker'];

export const usageEndpoints = [
  endpoint(facadeCompute.showUsage, async (ctx, { req, params: { project }, query }) => {
    demandKnownQuery(ctx, query, KNOWN);
    const period = periodOf(ctx, query);
    const { usages, last } = await askedFor(ctx, query, { project, period, servers: true });
    const [usage] = usages;
    // The command breaks on an empty object: the sums are always there (contract compute §12.3).
    return {
      tenant_usage: {
        ...sumView(projectOfWire(project) ?? '', period, usage),
        server_usages: (usage?.servers ?? []).map(serverView),
      },
      ...linksTo(ctx, req, 'tenant_usage_links', `${PATH}/${project}`, last),
    };
  }),
  endpoint(facadeCompute.listUsage, async (ctx, { req, query }) => {
    demandKnownQuery(ctx, query, [...KNOWN, 'detailed']);
    const period = periodOf(ctx, query);
    const detailed = queryText(query, 'detailed') === '1';
    const { usages, last } = await askedFor(ctx, query, { project: null, period, servers: detailed });
    return {
      tenant_usages: usages.map((one) => ({
        ...sumView(one.projectId, period, one),
        ...(detailed && { server_usages: one.servers.map(serverView) }),
      })),
      ...linksTo(ctx, req, 'tenant_usages_links', PATH, last),
    };
  }),
];
