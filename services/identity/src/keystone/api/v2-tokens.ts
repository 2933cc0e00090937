import { identity } from '@nefos/contracts';
import { endpointFor, Reply } from '@nefos/service-kit';
import type { Request } from 'express';
import { optionalCaller, readToken } from '../../access/api/credentials.js';
import { wantsXml, XML_TYPE } from '../../access/api/format.js';
import { callerOf } from '../../access/domain/caller.js';
import { forbidden } from '../../access/domain/errors.js';
import type { UserToken } from '../../access/domain/tokens.js';
import type { CatalogService } from '../../catalog/domain/directory.js';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { authenticateV2 } from '../domain/v2-authentication.js';
import { demandOwnToken, revokeToken, tokenForV2 } from '../domain/visible-tokens.js';
import { accessJson, accessXml } from './v2-token.view.js';

const endpoint = endpointFor<IdentityCtx>();
/** The token with its catalog, or the catalog alone, in the format that the client wants. */
const answer = async (ctx: IdentityRequest, req: Request, t?: UserToken, presented?: string): Promise<Reply> => {
  const directory = await ctx.directory.get();
  const { v2Interfaces } = ctx.settings;
  return wantsXml(req)
    ? new Reply(Buffer.from(accessXml(directory, v2Interfaces, t, presented)), {
        headers: { 'Content-Type': XML_TYPE },
      })
    : new Reply(Buffer.from(accessJson(directory, v2Interfaces, t, presented)));
};
const endpointViews = (services: readonly CatalogService[]) =>
  services
    .flatMap((service) =>
      service.endpoints.map(({ id, uiUrl, data }) => {
        const { publicURL = '', internalURL = publicURL, adminURL = publicURL, region = 'default' } = data;
        const { name, type } = service;
        return { id, name, type, region, publicURL, internalURL, adminURL, 'SNF:uiURL': uiUrl };
      }),
    )
    .sort((a, b) => a.id - b.id);

export const tokenEndpoints = [
  endpoint(identity.postTokens, async (ctx, { body, req }) => {
    if (body === undefined) return answer(ctx, req);
    const { token, presented } = await authenticateV2(ctx, body);
    return answer(ctx, req, token, presented);
  }),
  endpoint(identity.listRevoked, async () => {
    throw forbidden('not_supported');
  }),
  endpoint(identity.listTokenEndpoints, async (ctx, { params, query, req }) => {
    demandOwnToken(await optionalCaller(ctx, req), {
      presented: readToken(req, ctx)?.token,
      id: params.id,
      belongsTo: query.belongsTo,
    });
    const { services } = await ctx.directory.get();
    const all = endpointViews(services).filter((e) => e.id > query.marker);
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
    answer(ctx, req, await tokenForV2(ctx, await optionalCaller(ctx, req), params.id, query.belongsTo), params.id),
  ),
  endpoint(identity.deleteToken, async (ctx, { params }) => revokeToken(ctx, callerOf(ctx).record, params.id)),
];
