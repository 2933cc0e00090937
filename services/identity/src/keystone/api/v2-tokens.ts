import { identity } from '@nefos/contracts';
import { endpointFor, Reply } from '@nefos/service-kit';
import type { Request } from 'express';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { bad, forbidden } from '../../access/domain/errors.js';
import { authenticateV2 } from '../domain/v2-authentication.js';
import type { UserToken } from '../../access/domain/tokens.js';
import { revokeShown, showV2 } from '../domain/v3-tokens.js';
import { accessJson, accessXml } from './v2-token.view.js';
import { callerOf } from '../../access/domain/caller.js';
import { optionalCaller, readToken } from '../../access/api/credentials.js';
import { wantsXml, XML_TYPE } from '../../access/api/format.js';

const endpoint = endpointFor<IdentityCtx>();
const answer = async (ctx: IdentityRequest, req: Request, t?: UserToken, presented?: string): Promise<Reply> => {
  const directory = await ctx.directory.get();
  const { v2Interfaces } = ctx.settings;
  return wantsXml(req)
    ? new Reply(Buffer.from(accessXml(directory, v2Interfaces, t, presented)), {
        headers: { 'Content-Type': XML_TYPE },
      })
    : new Reply(Buffer.from(accessJson(directory, v2Interfaces, t, presented)));
};
export const tokenEndpoints = [
  endpoint(identity.postTokens, async (ctx, { body, req }) => {
    if (body === undefined) return answer(ctx, req);
    const { found, presented } = await authenticateV2(ctx, body);
    return answer(ctx, req, found, presented);
  }),
  endpoint(identity.listRevoked, async () => {
    throw forbidden('not_supported');
  }),
  endpoint(identity.listTokenEndpoints, async (ctx, { params, query, req }) => {
    const caller = await optionalCaller(ctx, req);
    if (!caller?.user || readToken(req, ctx)?.token !== params.id) throw forbidden();
    if (query.belongsTo && query.belongsTo !== caller.user.uuid) throw bad('auth.tenant');
    const { services } = await ctx.directory.get();
    const all = services
      .flatMap((s) =>
        s.endpoints.map(
          ({
            id,
            uiUrl,
            data: { publicURL = '', internalURL = publicURL, adminURL = publicURL, region = 'default' },
          }) => ({ id, name: s.name, type: s.type, region, publicURL, internalURL, adminURL, 'SNF:uiURL': uiUrl }),
        ),
      )
      .filter((e) => e.id > query.marker)
      .sort((a, b) => a.id - b.id);
    const page = all.slice(0, query.limit);
    const last = page.at(-1);
    const path = `${ctx.settings.publicUrl}/identity/v2.0/tokens/${encodeURIComponent(params.id)}/endpoints`;
    return {
      endpoints: page,
      endpoint_links:
        last && all.length > page.length
          ? [{ rel: 'next', href: `${path}?marker=${last.id}&limit=${query.limit}` }]
          : [],
    };
  }),
  endpoint(identity.getToken, async (ctx, { params, query, req }) =>
    answer(ctx, req, await showV2(ctx, await optionalCaller(ctx, req), params.id, query.belongsTo), params.id),
  ),
  endpoint(identity.deleteToken, async (ctx, { params }) => {
    await revokeShown(ctx, callerOf(ctx).record, params.id);
  }),
];
