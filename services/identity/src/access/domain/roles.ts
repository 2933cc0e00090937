import { COMPONENT_RIGHTS } from '@nefos/contracts';
import type { IdentityCtx } from '../../ctx.js';
import { isOfComponentProject, type TokenRecord, type UserToken } from './tokens.js';

/**
 * Roles by which services authorize: OpenStack's, and those of components. A service can not tell a group of such a
 * name from the role, and many compare without case.
 */
const RESERVED = new Set<string>(['reader', 'member', 'manager', 'admin', 'service', ...COMPONENT_RIGHTS]);
export const isReservedRole = (name: string): boolean => RESERVED.has(name.toLowerCase());
/** OpenStack's roles; each implies those before it. A group of such a name gives neither the role nor another one. */
export const OPENSTACK_ROLES: readonly string[] = ['reader', 'member', 'manager', 'admin'];
/** Those of them that are assigned; the others are implied. */
export const ASSIGNED: readonly string[] = ['member', 'admin'];
export interface Role {
  id: string;
  name: string;
}
/** The names of groups by their ids, as the directory holds them. */
export interface GroupNames {
  readonly groups: ReadonlyMap<number, string>;
}
/** The groups of the user, none in a component's project; with an application credential only those it was given. */
const groupsHeld = (directory: GroupNames, t: UserToken): { id: number; name: string }[] =>
  isOfComponentProject(t)
    ? []
    : t.user.groupIds.flatMap((id) => {
        const name = directory.groups.get(id);
        return name === undefined || (t.credential && !t.credential.roles.includes(name)) ? [] : [{ id, name }];
      });
/** The roles of v2.0 are groups (contract identity §8.6). A read-only token has none, so that services refuse it. */
export const groupsOf = (directory: GroupNames, t: UserToken): { id: number; name: string }[] =>
  t.readOnly ? [] : groupsHeld(directory, t);
const implied = (superuser: boolean): Role[] =>
  ['reader', 'member', ...(superuser ? ['manager', 'admin'] : [])].map((name) => ({ id: name, name }));
/** The roles of a component: `service`, and its rights. */
const componentRoles = (rights: readonly string[]): Role[] =>
  ['service', ...rights].map((name) => ({ id: name, name }));
const READER: Role = { id: 'reader', name: 'reader' };
/**
 * Implied roles and groups; a member of a component's project is that alone, a superuser too. With an application
 * credential only those it was given (contract identity §12.1).
 */
const heldBy = (directory: GroupNames, t: UserToken): Role[] => {
  const all = [
    ...implied(t.user.isSuperuser && !isOfComponentProject(t)),
    ...groupsHeld(directory, t)
      .filter((g) => !OPENSTACK_ROLES.includes(g.name))
      .map((g) => ({ id: String(g.id), name: g.name })),
  ];
  return t.credential ? all.filter((r) => t.credential?.roles.includes(r.name)) : all;
};
/** The roles of v3. A read-only token has `reader` alone, so that services let it do nothing else. */
export const rolesOf = (directory: GroupNames, t: TokenRecord): Role[] =>
  !t.user ? componentRoles(t.component?.rights ?? []) : t.readOnly ? [READER] : heldBy(directory, t as UserToken);
/**
 * Whether this is an administrator of this service: a superuser, or a member of an administrators' group. An
 * application credential must have been given that role. A read-only token counts: with it an administrator sees
 * everything and changes nothing.
 */
export const isAdmin = (ctx: IdentityCtx, directory: GroupNames, t: TokenRecord): boolean =>
  t.user !== null &&
  heldBy(directory, t as UserToken).some(
    (r) => (r.name === 'admin' && t.user?.isSuperuser) || ctx.settings.adminGroups.includes(r.name),
  );
