import { introspection } from '@nefos/contracts';
import { endpointFor, Reply, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import { namesRegistryVersion, registryVersion } from '../../access/api/registry-version.js';
import type { IntrospectionCtx, IntrospectionRequest } from '../../ctx.js';
import { isObject, type JsonObject } from '../../values.js';
import { listNodes } from '../domain/node-list.js';
import { demandNodeIn, type Node } from '../domain/nodes.js';
import { flagOf, readFields, type Query } from '../domain/paging.js';
import { createNode, deleteNode, patchNode, setMaintenance } from '../domain/update-node.js';
import { demandSince } from '../domain/versions.js';
import { nextPage, registryBase } from './links.js';
import { BRIEF, NODE_FIELDS, nodeView } from './node.view.js';

const endpoint = endpointFor<IntrospectionCtx>();
const wholeNode = (ctx: IntrospectionRequest, req: Request, node: Node, query: Query = {}): JsonObject => {
  const version = registryVersion(req);
  return nodeView(registryBase(ctx, req), node, version, readFields(query, { version, known: NODE_FIELDS }));
};
const list = async (ctx: IntrospectionRequest, req: Request, query: Query, path: string): Promise<unknown> => {
  const version = registryVersion(req);
  const brief = path === 'nodes' ? { brief: BRIEF } : {};
  const fields = readFields(query, { version, known: NODE_FIELDS, ...brief });
  const { NEFOS_INTROSPECTION_API_MAX_LIMIT: maximum } = ctx.config;
  const { nodes, next, limit } = await listNodes(ctx.db, query, { version, maximum, fields });
  const base = registryBase(ctx, req);
  return {
    nodes: nodes.map((node) => nodeView(base, node, version, fields)),
    ...(next !== undefined && { next: nextPage(base, path, req, limit, next) }),
  };
};
/** Nodes of the registry (contract introspection §11.2). */
export const nodeEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.listNodes, (ctx, { req, query }) => list(ctx, req, query, 'nodes')),
  endpoint(introspection.listNodesInDetail, (ctx, { req, query: { fields: _, detail: __, ...query } }) =>
    list(ctx, req, query, 'nodes/detail'),
  ),
  endpoint(introspection.createNode, async (ctx, { req, body }) => {
    const node = await createNode(ctx, body as JsonObject, registryVersion(req), namesRegistryVersion(req));
    const Location = `${registryBase(ctx, req)}/v1/nodes/${node.uuid}`;
    return new Reply(wholeNode(ctx, req, node), { headers: { Location } });
  }),
  endpoint(introspection.showNode, async (ctx, { req, params, query }) =>
    wholeNode(ctx, req, await demandNodeIn(ctx.db, params.node_ident, registryVersion(req)), query),
  ),
  endpoint(introspection.patchNode, async (ctx, { req, params, query, body }) => {
    const version = registryVersion(req);
    const resetInterfaces = flagOf('reset_interfaces', query.reset_interfaces);
    if (resetInterfaces !== undefined) demandSince(version, 45);
    return wholeNode(ctx, req, await patchNode(ctx, params.node_ident, body, { version, resetInterfaces }));
  }),
  endpoint(introspection.deleteNode, (ctx, { params }) => deleteNode(ctx, params.node_ident)),
  endpoint(introspection.setMaintenance, (ctx, { params, body }) =>
    setMaintenance(ctx, params.node_ident, true, isObject(body) ? body.reason : undefined),
  ),
  endpoint(introspection.clearMaintenance, (ctx, { params }) => setMaintenance(ctx, params.node_ident, false)),
];
