import { parseInstant } from '@nefos/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import type { IdentityRequest } from '../ctx.js';
import { accountByName, type Account } from '../accounts/domain/accounts.js';
import { auditEvents, type AuditRow } from '../access/domain/audit.js';
import { componentByName } from '../catalog/domain/components.js';
import {
  endpointById,
  endpoints,
  serviceByName,
  services,
  type ListedEndpoint,
  type ListedService,
} from '../catalog/domain/services.js';
import { bad, notFound } from '../access/domain/errors.js';
import { deleteUser, lockedFor, stateOf, unlockUser } from '../accounts/domain/operator.js';
import { mustSign } from '../access/domain/holders.js';
import { whole, when } from './values.js';
import type { Row } from './output.js';

export type Acting = <A extends unknown[]>(
  work: (ctx: IdentityRequest, ...args: A) => Promise<readonly Row[]>,
) => (...args: [...A, Command]) => Promise<void>;

/** @throws not_found user.absent */
export const named = async (ctx: IdentityRequest, name: string): Promise<Account> => {
  const found = await accountByName(ctx.db, name);
  if (!found) throw notFound('user.absent', { detail: name });
  return found;
};

const showUser = async (ctx: IdentityRequest, name: string): Promise<Row[]> => {
  const a = await named(ctx, name);
  const locked = await lockedFor(ctx, a);
  return [
    {
      uuid: a.uuid,
      username: a.username,
      name: `${a.firstName} ${a.lastName}`,
      state: stateOf(a),
      reason: a.isRejected ? a.rejectedReason : a.isActive ? null : a.deactivatedReason,
      locked_seconds: locked,
      superuser: a.isSuperuser,
      groups: [...a.groups],
      must_sign_terms: await mustSign(ctx, ctx.db, a.id),
      has_password: a.passwordHash !== null,
      made_by: a.madeBy,
      joined: when(a.dateJoined),
    },
  ];
};
const unlock = async (ctx: IdentityRequest, name: string): Promise<Row[]> => {
  const a = await named(ctx, name);
  return [{ uuid: a.uuid, username: a.username, was_locked: await unlockUser(ctx, a.uuid) }];
};
const remove = async (ctx: IdentityRequest, name: string, o: { force: boolean }): Promise<Row[]> => {
  const a = await named(ctx, name);
  await deleteUser(ctx, a.uuid, o);
  return [{ uuid: a.uuid, username: a.username, deleted: true }];
};

const shownService = ({ id, name, type, component, endpoints: of }: ListedService): Row => ({
  id,
  name,
  type,
  component,
  endpoints: of.map((one) => one.id),
});
const shownEndpoint = ({ id, service, data }: ListedEndpoint): Row => ({ id, service, ...data });
const listEndpoints = async (ctx: IdentityRequest, o: { service?: string }): Promise<Row[]> =>
  (await endpoints(ctx, o.service)).map(({ id, service, data }) => ({
    id,
    service,
    versionId: data.versionId,
    region: data.region,
    publicURL: data.publicURL,
  }));
const showComponent = async (ctx: IdentityRequest, name: string): Promise<Row[]> => {
  const { id, url, icon, position, listed, rights } = await componentByName(ctx, name);
  const own = (await services(ctx)).filter((one) => one.component === name).map((one) => one.name);
  return [{ id, name, url, icon, position, listed, rights: [...rights], services: own }];
};

interface AuditOptions {
  limit: number;
  before?: number;
  actor?: string;
  action?: string;
  target?: string;
  result?: string;
  since?: string;
}
/** A user by the address, as the record has them; anything else as it is given. */
const recorded = async (ctx: IdentityRequest, name: string | undefined): Promise<string | undefined> =>
  name?.includes('@') ? ((await accountByName(ctx.db, name))?.uuid ?? name) : name;
const shownEvent = (e: AuditRow): Row => ({
  id: Number(e.id),
  at: when(e.at),
  actor: e.actor,
  action: e.action,
  target: e.target,
  result: e.result,
  ip: e.ip,
  request_id: e.requestId,
  detail: e.detail,
});
const listAudit = async (ctx: IdentityRequest, o: AuditOptions): Promise<Row[]> => {
  const since = o.since === undefined ? undefined : parseInstant(o.since);
  if (o.since !== undefined && !since) throw bad('audit.since');
  const [actor, target] = [await recorded(ctx, o.actor), await recorded(ctx, o.target)];
  const { limit, action, result } = o;
  const before = o.before === undefined ? undefined : String(o.before);
  return (await auditEvents(ctx, { limit, before, actor, action, target, result, since: since?.text })).map(shownEvent);
};
const outcome = (text: string): string => {
  if (text !== 'ok' && text !== 'refused') throw new InvalidArgumentError('ok or refused');
  return text;
};

/** Commands that show what is there, and those on users that were missing beside them. */
export const addShown = (
  { root, user, component, service, endpoint }: Record<'root' | 'user' | 'component' | 'service' | 'endpoint', Command>,
  acting: Acting,
): void => {
  const USER = 'e-mail address or uuid';
  user.command('show').argument('<user>', USER).action(acting(showUser));
  user
    .command('unlock')
    .description('end the pause after failed sign-ins')
    .argument('<user>', USER)
    .action(acting(unlock));
  user
    .command('delete')
    .description('with tokens, credentials and projects, for good')
    .argument('<user>', USER)
    .option('--force', 'also one that a component made, such as the portal', false)
    .action(acting(remove));
  component.command('show').argument('<name>').action(acting(showComponent));
  service.command('list').action(acting(async (ctx) => (await services(ctx)).map(shownService)));
  service
    .command('show')
    .argument('<name>')
    .action(acting(async (ctx: IdentityRequest, name: string) => [shownService(await serviceByName(ctx, name))]));
  endpoint.command('list').option('--service <name>', 'only those of this service').action(acting(listEndpoints));
  endpoint
    .command('show')
    .description('all its keys')
    .argument('<id>', 'from the list', whole())
    .action(acting(async (ctx: IdentityRequest, id: number) => [shownEndpoint(await endpointById(ctx, id))]));
  root
    .command('audit')
    .description('who did what')
    .command('list')
    .description('newest first')
    .option('--limit <number>', 'lines at most', whole(1000), 100)
    .option('--before <id>', 'only older ones than this: the last of the page before', whole())
    .option('--actor <who>', "a user's e-mail address or uuid, or operator")
    .option('--target <what>', "a user's e-mail address or uuid, or the name of what was changed")
    .option('--action <name>', 'such as login, token.mint, user.update')
    .option('--result <result>', 'ok or refused', outcome)
    .option('--since <instant>', 'such as 2026-01-31 or 2026-01-31T12:00:00Z')
    .action(acting(listAudit));
};
