import type { Request } from 'express';
import { refusal } from '../../refusals.js';
import { projectOfWire } from '../project-ids.js';

const inPath = new WeakMap<object, string>();
const PROJECT = /^[0-9a-f]{32}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Paths may have the project after the version (contract compute §12.2): it is taken out, and compared with the token's
 * when that is known.
 * @param after the path up to the version, e.g. `/compute/v2.1`
 * @returns the address without it
 */
export const withoutProject = (req: Request, after: string): string => {
  const { url } = req;
  if (!url.startsWith(`${after}/`)) return url;
  const rest = url.slice(after.length + 1);
  const end = rest.search(/[/?]|$/);
  const project = rest.slice(0, end);
  if (!PROJECT.test(project)) return url;
  inPath.set(req, project);
  return after + rest.slice(end);
};
/** @throws Fault invalid/facade.project_path */
export const demandPathProject = (req: Request, projectId: string): void => {
  const path = inPath.get(req);
  if (path !== undefined && projectOfWire(path) !== projectId)
    throw refusal('invalid', 'facade.project_path', { path, token: projectId });
};
