import { z } from 'zod';
import { boundedArray } from '@nefos/contracts';
import { isoZ6, type Fault } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { clientOf, scopeOf } from '../../facade/domain/scope.js';
import { projectOfWire, projectOnWire } from '../../facade/project-ids.js';
import { UUID } from '../../lists/uuid.js';
import { faceFault } from '../../facade/api/refused.js';

/** Attributes that several kinds have. */
export const name = z.string().max(255);
export const description = z.string().max(255);
export const id = z.string().max(255);
export const projectFields = { tenant_id: id.optional(), project_id: id.optional() };
export const zoneHints = boundedArray(z.string().max(255), 5).optional();
export const flag = z.union([z.boolean(), z.enum(['true', 'false', 'True', 'False'])]);
export const isTrue = (value: z.infer<typeof flag> | undefined, otherwise = false): boolean =>
  value === undefined ? otherwise : value === true || value === 'true' || value === 'True';

/** How Neutron says that a thing which a body names is not there. */
const ABSENT = {
  network: ['NetworkNotFound', 'Network % could not be found.'],
  subnet: ['SubnetNotFound', 'Subnet % could not be found.'],
  port: ['PortNotFound', 'Port % could not be found.'],
  group: ['SecurityGroupNotFound', 'Security group % does not exist'],
} as const;
export const noSuch = (kind: keyof typeof ABSENT, one: string): Fault =>
  faceFault('not_found', ABSENT[kind][1].replace('%', one), ABSENT[kind][0]);
/** What is no id names nothing. @throws Fault not_found */
export const demandId = (kind: keyof typeof ABSENT, one: string): void => {
  if (!UUID.test(one)) throw noSuch(kind, one);
};

export interface Labelled {
  id: string;
  projectId: string | null;
  description: string;
  tags: string[];
  revision: number;
  createdAt: string | null;
  updatedAt: string | null;
}
/** `2026-01-15T12:00:00Z`, as Neutron writes instants. */
const seconds = (at: string | null): string => (at === null ? '1970-01-01T00:00:00Z' : `${isoZ6(at).slice(0, 19)}Z`);
/** What every kind shows. */
export const commonView = (row: Labelled) => ({
  project_id: row.projectId === null ? '' : projectOnWire(row.projectId),
  tenant_id: row.projectId === null ? '' : projectOnWire(row.projectId),
  description: row.description,
  tags: row.tags,
  revision_number: row.revision,
  created_at: seconds(row.createdAt),
  updated_at: seconds(row.updatedAt),
});

/**
 * For whom something is made: the token's project. Naming another project is for administrators, and not done here.
 * @throws Fault forbidden, invalid
 */
export const whoseOf = (
  ctx: ComputeRequest,
  given: { tenant_id?: string | undefined; project_id?: string | undefined },
): { client?: number; acting?: string } => {
  const named = given.project_id ?? given.tenant_id;
  const { projectId, admin } = scopeOf(ctx);
  if (named !== undefined && projectOfWire(named) !== projectId)
    throw faceFault(
      'forbidden',
      'Things are made in the project of the token: sign in with that project.',
      'PolicyNotAuthorized',
    );
  const client = clientOf(ctx);
  return admin ? { client } : { acting: String(client) };
};
