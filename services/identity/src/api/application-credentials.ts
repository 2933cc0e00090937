import { identity } from '@nefos/contracts';
import { endpointFor, isoZ6 } from '@nefos/service-kit';
import type { IdentityCtx } from '../ctx.js';
import { createCredential, credentialOf, credentialsOf, removeCredential, type Credential } from '../domain/application-credentials.js';
import { forbidden } from '../domain/errors.js';
import { userOf } from './credentials.js';
import { linked, listing } from './v3-entities.js';

const endpoint = endpointFor<IdentityCtx>();
const path = (user: string, id = ''): string => `users/${user}/application_credentials${id && `/${id}`}`;
const view = async (ctx: IdentityCtx, user: string, c: Credential) => {
  const ids = new Map([...(await ctx.directory.get()).groups].map(([id, name]) => [name, String(id)]));
  return {
    id: c.id,
    name: c.name,
    description: c.description,
    project_id: c.project,
    roles: c.roles.map((name) => ({ id: ['reader', 'member', 'manager', 'admin'].includes(name) ? name : (ids.get(name) ?? name), name })),
    unrestricted: c.unrestricted,
    expires_at: c.expiresAt === null ? null : isoZ6(c.expiresAt),
    links: linked(ctx, path(user, c.id)),
  };
};
export const credentialEndpoints = [
  endpoint(identity.createCredential, async (ctx, { params, body }) => {
    const { credential, secret } = await createCredential(ctx, userOf(ctx), params.id, body.application_credential);
    return { application_credential: { ...(await view(ctx, params.id, credential)), secret } };
  }),
  endpoint(identity.listCredentials, async (ctx, { params, query }) => {
    const found = await credentialsOf(ctx, userOf(ctx), params.id, { ...query, limit: query.limit + 1 });
    return listing(ctx, 'application_credentials', path(params.id), await Promise.all(found.map((c) => view(ctx, params.id, c))), { limit: query.limit });
  }),
  endpoint(identity.getCredential, async (ctx, { params }) => ({
    application_credential: await view(ctx, params.id, await credentialOf(ctx, userOf(ctx), params.id, params.credential)),
  })),
  endpoint(identity.deleteCredential, async (ctx, { params }) => removeCredential(ctx, userOf(ctx), params.id, params.credential)),
  endpoint(identity.listAccessRules, async (ctx, { params }) => {
    if (userOf(ctx).user.uuid !== params.id) throw forbidden();
    return listing(ctx, 'access_rules', `users/${params.id}/access_rules`, []);
  }),
];
