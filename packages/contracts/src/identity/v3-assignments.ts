import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { listOf, v3Check, v3List } from './v3-lists.js';
import { flag, listQuery, source, text } from './v3-shapes.js';

const contract = contractIn('keystone');

/** Who has which role where (contract identity §12.4). */
/** `group.id` and inheritance find nothing: roles are given to users, for one project, the domain or the system. */
export const listRoleAssignments = v3List(
  '/identity/v3/role_assignments',
  'role_assignments',
  'Who has which role where',
  {
    'user.id': text.optional(),
    'group.id': text.optional(),
    'role.id': text.optional(),
    'scope.project.id': text.optional(),
    'scope.domain.id': text.optional(),
    'scope.system': z.literal('all').optional(),
    'scope.OS-INHERIT:inherited_to': z.literal('projects').optional(),
    effective: flag.describe('with the roles that a role implies'),
    include_names: flag,
    include_subtree: flag.describe('with scope.project.id; projects have no children'),
  },
  'Lists which user has which role in which project, in the domain or on the system, for ' + 'administrators.',
  [403],
);
const assignee = { project: text, user: text };
export const listProjectUserRoles = contract({
  method: 'get',
  path: '/identity/v3/projects/:project/users/:user/roles',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Roles that were given to a user in a project',
  description:
    'Lists the roles that were assigned to a user in a project. Users ask about themselves, administrators about ' +
    'anyone.',
  source,
  params: z.object(assignee),
  query: listQuery({}),
  response: listOf('roles'),
});
export const checkProjectUserRole = v3Check(
  '/identity/v3/projects/:project/users/:user/roles/:role',
  z.object({ ...assignee, role: text }),
  'Whether a user has a role in a project',
);
const everywhere = { user: text };
export const listSystemUserRoles = contract({
  method: 'get',
  path: '/identity/v3/system/users/:user/roles',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Roles that were given to a user on the system',
  description:
    'Lists the roles that were assigned to a user on the system. Users ask about themselves, administrators about ' +
    'anyone.',
  source,
  params: z.object(everywhere),
  query: listQuery({}),
  response: listOf('roles'),
});
export const checkSystemUserRole = v3Check(
  '/identity/v3/system/users/:user/roles/:role',
  z.object({ ...everywhere, role: text }),
  'Whether a user has a role on the system',
);
export const listDomainUserRoles = contract({
  method: 'get',
  path: '/identity/v3/domains/:domain/users/:user/roles',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Roles that were given to a user in the domain',
  description:
    'Lists the roles that were assigned to a user in the domain. Users ask about themselves, administrators about ' +
    'anyone.',
  source,
  params: z.object({ domain: text, user: text }),
  query: listQuery({}),
  response: listOf('roles'),
});
export const checkDomainUserRole = v3Check(
  '/identity/v3/domains/:domain/users/:user/roles/:role',
  z.object({ domain: text, user: text, role: text }),
  'Whether a user has a role in the domain',
);
