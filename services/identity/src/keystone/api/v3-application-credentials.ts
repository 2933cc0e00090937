import { identity } from '@nefos/contracts';
import { endpointFor, isoZ6 } from '@nefos/service-kit';
import { userOf } from '../../access/domain/caller.js';
import { OPENSTACK_ROLES } from '../../access/domain/roles.js';
import type { IdentityCtx } from '../../ctx.js';
import {
  createCredential,
  credentialOf,
  credentialsOf,
  removeCredential,
  type Credential,
} from '../../sign-in/domain/application-credentials.js';
import { demandOwner } from '../domain/policy.js';
import { linked, pageOf, wholeList } from './v3-lists.js';

const endpoint = endpointFor<IdentityCtx>();
/**
 * Keystone writes this one instant without a zone, and gophercloud reads no other form (contract identity §12.4).
 */
const zoneless = (at: string): string => isoZ6(at).slice(0, -1);
const path = (user: string, id = ''): string => `users/${user}/application_credentials${id && `/${id}`}`;
/** Roles are stored by name; the answer has the ids of groups as well. */
const makeView = async (ctx: IdentityCtx, user: string) => {
  const ids = new Map([...(await ctx.directory.get()).groups].map(([id, name]) => [name, String(id)]));
  return (c: Credential) => ({
    id: c.id,
    name: c.name,
    description: c.description,
    project_id: c.project,
    roles: c.roles.map((name) => ({ id: OPENSTACK_ROLES.includes(name) ? name : (ids.get(name) ?? name), name })),
    unrestricted: c.unrestricted,
    expires_at: c.expiresAt === null ? null : zoneless(c.expiresAt),
    links: linked(ctx, path(user, c.id)),
  });
};
export const credentialEndpoints = [
  endpoint(identity.createCredential, async (ctx, { params, body }) => {
    const { expires_at: expiresAt, access_rules: accessRules, ...rest } = body.application_credential;
    const request = { ...rest, expiresAt, accessRules };
    const { credential, secret } = await createCredential(ctx, userOf(ctx), params.id, request);
    return { application_credential: { ...(await makeView(ctx, params.id))(credential), secret } };
  }),
  endpoint(identity.listCredentials, async (ctx, { params, query }) => {
    const rows = await credentialsOf(ctx, userOf(ctx), params.id, { ...query, limit: query.limit + 1 });
    const view = await makeView(ctx, params.id);
    return pageOf(ctx, 'application_credentials', path(params.id), { query, rows, markerOf: (c) => c.id, view });
  }),
  endpoint(identity.getCredential, async (ctx, { params }) => ({
    application_credential: (await makeView(ctx, params.id))(
      await credentialOf(ctx, userOf(ctx), params.id, params.credential),
    ),
  })),
  endpoint(identity.deleteCredential, async (ctx, { params }) =>
    removeCredential(ctx, userOf(ctx), params.id, params.credential),
  ),
  endpoint(identity.listAccessRules, async (ctx, { params, query }) => {
    demandOwner(ctx, params.id);
    return wholeList(ctx, 'access_rules', `users/${params.id}/access_rules`, query, []);
  }),
];
