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
  endpoint(at.create, async (ctx, { req, body: b }) => {
    const input = {
      networkId: b.network_id,
      name: b.name ?? '',
      securityGroups: b.security_groups ?? null,
      portSecurity: b.port_security_enabled ?? true,
      fixedIps: (b.fixed_ips ?? []).map((one) => ({ address: one.ip_address ?? null, subnet: one.subnet_id ?? null })),
    };
    return portView(await ports.createPort(ctx, input, whoseOf(req, b)), viewerOf(ctx));
  }),
  endpoint(at.patch, async (ctx, { params, body: b }) => {
    const changes = { name: b.name, securityGroups: b.security_groups, portSecurity: b.port_security_enabled };
    return portView(await ports.changePort(ctx, params.id, changes), viewerOf(ctx));
  }),
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
  endpoint(at.create, async (ctx, { req, body: b }) => {
    const target = b.port_id ? { port: b.port_id, fixedIp: b.fixed_ip_address ?? null } : null;
    const input = { networkId: b.floating_network_id, target };
    return floatingIpView(await floating.createFloatingIp(ctx, input, whoseOf(req, b)), viewerOf(ctx));
  }),
  endpoint(at.associate, async (ctx, { params, body: b }) => {
    const target = { port: b.port ?? null, instance: b.instance ?? null, fixedIp: b.fixed_ip ?? null };
    return floatingIpView(await floating.associate(ctx, params.id, target), viewerOf(ctx));
  }),
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
  endpoint(at.create, async (ctx, { req, body: b }) => {
    const input = { region: b.region, name: b.name, description: b.description };
    return groupView(await groups.createGroup(ctx, input, whoseOf(req, b)), viewerOf(ctx));
  }),
  endpoint(at.patch, async (ctx, { params, body }) =>
    groupView(await groups.changeGroup(ctx, params.id, body), viewerOf(ctx)),
  ),
  endpoint(at.remove, (ctx, { params }) => groups.removeGroup(ctx, params.id)),
  endpoint(at.addRule, async (ctx, { params, body: b }) =>
    ruleView(
      await groups.addRule(ctx, params.id, {
        direction: b.direction,
        ethertype: b.ethertype,
        protocol: b.protocol,
        portMin: b.port_range_min,
        portMax: b.port_range_max,
        remotePrefix: b.remote_ip_prefix,
        remoteGroupId: b.remote_group_id,
      }),
    ),
  ),
  endpoint(at.removeRule, (ctx, { params }) => groups.removeRule(ctx, params.id, params.rule_id)),
];
const routerEndpoints = (at: Root['routers']): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await routers.listRouters(ctx, query, actingOf(req)), (row) => routerView(row, viewerOf(ctx))),
  ),
  endpoint(at.get, async (ctx, { params }) => routerView(await routers.getRouter(ctx, params.id), viewerOf(ctx))),
  endpoint(at.create, async (ctx, { req, body: b }) => {
    const input = { region: b.region, name: b.name, external: b.external_gateway_info?.network_id ?? null };
    return routerView(await routers.createRouter(ctx, input, whoseOf(req, b)), viewerOf(ctx));
  }),
  endpoint(at.patch, async (ctx, { params, body: { name, external_gateway_info: gateway } }) => {
    const external = gateway === undefined ? undefined : (gateway?.network_id ?? null);
    return routerView(await routers.changeRouter(ctx, params.id, { name, external }), viewerOf(ctx));
  }),
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
