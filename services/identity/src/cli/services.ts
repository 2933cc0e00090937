import type { Command } from 'commander';
import {
  addEndpoint,
  endpointById,
  endpoints,
  registerService,
  serviceByName,
  services,
  type ListedService,
} from '../catalog/domain/services.js';
import type { IdentityRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import type { Row } from './output.js';
import { pair, wholeNumber } from './values.js';

const register = async (
  ctx: IdentityRequest,
  name: string,
  { type, component }: { type: string; component: string },
): Promise<Row[]> => {
  const { id } = await registerService(ctx, { name, type, component });
  return [{ id, name }];
};
const serviceView = ({ id, name, type, component, endpoints: own }: ListedService): Row => ({
  id,
  name,
  type,
  component,
  endpoints: own.map((endpoint) => endpoint.id),
});
const list = async (ctx: IdentityRequest): Promise<Row[]> => (await services(ctx)).map(serviceView);
const show = async (ctx: IdentityRequest, name: string): Promise<Row[]> => [
  serviceView(await serviceByName(ctx, name)),
];

interface EndpointOptions {
  publicUrl: string;
  versionId: string;
  data?: Record<string, string>;
  keep: boolean;
}
const add = async (ctx: IdentityRequest, service: string, o: EndpointOptions): Promise<Row[]> => {
  const data = { versionId: o.versionId, publicURL: o.publicUrl, ...o.data };
  const { id } = await addEndpoint(ctx, service, data, !o.keep);
  return [{ id, service }];
};
const listAllEndpoints = async (ctx: IdentityRequest, o: { service?: string }): Promise<Row[]> =>
  (await endpoints(ctx, o.service)).map(({ id, service, data }) => ({
    id,
    service,
    versionId: data.versionId,
    region: data.region,
    publicURL: data.publicURL,
  }));
const showEndpoint = async (ctx: IdentityRequest, id: number): Promise<Row[]> => {
  const { service, data } = await endpointById(ctx, id);
  return [{ id, service, ...data }];
};

export const addServiceCommands = (root: Command, action: MakeAction): void => {
  const service = root.command('service').description('services');
  service
    .command('register')
    .argument('<name>')
    .requiredOption('--type <type>')
    .requiredOption('--component <name>')
    .action(action(register));
  service.command('list').action(action(list));
  service.command('show').argument('<name>').action(action(show));
};
export const addEndpointCommands = (root: Command, action: MakeAction): void => {
  const endpoint = root.command('endpoint').description('endpoints');
  endpoint
    .command('add')
    .argument('<service>')
    .requiredOption('--public-url <url>')
    .option('--version-id <text>', 'e.g. v2.0', '')
    .option('--data <key=value>', 'further keys; may be given again', pair)
    .option('--keep', 'keep the other endpoints of the service', false)
    .action(action(add));
  endpoint.command('list').option('--service <name>', 'only those of this service').action(action(listAllEndpoints));
  endpoint
    .command('show')
    .description('all its keys')
    .argument('<id>', 'from the list', wholeNumber())
    .action(action(showEndpoint));
};
