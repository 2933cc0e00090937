import { COMPONENT_RIGHTS, type ComponentRight } from '@nefos/contracts';
import type { Command } from 'commander';
import { bad } from '../access/domain/errors.js';
import {
  componentByName,
  components,
  createComponent,
  setComponentRights,
  type Component,
} from '../catalog/domain/components.js';
import { services } from '../catalog/domain/services.js';
import type { IdentityRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import type { Row } from './output.js';
import { right } from './values.js';

interface CreateOptions {
  url: string;
  icon?: string;
  hidden: boolean;
  right?: ComponentRight[];
}
const create = async (ctx: IdentityRequest, name: string, o: CreateOptions): Promise<Row[]> => {
  const component = { name, url: o.url, icon: o.icon ?? null, listed: !o.hidden, rights: o.right ?? [] };
  const { id, token } = await createComponent(ctx, component);
  return [{ id, name, token }];
};
const rightsView = ({ name, url, rights }: Component): Row => ({ name, url, rights: rights.join(' ') });
const list = async (ctx: IdentityRequest): Promise<Row[]> => (await components(ctx)).map(rightsView);
const show = async (ctx: IdentityRequest, name: string): Promise<Row[]> => {
  const { id, url, icon, position, listed, rights } = await componentByName(ctx, name);
  const own = (await services(ctx)).filter((service) => service.component === name).map((service) => service.name);
  return [{ id, name, url, icon, position, listed, rights: [...rights], services: own }];
};
/** Shows the rights, or replaces them when some are given. */
const showOrSetRights = async (
  ctx: IdentityRequest,
  name: string,
  o: { right?: ComponentRight[]; none: boolean },
): Promise<Row[]> => {
  if (o.none && o.right) throw bad('component.rights_twice');
  if (o.none || o.right) await setComponentRights(ctx, name, o.right ?? []);
  return [rightsView(await componentByName(ctx, name))];
};

const RIGHTS = COMPONENT_RIGHTS.join(' or ');
export const addComponentCommands = (root: Command, action: MakeAction): void => {
  const component = root.command('component').description('components');
  component
    .command('create')
    .argument('<name>')
    .requiredOption('--url <url>', 'of its user interface')
    .option('--icon <file>')
    .option('--hidden', 'not in get_services', false)
    .option('--right <right>', `${RIGHTS}; may be given again: only for parts of this installation`, right)
    .action(action(create));
  component.command('list').description('names, addresses, rights').action(action(list));
  component
    .command('rights')
    .description('what a component may do besides checking tokens: shown, or set when rights are given')
    .argument('<name>')
    .option('--right <right>', `${RIGHTS}; may be given again: those given are all that it has from now on`, right)
    .option('--none', 'take all rights', false)
    .action(action(showOrSetRights));
  component.command('show').argument('<name>').action(action(show));
};
