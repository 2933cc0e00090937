import { randomUUID } from 'node:crypto';
import { enqueue, Fault, notFound, type Issue, type Queryable, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { publishAccount } from '../../owners/domain/accounts.js';
import { notifyCaller } from '../../access/domain/callers.js';
import { selectPage } from '../../lists/select-page.js';
import {
  deleteOldReservations,
  findTaken,
  findUser,
  hideUser,
  insertUser,
  listUnsettled,
  lockUser,
  missingClients,
  removeUser,
  reserveUser,
  setClients,
  updateUser,
  userList,
  type UserChanges,
  type UserRow,
} from '../store/users.js';
import { auditIdsOf } from '../store/tokens.js';
import { afterCommit, dbOf } from '../../access/domain/claim.js';
import { unlessProtected } from './protected.js';
import { demandAbove, demandMayChange, demandMayMake, demandUnrestricted } from './ranks.js';
import { planList, readListQuery, type Page } from '../../lists/list-query.js';
import { activateUser, changeWithState, stateChanged, type Agreed } from './user-states.js';

export type { UserRow };
export interface NewUser {
  username: string;
  email: string;
  first_name: string;
  last_name: string;
  password: string;
  external_billing_id: string | null;
  is_staff?: boolean;
}
/** A user whom identity knows already and we not yet. */
export interface PreparedUser extends NewUser {
  uuid: string;
}
const ACTIVATE = 'user.activate';
const DELETE = 'user.delete';

export const listUsers = (ctx: ComputeCtx, query: Readonly<Record<string, unknown>>): Promise<Page<UserRow>> =>
  selectPage<UserRow>(
    dbOf(ctx),
    planList(userList, readListQuery(userList, query), [{ sql: 'u.deleted_at is null', values: [] }]),
  );
/** What to answer about a user who is gone. The caller may have been deleted since the request began: then nobody is signed in. */
export const userGone = (ctx: ComputeCtx, id: number): Fault =>
  ctx.caller?.userId === id ? new Fault('unauthenticated', 'user_inactive') : notFound('user.not_found');
/** @throws Fault not_found; unauthenticated for the caller */
export const getUser = async (ctx: ComputeCtx, id: number): Promise<UserRow> => {
  const found = await findUser(dbOf(ctx), id);
  if (!found || found.deleted) throw userGone(ctx, id);
  return found;
};

const under = (path: readonly string[], issues: readonly Issue[]): Fault =>
  new Fault('invalid', 'validation', { issues: issues.map((one) => ({ ...one, path: [...path, ...one.path] })) });
/**
 * Has identity make the user, not able to sign in yet. Written here is only which uuid was asked for.
 * @param at where the user stands in the caller's document, for refusals
 * @throws Fault forbidden for a restricted credential; invalid; unavailable while identity is silent
 */
export const prepareUser = async (ctx: ComputeCtx, wish: NewUser, at: readonly string[]): Promise<PreparedUser> => {
  demandUnrestricted(ctx);
  const user = {
    ...wish,
    external_billing_id: wish.external_billing_id || null,
    uuid: await reserveUser(dbOf(ctx), wish.email, randomUUID(), ctx.clock.now()),
  };
  // After the reservation: whoever has used it up in the meantime is seen here.
  const taken = await findTaken(dbOf(ctx), user.username, user.external_billing_id, user.email);
  const issues: Issue[] = (['username', 'external_billing_id', 'email'] as const)
    .filter((name) => taken[name])
    .map((name) => ({ path: [name], rule: 'unique' }));
  if (issues.length) throw under(at, issues);
  await ctx.identity
    .putUser({
      uuid: user.uuid,
      email: user.email,
      firstName: user.first_name,
      lastName: user.last_name,
      password: user.password,
      staff: user.is_staff,
    })
    .catch((err: unknown) => {
      if (err instanceof Fault && err.kind === 'conflict') throw under(at, [{ path: ['email'], rule: 'unique' }]);
      if (err instanceof Fault && err.kind === 'invalid')
        throw under(at, [
          {
            path: ['password'],
            rule: 'text',
            values: { text: 'This user is not accepted: choose a longer password.' },
          },
        ]);
      throw err;
    });
  return user;
};
/** Writes the user and the job that lets it in. @returns its id */
export const storeUser = async (tx: Tx, user: PreparedUser, at: readonly string[]): Promise<number> => {
  const id = await insertUser(tx, { ...user, is_staff: user.is_staff ?? false }).catch((err: unknown) => {
    throw err instanceof Fault ? under(at, err.params.issues ?? []) : err;
  });
  await enqueue(tx, ACTIVATE, { id }, { key: `${ACTIVATE}:${id}` });
  return id;
};
/** Lets a stored user in, right after the commit; when that fails the job does it. */
export const settleUser = (ctx: ComputeCtx, id: number): Promise<void> =>
  activateUser(ctx, id).catch((err: unknown) => {
    ctx.log.warn({ err, user: id }, 'identity did not hear of a new user yet; the job tells it');
  });

const demandClients = async (tx: Queryable, clients: readonly number[] | undefined): Promise<void> => {
  const missing = clients ? await missingClients(tx, clients) : [];
  if (missing.length)
    throw new Fault('invalid', 'validation', {
      issues: missing.map((pk) => ({ path: ['clients'], rule: 'pk', values: { pk } })),
    });
};
/** @throws Fault invalid; unavailable */
export const createUser = async (ctx: ComputeCtx, wish: NewUser, clients: readonly number[] = []): Promise<UserRow> => {
  // Refused before identity hears of the user.
  demandMayMake(ctx, wish);
  await demandClients(dbOf(ctx), clients);
  const user = await prepareUser(ctx, wish, []);
  const id = await dbOf(ctx).transaction(async (tx) => {
    await demandClients(tx, clients);
    const made = await storeUser(tx, user, []);
    for (const client of await setClients(tx, made, clients))
      await publishAccount(tx, client, 'account.updated', ctx.clock.now());
    return made;
  });
  await afterCommit(ctx, () => settleUser(ctx, id));
  return getUser(ctx, id);
};
/** An inactive user is refused here at once, and at identity, which tells everybody else. Refused, nothing changes. @throws Fault not_found; invalid; forbidden, conflict */
export const changeUser = async (
  ctx: ComputeCtx,
  id: number,
  changes: UserChanges,
  clients?: readonly number[],
): Promise<UserRow> => {
  const active = changes.is_active;
  const change = async (tx: Tx, agreed?: Agreed): Promise<UserRow> => {
    const was = await lockUser(tx, id);
    if (!was || was.deleted) throw notFound('user.not_found');
    demandMayChange(ctx, was, { ...changes, clients });
    await demandClients(tx, clients);
    await updateUser(tx, id, changes.external_billing_id === '' ? { ...changes, external_billing_id: null } : changes);
    if (agreed || (active !== undefined && active !== was.is_active)) await stateChanged(tx, was, agreed);
    for (const client of clients ? await setClients(tx, id, clients) : [])
      await publishAccount(tx, client, 'account.updated', ctx.clock.now());
    await notifyCaller(tx, was.uuid);
    return (await findUser(tx, id)) as UserRow;
  };
  const user = await (active === undefined
    ? dbOf(ctx).transaction((tx) => change(tx))
    : changeWithState(ctx, id, active, change));
  ctx.callers.drop(user.uuid);
  return user;
};
/** Gone here at once; identity is told right after, and again by a job until it has heard. @throws Fault not_found */
export const deleteUser = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const user = await dbOf(ctx).transaction(async (tx) => {
    const was = await lockUser(tx, id);
    if (!was || was.deleted) throw notFound('user.not_found');
    demandUnrestricted(ctx);
    demandAbove(ctx, was);
    await hideUser(tx, id, ctx.clock.now());
    for (const client of was.client_ids) await publishAccount(tx, client, 'account.updated', ctx.clock.now());
    await notifyCaller(tx, was.uuid);
    await enqueue(tx, DELETE, { id }, { key: `${DELETE}:${id}` });
    return was;
  });
  ctx.callers.drop(user.uuid);
  await finishDeleteUser(ctx, id).catch((err: unknown) => {
    ctx.log.warn({ err, user: id }, 'identity did not hear of a deleted user yet; the job tells it');
  });
};
/** The job's step. A user that identity has from elsewhere, or that is an administrator there by now, stays there, without the tokens of the portal. */
export const finishDeleteUser = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const user = await findUser(dbOf(ctx), id);
  if (!user?.deleted) return;
  if (!user.made_here || !(await unlessProtected(ctx.identity.deleteUser(user.uuid)))) {
    for (const auditId of await auditIdsOf(dbOf(ctx), id)) await unlessProtected(ctx.identity.revokeToken(auditId));
    ctx.log.info({ user: id, uuid: user.uuid }, 'a user is gone from the portal and stays at identity');
  }
  await removeUser(dbOf(ctx), id);
};
/** A reservation outlives every request that could use it by far. @returns how many were thrown away */
export const sweepReservations = (ctx: ComputeCtx): Promise<number> =>
  deleteOldReservations(dbOf(ctx), new Date(ctx.clock.now().getTime() - 24 * 3_600_000));
/** Gives users about whom identity has still to hear their jobs back. @returns how many there are */
export const sweepUsers = async (ctx: ComputeCtx): Promise<number> => {
  const rows = await listUnsettled(dbOf(ctx), 1000);
  for (const { id, deleted } of rows)
    await dbOf(ctx).transaction((tx) =>
      enqueue(tx, deleted ? DELETE : ACTIVATE, { id }, { key: `${deleted ? DELETE : ACTIVATE}:${id}` }),
    );
  return rows.length;
};
