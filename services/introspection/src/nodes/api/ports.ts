import { introspection } from '@nefos/contracts';
import { endpointFor, Reply, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import { registryVersion } from '../../access/api/registry-version.js';
import type { IntrospectionCtx, IntrospectionRequest } from '../../ctx.js';
import type { JsonObject } from '../../values.js';
import { readFields, type Query } from '../domain/paging.js';
import { PORT_FIELDS } from '../domain/port-fields.js';
import { createPort, deletePort, demandPort, listPorts, patchPort, portDocument, type Port } from '../domain/ports.js';
import { linksTo, nextPage, registryBase } from './links.js';

const endpoint = endpointFor<IntrospectionCtx>();
const KNOWN = Object.fromEntries(Object.entries(PORT_FIELDS).map(([name, { since }]) => [name, since]));
const BRIEF = ['uuid', 'address', 'name'];
const portView = (base: string, port: Port, fields: readonly string[]): JsonObject => ({
  ...portDocument(port, fields),
  links: linksTo(base, `ports/${port.uuid}`),
});
const wholePort = (ctx: IntrospectionRequest, req: Request, port: Port, query: Query = {}): JsonObject =>
  portView(registryBase(ctx, req), port, readFields(query, { version: registryVersion(req), known: KNOWN }));
/** @param path of the list, after /v1/ @param ofNode only this node's */
const list = async (ctx: IntrospectionRequest, req: Request, query: Query, path: string, ofNode?: string) => {
  const version = registryVersion(req);
  const brief = path.endsWith('/detail') ? {} : { brief: BRIEF };
  const fields = readFields(query, { version, known: KNOWN, ...brief });
  const { NEFOS_INTROSPECTION_API_MAX_LIMIT: maximum } = ctx.config;
  const found = await listPorts(ctx.db, query, { version, maximum, ...(ofNode !== undefined && { ofNode }) });
  const base = registryBase(ctx, req);
  return {
    ports: found.ports.map((port) => portView(base, port, fields)),
    ...(found.next !== undefined && { next: nextPage(base, path, req, found.limit, found.next) }),
  };
};
/** Ports of the registry (contract introspection §11.2). */
export const portEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.listPorts, (ctx, { req, query }) => list(ctx, req, query, 'ports')),
  endpoint(introspection.listPortsInDetail, (ctx, { req, query: { fields: _, detail: __, ...query } }) =>
    list(ctx, req, query, 'ports/detail'),
  ),
  endpoint(introspection.listNodePorts, (ctx, { req, params: { node_ident: node }, query }) =>
    list(ctx, req, query, `nodes/${node}/ports`, node),
  ),
  endpoint(introspection.listNodePortsInDetail, (ctx, { req, params: { node_ident: node }, query }) => {
    const { fields: _, detail: __, ...rest } = query;
    return list(ctx, req, rest, `nodes/${node}/ports/detail`, node);
  }),
  endpoint(introspection.createPort, async (ctx, { req, body }) => {
    const port = await createPort(ctx, body as JsonObject, registryVersion(req));
    const Location = `${registryBase(ctx, req)}/v1/ports/${port.uuid}`;
    return new Reply(wholePort(ctx, req, port), { headers: { Location } });
  }),
  endpoint(introspection.showPort, async (ctx, { req, params, query }) =>
    wholePort(ctx, req, await demandPort(ctx.db, params.port_uuid), query),
  ),
  endpoint(introspection.patchPort, async (ctx, { req, params, body }) =>
    wholePort(ctx, req, await patchPort(ctx, params.port_uuid, body, registryVersion(req))),
  ),
  endpoint(introspection.deletePort, (ctx, { params }) => deletePort(ctx, params.port_uuid)),
];
