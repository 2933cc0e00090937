import type { Command } from 'commander';
import { viewerOf, type Viewer } from '../access/api/viewer.js';
import type { ComputeRequest } from '../ctx.js';
import type { Page } from '../lists/list-plan.js';
import type { Query } from '../lists/list-query.js';
import { floatingIpView, groupView, portView, routerView } from '../networking/api/views.js';
import { getFloatingIp, listFloatingIps } from '../networking/domain/floating-ips.js';
import { getPort, listPorts } from '../networking/domain/ports.js';
import { getRouter, listRouters } from '../networking/domain/routers.js';
import { getGroup, listGroups } from '../networking/domain/security-groups.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import type { Row } from './output.js';

interface Thing<T> {
  what: string;
  list: (ctx: ComputeRequest, query: Query) => Promise<Page<T>>;
  get: (ctx: ComputeRequest, id: string) => Promise<T>;
  view: (one: T, viewer: Viewer) => Row;
  /** Columns of the list; `show` has all. */
  columns: readonly string[];
}
const addThing = <T>(root: Command, action: MakeAction, name: string, thing: Thing<T>): void => {
  const { what, list, get, view, columns } = thing;
  const command = root.command(name).description(`${what} of all clients`);
  const row = (one: T, ctx: ComputeRequest): Row => {
    const shown = view(one, viewerOf(ctx));
    return Object.fromEntries(columns.map((column) => [column, shown[column]]));
  };
  addList(command, action, { list, row, byRegion: true });
  command
    .command('show')
    .argument('<id>', 'its id')
    .action(action(async (ctx: ComputeRequest, id: string) => [view(await get(ctx, id), viewerOf(ctx))]));
};
export const addNetworkingCommands = (root: Command, action: MakeAction): void => {
  addThing(root, action, 'port', {
    what: 'ports',
    list: listPorts,
    get: getPort,
    view: (one, viewer) => ({
      ...portView(one, viewer),
      fixed_ips: one.addresses.map(({ address }) => address).join(' '),
    }),
    columns: ['id', 'name', 'network_id', 'fixed_ips', 'mac_address', 'device_id', 'status', 'client', 'region'],
  });
  addThing(root, action, 'floatingip', {
    what: 'floating IPs',
    list: listFloatingIps,
    get: getFloatingIp,
    view: floatingIpView,
    columns: ['id', 'floating_ip_address', 'fixed_ip_address', 'instance', 'status', 'client', 'region'],
  });
  addThing(root, action, 'securitygroup', {
    what: 'security groups',
    list: listGroups,
    get: getGroup,
    view: groupView,
    columns: ['id', 'name', 'description', 'is_default', 'status', 'client', 'region'],
  });
  addThing(root, action, 'router', {
    what: 'routers',
    list: listRouters,
    get: getRouter,
    view: routerView,
    columns: ['id', 'name', 'status', 'client', 'region'],
  });
};
