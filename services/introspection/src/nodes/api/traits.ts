import { introspection } from '@nefos/contracts';
import { endpointFor, Reply, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import { registryVersion } from '../../access/api/registry-version.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { addTrait, removeTrait, removeTraits, replaceTraits } from '../domain/node-traits.js';
import { demandNode } from '../domain/nodes.js';
import { absentBefore } from '../domain/versions.js';
import { registryBase } from './links.js';

const endpoint = endpointFor<IntrospectionCtx>();
const demandTraitsKnown = (req: Request): void => absentBefore(registryVersion(req), 37);
/** Traits of nodes (contract introspection §11.2). */
export const traitEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.listTraits, async (ctx, { req, params }) => {
    demandTraitsKnown(req);
    return { traits: (await demandNode(ctx.db, params.node_ident)).traits };
  }),
  endpoint(introspection.replaceTraits, (ctx, { req, params, body }) => {
    demandTraitsKnown(req);
    return replaceTraits(ctx, params.node_ident, body);
  }),
  endpoint(introspection.removeTraits, (ctx, { req, params }) => {
    demandTraitsKnown(req);
    return removeTraits(ctx, params.node_ident);
  }),
  endpoint(introspection.addTrait, async (ctx, { req, params: { node_ident: node, trait }, body }) => {
    demandTraitsKnown(req);
    await addTrait(ctx, node, trait, body);
    return new Reply(undefined, {
      headers: { Location: `${registryBase(ctx, req)}/v1/nodes/${node}/traits/${trait}` },
    });
  }),
  endpoint(introspection.removeTrait, (ctx, { req, params: { node_ident: node, trait } }) => {
    demandTraitsKnown(req);
    return removeTrait(ctx, node, trait);
  }),
];
