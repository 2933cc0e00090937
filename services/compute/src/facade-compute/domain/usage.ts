import { notFound } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { demandAdmin, scopeOf } from '../../facade/domain/scope.js';
import { projectOfWire } from '../../facade/project-ids.js';
import { UUID } from '../../lists/uuid.js';
import { refusal } from '../../refusals.js';
import { listServerUsage, sumUsage, type ProjectUsageRow, type ServerUsageRow } from '../store/usage.js';

export type { ProjectUsageRow, ServerUsageRow };
/** A period: instants with a zone. */
export interface Period {
  from: string;
  to: string;
}
/** What a project has used, and its servers as far as they were asked for. */
export interface ProjectUsage extends ProjectUsageRow {
  servers: ServerUsageRow[];
}
const MOST_PROJECTS = 1000;
/** Servers of an answer that has no pages (below microversion 2.40): sums count those beyond it, too. */
const MOST_SERVERS = 10_000;

/**
 * The project whose usage is asked for: one's own, or for administrators any.
 * @param shown null: all projects
 * @throws Fault forbidden
 */
const demandOwn = (ctx: ComputeRequest, shown: string | null): string | null => {
  if (shown === null) {
    demandAdmin(ctx);
    return null;
  }
  const { admin, projectId: own } = scopeOf(ctx);
  const projectId = projectOfWire(shown) ?? '';
  if (projectId !== own && !admin) throw refusal('forbidden', 'facade.policy');
  return projectId;
};
const byProject = (servers: readonly ServerUsageRow[]): Map<string, ServerUsageRow[]> => {
  const found = new Map<string, ServerUsageRow[]>();
  for (const one of servers) {
    const some = found.get(one.projectId);
    if (some) some.push(one);
    else found.set(one.projectId, [one]);
  }
  return found;
};
const summed = (projectId: string, servers: ServerUsageRow[]): ProjectUsage => {
  const sum = (of: (one: ServerUsageRow) => number): number => servers.reduce((total, one) => total + of(one), 0);
  return {
    projectId,
    servers,
    hours: sum((one) => one.hours),
    memoryMb: sum((one) => one.hours * one.memoryMb),
    vcpus: sum((one) => one.hours * one.vcpus),
    localGb: sum((one) => one.hours * one.localGb),
  };
};
/**
 * Everything at once, as it is below microversion 2.40.
 * @param options.servers whether the servers are told, too
 * @throws Fault forbidden
 */
export const usageOf = async (
  ctx: ComputeRequest,
  shown: string | null,
  period: Period,
  options: { servers: boolean },
): Promise<ProjectUsage[]> => {
  const of = { ...period, projectId: demandOwn(ctx, shown) };
  const sums = await sumUsage(dbOf(ctx), of, MOST_PROJECTS);
  const servers = options.servers ? await listServerUsage(dbOf(ctx), of, { after: null, limit: MOST_SERVERS }) : [];
  const found = byProject(servers === 'no_marker' ? [] : servers);
  return sums.map((sum) => ({ ...sum, servers: found.get(sum.projectId) ?? [] }));
};
/**
 * A page of servers, by project; the sums are those of the page, so that clients add up those of all pages.
 * @returns with the id of the page's last server where there is another page
 * @throws Fault forbidden, not_found: the marker names no server
 */
export const pageOfUsage = async (
  ctx: ComputeRequest,
  shown: string | null,
  period: Period,
  { after, limit }: { after: string | null; limit: number },
): Promise<{ usages: ProjectUsage[]; last: string | undefined }> => {
  const of = { ...period, projectId: demandOwn(ctx, shown) };
  if (after !== null && !UUID.test(after)) throw notFound();
  const found = await listServerUsage(dbOf(ctx), of, { after, limit: limit + 1 });
  if (found === 'no_marker') throw notFound();
  const servers = found.slice(0, limit);
  return {
    usages: [...byProject(servers)].map(([projectId, some]) => summed(projectId, some)),
    last: found.length > limit ? servers.at(-1)?.id : undefined,
  };
};
