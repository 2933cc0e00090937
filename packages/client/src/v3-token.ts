import { identity, type Principal } from '@nefos/contracts';
import { ApiError } from './api-error.js';

const { token } = identity.v3Token.shape;
/** What a principal is made of; the rest of the document may change without us. */
const needed = token
  .pick({ expires_at: true, audit_ids: true, roles: true, read_only: true, application_credential: true })
  // null: an identity of before 2027 says so of a token without an end.
  .extend({
    expires_at: token.shape.expires_at.nullable(),
    user: token.shape.user.pick({ id: true, name: true }),
    project: token.shape.project.unwrap().pick({ id: true, name: true }).optional(),
  });

/**
 * The principal of a v3 token document (contract identity §12.3); a component is a user whose id is `component:<name>`.
 * An answer of another shape is an error, never a principal with holes and never "no such token".
 */
export const principalOfV3 = (body: unknown): Principal => {
  const read = needed.safeParse((body as { token?: unknown } | null)?.token);
  if (!read.success || !read.data.user.id)
    throw new ApiError(`GET ${identity.getV3Token.path}`, {
      status: 200,
      code: 'refused',
      reason: 'an answer of another shape',
    });
  const {
    user,
    project,
    roles = [],
    audit_ids: [auditId],
    expires_at: expires,
    read_only: readOnly,
    application_credential: credential,
  } = read.data;
  const kind = user.id.startsWith('component:') ? 'component' : 'user';
  const reads = kind === 'user' && project !== undefined && !roles.some(({ name }) => WRITING.has(name));
  return {
    kind,
    uuid: user.id,
    displayName: user.name,
    roles: roles.map((role) => role.name),
    ...(project && { project: { id: project.id, name: project.name } }),
    ...(expires !== null && { tokenExpires: expires }),
    ...(auditId !== undefined && { auditId }),
    ...((readOnly || reads) && { readOnly: true }),
    ...(credential && { byCredential: true }),
    ...(credential?.restricted && { restricted: true }),
    via: 'x-auth-token',
  };
};
/** Roles with which a token changes things; with others, such as `reader`, it reads (contract identity §12.4). */
const WRITING = new Set(['member', 'manager', 'admin', 'service']);

/** A 404 that speaks of the token in identity's own form, not of a path that some other server does not know. */
export const saysNoSuchToken = (err: unknown): boolean =>
  err instanceof ApiError &&
  err.status === 404 &&
  (err.body as { error?: { code?: unknown } } | null)?.error?.code === 404;
