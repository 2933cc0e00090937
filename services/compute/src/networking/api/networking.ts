import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import { actingOf } from '../../access/api/acting.js';
import { viewerOf } from '../../access/api/viewer.js';
import type { ComputeCtx } from '../../ctx.js';
import { envelope } from '../../lists/api/envelope.js';
import * as floating from '../domain/floating-ips.js';
import type { For } from '../domain/owned.js';
import * as ports from '../domain/ports.js';
import * as routers from '../domain/routers.js';
import * as groups from '../domain/security-groups.js';
import {
  associationOf,
  floatingInput,
  portChanges,
  portInput,
  routerChanges,
  routerInput,
  ruleInput,
} from './bodies.js';
import { floatingIpView, groupView, portView, routerView, ruleView } from './views.js';

const endpoint = endpointFor<ComputeCtx>();
type Root = typeof compute.staffNetworking | typeof compute.userNetworking;
/** For whom something is made: staff name the client in the body. */
export const whoseOf = (req: Request, body: object): For => ({
  ...('client' in body && typeof body.client === 'number' && { client: body.client }),
  acting: actingOf(req),
});

const portEndpoints = (at: Root['ports']): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await ports.listPorts(ctx, query, actingOf(req)), (row) => portView(row, viewerOf(ctx))),
  ),
  endpoint(at.get, async (ctx, { params }) => portView(await ports.getPort(ctx, params.id), viewerOf(ctx))),
  endpoint(at.create, async (ctx, { req, body }) =>
    portView(await ports.createPort(ctx, portInput(body), whoseOf(req, body)), viewerOf(ctx)),
  ),
  endpoint(at.patch, async (ctx, { params, body }) =>
    portView(await ports.changePort(ctx, params.id, portChanges(body)), viewerOf(ctx)),
  ),
  endpoint(at.remove, (ctx, { params }) => ports.removePort(ctx, params.id)),
];
const floatingEndpoints = (at: Root['floatingIps']): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await floating.listFloatingIps(ctx, query, actingOf(req)), (row) =>
      floatingIpView(row, viewerOf(ctx)),
    ),
  ),
  endpoint(at.get, async (ctx, { params }) =>
    floatingIpView(await floating.getFloatingIp(ctx, params.id), viewerOf(ctx)),
  ),
  endpoint(at.create, async (ctx, { req, body }) =>
    floatingIpView(await floating.createFloatingIp(ctx, floatingInput(body), whoseOf(req, body)), viewerOf(ctx)),
  ),
  endpoint(at.associate, async (ctx, { params, body }) =>
    floatingIpView(await floating.associate(ctx, params.id, associationOf(body)), viewerOf(ctx)),
  ),
  endpoint(at.dissociate, async (ctx, { params }) =>
    floatingIpView(await floating.dissociate(ctx, params.id), viewerOf(ctx)),
  ),
  endpoint(at.remove, (ctx, { params }) => floating.removeFloatingIp(ctx, params.id)),
];
const groupEndpoints = (at: Root['securityGroups']): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await groups.listGroups(ctx, query, actingOf(req)), (row) => groupView(row, viewerOf(ctx))),
  ),
  endpoint(at.get, async (ctx, { params }) => groupView(await groups.getGroup(ctx, params.id), viewerOf(ctx))),
  endpoint(at.create, async (ctx, { req, body }) =>
    groupView(await groups.createGroup(ctx, body, whoseOf(req, body)), viewerOf(ctx)),
  ),
  endpoint(at.patch, async (ctx, { params, body }) =>
    groupView(await groups.changeGroup(ctx, params.id, body), viewerOf(ctx)),
  ),
  endpoint(at.remove, (ctx, { params }) => groups.removeGroup(ctx, params.id)),
  endpoint(at.addRule, async (ctx, { params, body }) =>
    ruleView(await groups.addRule(ctx, params.id, ruleInput(body))),
  ),
  endpoint(at.removeRule, (ctx, { params }) => groups.removeRule(ctx, params.id, params.rule_id)),
];
const routerEndpoints = (at: Root['routers']): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await routers.listRouters(ctx, query, actingOf(req)), (row) => routerView(row, viewerOf(ctx))),
  ),
  endpoint(at.get, async (ctx, { params }) => routerView(await routers.getRouter(ctx, params.id), viewerOf(ctx))),
  endpoint(at.create, async (ctx, { req, body }) =>
    routerView(await routers.createRouter(ctx, routerInput(body), whoseOf(req, body)), viewerOf(ctx)),
  ),
  endpoint(at.patch, async (ctx, { params, body }) =>
    routerView(await routers.changeRouter(ctx, params.id, routerChanges(body)), viewerOf(ctx)),
  ),
  endpoint(at.addInterface, async (ctx, { params, body }) =>
    routerView(await routers.addInterface(ctx, params.id, body.subnet), viewerOf(ctx)),
  ),
  endpoint(at.removeInterface, async (ctx, { params, body }) =>
    routerView(await routers.removeInterface(ctx, params.id, body.subnet), viewerOf(ctx)),
  ),
  endpoint(at.remove, (ctx, { params }) => routers.removeRouter(ctx, params.id)),
];

/** The same endpoints for staff and for end users; the domain decides what differs. */
const forRoot = (at: Root): Endpoint<ComputeCtx>[] => [
  ...portEndpoints(at.ports),
  ...floatingEndpoints(at.floatingIps),
  ...groupEndpoints(at.securityGroups),
  ...routerEndpoints(at.routers),
];
export const networkingEndpoints: Endpoint<ComputeCtx>[] = [
  ...forRoot(compute.staffNetworking),
  ...forRoot(compute.userNetworking),
];
