import { facadeCompute } from '@nefos/contracts';
import type { Fault } from '@nefos/service-kit';
import { endpointFor, Reply } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { nextLinks } from '../../facade/api/links.js';
import type { FaceQuery } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { requestDelete } from '../../instances/domain/actions.js';
import { createServers } from '../domain/create-server.js';
import { changeServer, getServer, listServers, sortKeyOf, type ShownServer } from '../domain/servers.js';
import { markerRequest, unknownMarker } from './list-request.js';
import { demandFieldsOf } from './newer-fields.js';
import { demandKnownFilters, hasPatterns, ignoredSortKeys, serverFilters, wantsAll } from './server-filters.js';
import { refuseHints, serverInput, wantsReservation } from './server-input.js';
import { changedServerView, oneServerView, serverLinks, serverViews } from './servers.view.js';

const endpoint = endpointFor<ComputeCtx>();

/** PostgreSQL refuses an expression that is none (2201B), or one that is too large once it is compiled. */
const REFUSED = new Set(['2201B', 'XX000', '53200', '54000', '54001']);
const withPatterns = async <T>(query: FaceQuery, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (err) {
    const code = (err as { code?: unknown; driverError?: { code?: unknown } }).driverError?.code ?? (err as Fault).code;
    if (hasPatterns(query) && typeof code === 'string' && REFUSED.has(code))
      throw faceFault('invalid', 'A filter of the request is no regular expression, or too large a one.');
    throw err;
  }
};
const pageOf = async (ctx: ComputeRequest, query: FaceQuery) => {
  demandKnownFilters(ctx, query);
  const all = wantsAll(query);
  const conditions = serverFilters(ctx, query, all);
  const request = markerRequest(query, { keyOf: sortKeyOf, conditions, ignored: ignoredSortKeys(ctx) });
  const page = await withPatterns(query, () => listServers(ctx, request, all));
  if (page === 'no_marker') throw unknownMarker(request.marker);
  return page;
};
const links = (
  ctx: ComputeRequest,
  req: Request,
  path: string,
  { rows, more }: { rows: ShownServer[]; more: boolean },
) => {
  const last = rows.at(-1);
  return more && last ? { servers_links: nextLinks(ctx, req, path, last.id) } : {};
};
/** Something about one server: a name in the path is none (contract compute §12.3). */
export const ofServer = <T>(id: string, work: () => Promise<T>): Promise<T> =>
  named(work, `Instance ${id} could not be found.`);

export const serverEndpoints = [
  endpoint(facadeCompute.listServersDetail, async (ctx, { req, query }) => {
    const page = await pageOf(ctx, query);
    return { servers: serverViews(ctx, page.rows), ...links(ctx, req, '/compute/v2.1/servers/detail', page) };
  }),
  endpoint(facadeCompute.listServers, async (ctx, { req, query }) => {
    const page = await pageOf(ctx, query);
    return {
      servers: page.rows.map(({ id, name }) => ({ id, name, links: serverLinks(ctx, id) })),
      ...links(ctx, req, '/compute/v2.1/servers', page),
    };
  }),
  endpoint(facadeCompute.createServer, async (ctx, { body }) => {
    refuseHints(body['os:scheduler_hints'] ?? body['OS-SCH-HNT:scheduler_hints']);
    const input = serverInput(ctx, body.server);
    const { ids, reservationId, adminPass } = await createServers(ctx, input);
    if (wantsReservation(body.server)) return { reservation_id: reservationId };
    const [id = ''] = ids;
    const [self] = serverLinks(ctx, id);
    const groups = input.securityGroups.length ? input.securityGroups : ['default'];
    return new Reply(
      {
        server: {
          id,
          links: serverLinks(ctx, id),
          'OS-DCF:diskConfig': 'AUTO',
          security_groups: groups.map((name) => ({ name })),
          ...(adminPass !== null && { adminPass }),
        },
      },
      { headers: { Location: self?.href ?? '' } },
    );
  }),
  endpoint(facadeCompute.showServer, async (ctx, { params }) => ({
    server: oneServerView(ctx, await ofServer(params.id, () => getServer(ctx, params.id))),
  })),
  endpoint(facadeCompute.updateServer, async (ctx, { params, body: { server: b } }) => {
    demandFieldsOf(ctx, b, { description: 19, hostname: 90 });
    const row = await ofServer(params.id, async () =>
      changeServer(ctx, params.id, {
        ...(b.name !== undefined && { name: b.name }),
        ...(b.description !== undefined && { description: b.description }),
        ...(b.hostname !== undefined && { hostname: b.hostname }),
        ...(b.accessIPv4 !== undefined && { accessIpv4: b.accessIPv4 }),
        ...(b.accessIPv6 !== undefined && { accessIpv6: b.accessIPv6 }),
      }),
    );
    return { server: changedServerView(ctx, row) };
  }),
  endpoint(facadeCompute.deleteServer, async (ctx, { params }) => {
    await ofServer(params.id, () => requestDelete(ctx, params.id));
  }),
];
