import { COMPONENT_RIGHTS } from '@nefos/contracts';
import type { IdentityCtx } from '../../ctx.js';
import type { TokenRecord, UserToken } from './tokens.js';

/**
 * Names of roles that services know without asking what made them: OpenStack's, and those of components. A group of such a name is one of
 * them to whoever goes by roles, and many compare them in any case.
 */
const MEANING = new Set<string>(['reader', 'member', 'manager', 'admin', 'service', ...COMPONENT_RIGHTS]);
export const hasMeaning = (name: string): boolean => MEANING.has(name.toLowerCase());
/** OpenStack's roles, each with what it implies before it. A group of such a name is none of them, and no role of its own. */
export const IMPLIED: readonly string[] = ['reader', 'member', 'manager', 'admin'];
/** Those of them that are given to somebody; the others come with them. */
export const ASSIGNED: readonly string[] = ['member', 'admin'];
export interface Role {
  id: string;
  name: string;
}
/** The names of groups by their ids, as the directory holds them. */
export interface GroupNames {
  readonly groups: ReadonlyMap<number, string>;
}
/** The groups of the user; an application credential has at most those it was given. */
const groupsHeld = (directory: GroupNames, t: UserToken): { id: number; name: string }[] =>
  t.user.groupIds.flatMap((id) => {
    const name = directory.groups.get(id);
    return name === undefined || (t.credential && !t.credential.roles.includes(name)) ? [] : [{ id, name }];
  });
/** Groups are the roles of v2.0 (contract identity §8.6). A token that may only read shows none, as in v3: whoever goes by roles refuses it. */
export const groupsOf = (directory: GroupNames, t: UserToken): { id: number; name: string }[] =>
  t.readOnly ? [] : groupsHeld(directory, t);
const implied = (superuser: boolean): Role[] =>
  ['reader', 'member', ...(superuser ? ['manager', 'admin'] : [])].map((name) => ({ id: name, name }));
/** What a component's token carries: it is a service, and what it is trusted with. */
const componentRoles = (rights: readonly string[]): Role[] =>
  ['service', ...rights].map((name) => ({ id: name, name }));
const READER: Role = { id: 'reader', name: 'reader' };
/** Implied roles written out, and groups; an application credential has at most those it was given (contract identity §12.1). */
const heldBy = (directory: GroupNames, t: UserToken): Role[] => {
  const all = [
    ...implied(t.user.isSuperuser),
    ...groupsHeld(directory, t)
      .filter((g) => !IMPLIED.includes(g.name))
      .map((g) => ({ id: String(g.id), name: g.name })),
  ];
  return t.credential ? all.filter((r) => t.credential?.roles.includes(r.name)) : all;
};
/** The roles of v3. A token that may only read has the one for that, so that any service that goes by roles refuses it the rest. */
export const rolesOf = (directory: GroupNames, t: TokenRecord): Role[] =>
  !t.user ? componentRoles(t.component?.rights ?? []) : t.readOnly ? [READER] : heldBy(directory, t as UserToken);
/**
 * An administrator of this service: a superuser, or a member of an administrators' group. A credential without that role does not carry it.
 * With a token that may only read one may see what an administrator sees.
 */
export const isAdmin = (ctx: IdentityCtx, directory: GroupNames, t: TokenRecord): boolean =>
  t.user !== null &&
  heldBy(directory, t as UserToken).some(
    (r) => (r.name === 'admin' && t.user?.isSuperuser) || ctx.settings.adminGroups.includes(r.name),
  );
