import type { Principal } from '@nefos/contracts';
import { ApiError } from './api-error.js';

const object = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? value as Record<string, unknown> : {});
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * The principal of a v3 token document (contract identity §12.3); a component is a user whose id is `component:<name>`.
 * An answer of another shape is an error, never a principal with holes and never "no such token".
 */
export const principalOfV3 = (body: unknown): Principal => {
  const token = object(object(body).token);
  const user = object(token.user);
  const uuid = text(user.id);
  if (!uuid || !(token.expires_at === null || text(token.expires_at))) throw new ApiError('GET /identity/v3/auth/tokens', { status: 200, code: 'refused', reason: 'an answer of another shape' });
  const roles = Array.isArray(token.roles) ? token.roles.map((role) => text(object(role).name)).filter((name) => name !== undefined) : [];
  const projectId = text(object(token.project).id);
  const tokenExpires = text(token.expires_at);
  const auditId = Array.isArray(token.audit_ids) ? text(token.audit_ids[0]) : undefined;
  return {
    kind: uuid.startsWith('component:') ? 'component' : 'user', uuid, displayName: text(user.name) ?? uuid, roles,
    ...(projectId && { projectId }), ...(tokenExpires && { tokenExpires }), ...(auditId && { auditId }), via: 'x-auth-token',
  };
};
/** A 404 that speaks of the token in identity's own form, not of a path that some other server does not know. */
export const saysNoSuchToken = (err: unknown): boolean => err instanceof ApiError && err.status === 404 && object(object(err.body).error).code === 404;
