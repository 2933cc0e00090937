import { LRUCache } from 'lru-cache';
import { DriverError } from '../driver.js';
import { hasCode } from './openstack-errors.js';
import type { OpenstackSettings } from './openstack-settings.js';
import type { Session } from './openstack-session.js';

export interface Projects {
  /** Keystone's id of the client's project, made when it is not there; null: that of the credentials. */
  of(portalProjectId: string): Promise<string | null>;
  /** What a thing of the network says of whose it is; nothing: of the credentials' project. */
  ownerOf(portalProjectId: string): Promise<{ project_id?: string }>;
  /** What is remembered of it may be wrong. */
  forget(portalProjectId: string): void;
}
/**
 * One project at Keystone for each project of the portal, known by its name, where the administrator gets the role that
 * is needed to create servers. Every step may be repeated.
 */
export const createProjects = (
  { call, own }: Session,
  { projects, project_prefix: prefix, role }: OpenstackSettings,
): Projects => {
  const known = new LRUCache<string, string>({ max: 10_000 });
  const find = async (name: string, domain: string): Promise<string | undefined> =>
    (
      await call<{ projects: { id: string }[] }>({
        service: 'identity',
        method: 'GET',
        path: '/projects',
        query: { name, domain_id: domain },
      })
    ).body.projects[0]?.id;
  const make = async (name: string, domain: string): Promise<string> => {
    const body = { project: { name, domain_id: domain, enabled: true, description: 'A project of a client of Nefos' } };
    try {
      const made = await call<{ project: { id: string } }>({
        service: 'identity',
        method: 'POST',
        path: '/projects',
        body,
      });
      return made.body.project.id;
    } catch (err) {
      // Another process was faster.
      const found = hasCode(err, 'CONFLICT') ? await find(name, domain) : undefined;
      if (found === undefined) throw err;
      return found;
    }
  };
  const roleId = async (): Promise<string> => {
    const { body } = await call<{ roles: { id: string }[] }>({
      service: 'identity',
      method: 'GET',
      path: '/roles',
      query: { name: role },
    });
    const [found] = body.roles;
    if (!found) throw new DriverError('FORBIDDEN', 'The cloud does not have the role that the region names.');
    return found.id;
  };
  const of = async (portalProjectId: string): Promise<string | null> => {
    if (projects === 'shared') return null;
    const remembered = known.get(portalProjectId);
    if (remembered !== undefined) return remembered;
    const name = `${prefix}${portalProjectId}`;
    const { userId, projectDomainId } = await own();
    const id = (await find(name, projectDomainId)) ?? (await make(name, projectDomainId));
    await call({ service: 'identity', method: 'PUT', path: `/projects/${id}/users/${userId}/roles/${await roleId()}` });
    known.set(portalProjectId, id);
    return id;
  };
  return {
    of,
    ownerOf: async (portalProjectId) => {
      const id = await of(portalProjectId);
      return id === null ? {} : { project_id: id };
    },
    forget: (portalProjectId) => known.delete(portalProjectId),
  };
};
