import { COMPONENT_RIGHTS, type ComponentRight } from '@nefos/contracts';
import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { asRequest, type IdentityCtx, type IdentityRequest } from '../ctx.js';
import { accounts, createActiveUser, issueNamed, renewTokens, type Account } from '../accounts/domain/accounts.js';
import { actOn } from '../accounts/domain/admin-actions.js';
import {
  componentByName,
  components,
  createComponent,
  setComponentRights,
  type Component,
} from '../catalog/domain/components.js';
import { addEndpoint, registerService } from '../catalog/domain/services.js';
import { bad, conflict } from '../access/domain/errors.js';
import { deactivateUser, stateOf } from '../accounts/domain/operator.js';
import { print, type Row } from './output.js';
import { addShown, named } from './shown.js';
import { when, whole } from './values.js';
import { listTerms, newTerms, signFor } from './terms.js';

const refuse = (why: string): never => {
  throw new InvalidArgumentError(why);
};
const email = (text: string): string =>
  z.email().max(254).safeParse(text).success ? text : refuse('not an e-mail address');
const password = (text: string): string => (text.length >= 12 ? text : refuse('a password has 12 characters or more'));
const collect = (text: string, list: readonly string[] = []): string[] => [...list, text];
const pair = (text: string, all: Record<string, string> = {}): Record<string, string> => {
  const cut = text.indexOf('=');
  return cut > 0 ? { ...all, [text.slice(0, cut)]: text.slice(cut + 1) } : refuse('key=value');
};
const view = (a: Account): Row => ({
  uuid: a.uuid,
  username: a.username,
  name: `${a.firstName} ${a.lastName}`,
  active: a.isActive,
  superuser: a.isSuperuser,
  groups: [...a.groups],
});
interface NewUserOptions {
  firstName: string;
  lastName: string;
  password?: string;
  superuser: boolean;
  group?: string[];
}
const createUser = async (ctx: IdentityRequest, address: string, o: NewUserOptions): Promise<Row[]> => {
  const made = await createActiveUser(ctx, {
    email: address,
    firstName: o.firstName,
    lastName: o.lastName,
    password: o.password,
    superuser: o.superuser,
    groups: o.group ?? [],
  });
  return [
    {
      uuid: made.account.uuid,
      username: made.account.username,
      ...(made.password && { password: made.password }),
      token: made.token.token,
      expires: when(made.token.expiresAt),
    },
  ];
};
const listUsers = async (ctx: IdentityRequest, o: { limit: number; after?: string }): Promise<Row[]> =>
  (await accounts(ctx.db, { limit: o.limit, marker: o.after })).map(view);
const deactivateNamed = async (ctx: IdentityRequest, name: string, o: { reason: string }): Promise<Row[]> => {
  const a = await named(ctx, name);
  const active = await deactivateUser(ctx, a.uuid, o);
  return [{ uuid: a.uuid, username: a.username, deactivated: !active }];
};
const activateUser = async (ctx: IdentityRequest, name: string): Promise<Row[]> => {
  const a = await named(ctx, name);
  const { is_active } = await actOn(ctx, a.uuid, 'activate', {});
  // Not verified, not accepted or rejected: that is not decided here.
  if (!is_active) throw conflict('user.transition', { state: stateOf(a) });
  return [{ uuid: a.uuid, username: a.username, activated: is_active }];
};
const tokenOf = async (ctx: IdentityRequest, name: string, o: { renew: boolean; label: string }): Promise<Row[]> => {
  const a = await named(ctx, name);
  const made = await (o.renew ? renewTokens(ctx, a.uuid) : issueNamed(ctx, a.uuid, o.label));
  return [{ uuid: a.uuid, token: made.token, expires: when(made.expiresAt) }];
};
const right = (text: string, all: ComponentRight[] = []): ComponentRight[] => {
  const found = COMPONENT_RIGHTS.find((one) => one === text);
  return found ? [...all, found] : refuse(`one of ${COMPONENT_RIGHTS.join(', ')}`);
};
const newComponent = async (
  ctx: IdentityRequest,
  name: string,
  o: { url: string; icon?: string; hidden: boolean; right?: ComponentRight[] },
): Promise<Row[]> => {
  const made = await createComponent(ctx, {
    name,
    url: o.url,
    icon: o.icon ?? null,
    listed: !o.hidden,
    rights: o.right ?? [],
  });
  return [{ id: made.id, name, token: made.token }];
};
const shownComponent = ({ name, url, rights }: Component): Row => ({ name, url, rights: rights.join(' ') });
const listComponents = async (ctx: IdentityRequest): Promise<Row[]> => (await components(ctx)).map(shownComponent);
/** Shows the rights, or sets them: those named are all that it has from then on. */
const componentRights = async (
  ctx: IdentityRequest,
  name: string,
  o: { right?: ComponentRight[]; none: boolean },
): Promise<Row[]> => {
  if (o.none && o.right) throw bad('component.rights_twice');
  if (o.none || o.right) await setComponentRights(ctx, name, o.right ?? []);
  return [shownComponent(await componentByName(ctx, name))];
};
const newService = async (
  ctx: IdentityRequest,
  name: string,
  o: { type: string; component: string },
): Promise<Row[]> => [{ ...(await registerService(ctx, { name, ...o })), name }];
const newEndpoint = async (
  ctx: IdentityRequest,
  service: string,
  o: { publicUrl: string; versionId: string; data?: Record<string, string>; keep: boolean },
): Promise<Row[]> => [
  {
    ...(await addEndpoint(ctx, service, { versionId: o.versionId, publicURL: o.publicUrl, ...o.data }, !o.keep)),
    service,
  },
];

/** `npm run nefos -- ...`: the operator's commands, on the same domain functions as the API. */
export const program = (
  open: () => Promise<{ ctx: IdentityCtx; close: () => Promise<void> }>,
  say: typeof print = print,
): Command => {
  const root = new Command('nefos')
    .description('Administer the users and the service catalog of Nefos')
    .option('--json', 'print JSON');
  const acting =
    <A extends unknown[]>(work: (ctx: IdentityRequest, ...args: A) => Promise<readonly Row[]>) =>
    async (...args: [...A, Command]): Promise<void> => {
      const { ctx, close } = await open();
      try {
        say(await work(asRequest(ctx), ...(args as unknown as A)), Boolean(root.opts<{ json?: boolean }>().json));
      } finally {
        await close();
      }
    };
  const user = root.command('user').description('users');
  user
    .command('create')
    .argument('<email>', 'e-mail address', email)
    .requiredOption('--first-name <name>')
    .requiredOption('--last-name <name>')
    .option('--password <password>', 'else one is made and printed', password)
    .option('--superuser', 'administers everything', false)
    .option('--group <name>', 'may be given again', collect)
    .action(acting(createUser));
  user
    .command('list')
    .option('--limit <number>', 'users at most', whole(999_999), 100)
    .option('--after <uuid>', 'the last one of the page before')
    .action(acting(listUsers));
  user
    .command('activate')
    .alias('reactivate')
    .argument('<user>', 'e-mail address or uuid')
    .action(acting(activateUser));
  user
    .command('deactivate')
    .argument('<user>', 'e-mail address or uuid')
    .option('--reason <text>', 'for the record', '')
    .action(acting(deactivateNamed));
  user
    .command('token')
    .description('make a token; it is shown only here')
    .argument('<user>', 'e-mail address or uuid')
    .option('--renew', 'revoke all others', false)
    .option('--label <text>', 'what it is for', 'command line')
    .action(acting(tokenOf));
  const component = root.command('component').description('components');
  component
    .command('create')
    .argument('<name>')
    .requiredOption('--url <url>', 'of its user interface')
    .option('--icon <file>')
    .option('--hidden', 'not in get_services', false)
    .option(
      '--right <right>',
      `${COMPONENT_RIGHTS.join(' or ')}; may be given again: only for parts of this installation`,
      right,
    )
    .action(acting(newComponent));
  component.command('list').description('names, addresses, rights').action(acting(listComponents));
  component
    .command('rights')
    .description('what a component may do besides checking tokens: shown, or set when rights are given')
    .argument('<name>')
    .option(
      '--right <right>',
      `${COMPONENT_RIGHTS.join(' or ')}; may be given again: those given are all that it has from now on`,
      right,
    )
    .option('--none', 'take all rights', false)
    .action(acting(componentRights));
  const service = root.command('service').description('services');
  service
    .command('register')
    .argument('<name>')
    .requiredOption('--type <type>')
    .requiredOption('--component <name>')
    .action(acting(newService));
  const endpoint = root.command('endpoint').description('endpoints');
  endpoint
    .command('add')
    .argument('<service>')
    .requiredOption('--public-url <url>')
    .option('--version-id <text>', 'e.g. v2.0', '')
    .option('--data <key=value>', 'further keys; may be given again', pair)
    .option('--keep', 'keep the other endpoints of the service', false)
    .action(acting(newEndpoint));
  const terms = root.command('terms').description('terms of use');
  terms
    .command('add')
    .description(
      'users must sign them before the next call, at /ui/approval_terms; components, administrators and staff are not bound',
    )
    .argument('<location>', 'a text file, whose text is shown, or an address beginning with http')
    .action(acting(newTerms));
  terms
    .command('sign')
    .description('sign the terms in force for users who can not read, such as programs')
    .argument('<user...>', 'e-mail addresses or uuids')
    .action(acting(signFor));
  terms.command('list').description('terms, the ones in force first').action(acting(listTerms));
  addShown({ root, user, component, service, endpoint }, acting);
  return root;
};
