import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { demandAdmin, scopeOf } from '../../facade/domain/scope.js';
import { projectOfWire } from '../../facade/project-ids.js';
import { refusal } from '../../refusals.js';
import { listServerUsage, sumUsage, type ProjectUsageRow, type ServerUsageRow } from '../store/usage.js';

export type { ProjectUsageRow, ServerUsageRow };
/** A period: instants with a zone. */
export interface Period {
  from: string;
  to: string;
}
export interface UsagePage {
  after: string | null;
  limit: number;
}

/** One's own project, or for administrators any. @throws Fault forbidden */
const demandOwn = (ctx: ComputeRequest, shown: string): string => {
  const { admin, projectId: own } = scopeOf(ctx);
  const projectId = projectOfWire(shown) ?? '';
  if (projectId !== own && !admin) throw refusal('forbidden', 'facade.policy');
  return projectId;
};
/** What a project has used: its sums, and a page of its servers. @throws Fault forbidden */
export const usageOf = async (
  ctx: ComputeRequest,
  shown: string,
  period: Period,
  page: UsagePage,
): Promise<{ sum: ProjectUsageRow | undefined; servers: ServerUsageRow[] }> => {
  const projectId = demandOwn(ctx, shown);
  const [sum] = await sumUsage(dbOf(ctx), { ...period, projectId, after: null, limit: 1 });
  return { sum, servers: await listServerUsage(dbOf(ctx), { ...period, ...page, projectId }) };
};
/** Sums of all projects. @throws Fault forbidden */
export const usageOfAll = async (ctx: ComputeRequest, period: Period, page: UsagePage): Promise<ProjectUsageRow[]> => {
  demandAdmin(ctx);
  return sumUsage(dbOf(ctx), { ...period, ...page, projectId: null });
};
/** Servers of one of these projects, for a list with details. */
export const serversOf = (ctx: ComputeRequest, projectId: string, period: Period): Promise<ServerUsageRow[]> =>
  listServerUsage(dbOf(ctx), { ...period, projectId, after: null, limit: 1000 });
