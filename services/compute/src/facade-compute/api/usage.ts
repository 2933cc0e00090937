import { facadeCompute, parseInstant } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { nextLinks } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { microseconds } from '../../facade/api/times.js';
import { projectOfWire, projectOnWire } from '../../facade/project-ids.js';
import { UUID } from '../../lists/uuid.js';
import {
  serversOf,
  usageOf,
  usageOfAll,
  type Period,
  type ProjectUsageRow,
  type ServerUsageRow,
} from '../domain/usage.js';

const endpoint = endpointFor<ComputeCtx>();

const instantOf = (query: FaceQuery, name: string, now: Date): string => {
  const text = queryText(query, name);
  if (text === undefined) return now.toISOString();
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text.replace(' ', 'T')}Z`;
  if (!parseInstant(zoned))
    throw faceFault('invalid', `Invalid start time. ${name} is no date and time: ${text.slice(0, 100)}`);
  return zoned;
};
const periodOf = (ctx: ComputeRequest, query: FaceQuery): Period => {
  const now = ctx.clock.now();
  const period = { from: instantOf(query, 'start', now), to: instantOf(query, 'end', now) };
  if (Date.parse(period.from) > Date.parse(period.to))
    throw faceFault('invalid', 'Invalid start time. The start time cannot occur after the end time.');
  return period;
};
/** A float, as Python writes it: clients of typed languages read no whole number in its place. */
const sumView = (projectId: string, { from, to }: Period, sum: Omit<ProjectUsageRow, 'projectId'> | undefined) => ({
  tenant_id: projectOnWire(projectId),
  start: plain(from),
  stop: plain(to),
  total_hours: sum?.hours ?? 0,
  total_memory_mb_usage: sum?.memoryMb ?? 0,
  total_vcpus_usage: sum?.vcpus ?? 0,
  total_local_gb_usage: sum?.localGb ?? 0,
});
const plain = (at: string): string => new Date(at).toISOString().replace(/(\.\d{3})Z$/, '$1000');
const STATES: Readonly<Record<string, string>> = { deleted: 'terminated' };
const serverView = (projectId: string, s: ServerUsageRow) => ({
  instance_id: s.id,
  name: s.name,
  tenant_id: projectOnWire(projectId),
  flavor: s.flavor ?? '',
  vcpus: s.vcpus,
  memory_mb: s.memoryMb,
  local_gb: s.localGb,
  hours: s.hours,
  uptime: s.uptime,
  started_at: microseconds(s.startedAt),
  ended_at: s.endedAt && microseconds(s.endedAt),
  state: STATES[s.vmState] ?? s.vmState,
});
const pageOf = (ctx: ComputeRequest, query: FaceQuery) => {
  const limit = since(ctx, 40) ? queryLimit(query) : 1000;
  return { limit, marker: since(ctx, 40) ? queryText(query, 'marker') : undefined };
};

export const usageEndpoints = [
  endpoint(facadeCompute.showUsage, async (ctx, { req, params: { project }, query }) => {
    const period = periodOf(ctx, query);
    const { limit, marker } = pageOf(ctx, query);
    if (marker !== undefined && !UUID.test(marker)) throw faceFault('invalid', `marker [${marker}] not found`);
    const { sum, servers } = await usageOf(ctx, project, period, { limit: limit + 1, after: marker ?? null });
    const id = projectOfWire(project) ?? '';
    const shown = servers.slice(0, limit);
    const last = shown.at(-1);
    // The command breaks on an empty object: the sums are always there (contract compute §12.3).
    return {
      tenant_usage: { ...sumView(id, period, sum), server_usages: shown.map((one) => serverView(id, one)) },
      ...(last &&
        servers.length > limit && {
          tenant_usage_links: nextLinks(ctx, req, `/compute/v2.1/os-simple-tenant-usage/${project}`, last.id),
        }),
    };
  }),
  endpoint(facadeCompute.listUsage, async (ctx, { req, query }) => {
    const period = periodOf(ctx, query);
    const { limit, marker } = pageOf(ctx, query);
    const after = marker === undefined ? null : (projectOfWire(marker) ?? '');
    const sums = await usageOfAll(ctx, period, { limit: limit + 1, after });
    const shown = sums.slice(0, limit);
    const detailed = queryText(query, 'detailed') === '1';
    const usages = [];
    for (const sum of shown)
      usages.push({
        ...sumView(sum.projectId, period, sum),
        ...(detailed && {
          server_usages: (await serversOf(ctx, sum.projectId, period)).map((one) => serverView(sum.projectId, one)),
        }),
      });
    const last = shown.at(-1);
    return {
      tenant_usages: usages,
      ...(last &&
        sums.length > limit && {
          tenant_usages_links: nextLinks(
            ctx,
            req,
            '/compute/v2.1/os-simple-tenant-usage',
            projectOnWire(last.projectId),
          ),
        }),
    };
  }),
];
