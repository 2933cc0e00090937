import { boundedArray } from '@nefos/contracts';
import { Fault } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { faceFault } from '../../facade/api/refused.js';
import { secondsZ } from '../../facade/api/times.js';
import { regionOfZone } from '../../facade/domain/regions.js';
import { clientOf, scopeOf } from '../../facade/domain/scope.js';
import { projectOfWire, projectOnWire } from '../../facade/project-ids.js';
import { bad } from './attributes.js';
import { text, uuid } from './values.js';

/** Attributes that several kinds have. */
export const name = text(255);
export const description = text(255);
const project = text(255);
export const projectFields = { tenant_id: project.optional(), project_id: project.optional() };
export const zoneHints = boundedArray(text(255), 5).optional();
export const id = uuid;

export interface Labelled {
  id: string;
  projectId: string | null;
  description: string;
  tags: string[];
  revision: number;
  createdAt: string;
  updatedAt: string;
}
const onWire = (projectId: string | null): string => (projectId === null ? '' : projectOnWire(projectId));
/** What every kind shows. */
export const commonView = (row: Labelled) => ({
  project_id: onWire(row.projectId),
  tenant_id: onWire(row.projectId),
  description: row.description,
  tags: row.tags,
  revision_number: row.revision,
  created_at: secondsZ(row.createdAt),
  updated_at: secondsZ(row.updatedAt),
});

/** A body may name the project by either of two names. */
export interface GivenProject {
  tenant_id?: string | undefined;
  project_id?: string | undefined;
}
const namedProject = (given: GivenProject): string | undefined => given.project_id ?? given.tenant_id;
const otherProject = (): Fault =>
  faceFault(
    'forbidden',
    'Things are made in the project of the token: sign in with that project.',
    'PolicyNotAuthorized',
  );
/**
 * For whom something is made: the project that administrators name, else the token's.
 * @throws Fault forbidden, invalid
 */
export const whoseOf = async (
  ctx: ComputeRequest,
  given: GivenProject,
): Promise<{ client?: number; acting?: string }> => {
  const named = namedProject(given);
  const { projectId, admin } = scopeOf(ctx);
  const wanted = named === undefined ? projectId : projectOfWire(named);
  if (wanted !== projectId && !admin) throw otherProject();
  if (wanted !== projectId) {
    const client = wanted === undefined ? undefined : await ctx.projectClients.find(ctx.db, wanted);
    if (client === undefined)
      throw bad(`Invalid input for project_id. Reason: '${String(named).slice(0, 100)}' is no client's project.`);
    return { client };
  }
  const client = clientOf(ctx);
  return admin ? { client } : { acting: String(client) };
};
/** The project that `whoseOf` has taken. */
export const projectIn = (ctx: ComputeRequest, given: GivenProject): string => {
  const named = namedProject(given);
  return (named === undefined ? undefined : projectOfWire(named)) ?? scopeOf(ctx).projectId;
};
/** Whether it is the project that owns a thing that is there; what is made on it is of the same. @throws Fault */
export const demandProject = (ctx: ComputeRequest, given: GivenProject, owner: string | null): void => {
  const named = namedProject(given);
  if (named === undefined || projectOfWire(named) === owner) return;
  const { admin, projectId } = scopeOf(ctx);
  // Staff who name their own project mean what is the provider's.
  if (owner === null && projectOfWire(named) === projectId && admin) return;
  throw admin
    ? bad(`Invalid input for project_id. Reason: it is of another project than what it is on.`)
    : otherProject();
};
/** The region of something new: regions are availability zones. @throws Fault not_found */
export const regionFor = async (ctx: ComputeRequest, hints: readonly string[] | undefined): Promise<string> => {
  const [zone] = hints ?? [];
  try {
    return await regionOfZone(ctx, zone);
  } catch (err) {
    if (!(err instanceof Fault) || err.code !== 'facade.refused' || zone === undefined) throw err;
    throw faceFault(
      'not_found',
      `AvailabilityZone ${zone.slice(0, 100)} could not be found.`,
      'AvailabilityZoneNotFound',
    );
  }
};
/** What Neutron's policy says of an attribute that only administrators set. */
export const notAllowed = (rule: string): Fault =>
  faceFault('forbidden', `(rule:${rule}) is disallowed by policy`, 'PolicyNotAuthorized');
