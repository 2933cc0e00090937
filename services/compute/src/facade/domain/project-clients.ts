import type { Queryable } from '@nefos/service-kit';
import { LRUCache } from 'lru-cache';
import { findClientOfProject } from '../store/projects.js';

/** Whose project it is. A project never changes its client, so what was found is remembered. */
export interface ProjectClients {
  find(q: Queryable, projectId: string): Promise<number | undefined>;
}
export const createProjectClients = (): ProjectClients => {
  const known = new LRUCache<string, number>({ max: 50_000 });
  return {
    find: async (q, projectId) => {
      const found = known.get(projectId) ?? (await findClientOfProject(q, projectId));
      if (found !== undefined) known.set(projectId, found);
      return found;
    },
  };
};
