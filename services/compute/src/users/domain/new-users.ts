import { randomUUID } from 'node:crypto';
import { enqueue, Fault, invalid, type Issue, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { refusedValue } from '../../refusals.js';
import { deleteOldReservations, findTaken, insertUser, reserveUser } from '../store/new-users.js';
import { demandUnrestricted } from './ranks.js';
import { activateUser } from './user-states.js';

export interface NewUser {
  username: string;
  email: string;
  firstName: string;
  lastName: string;
  password: string;
  externalBillingId: string | null;
  isStaff?: boolean;
}
/** A user whom identity has and the portal has not yet. */
export interface PreparedUser extends NewUser {
  uuid: string;
}
export const ACTIVATE = 'user.activate';
const RESERVATION_MS = 24 * 3_600_000;

const withPathPrefix = (path: readonly string[], issues: readonly Issue[]): Fault =>
  invalid(issues.map((one) => ({ ...one, path: [...path, ...one.path] })));
const FIELDS = [
  ['username', 'username'],
  ['externalBillingId', 'external_billing_id'],
  ['email', 'email'],
] as const;

/**
 * Has identity make the user, who can not sign in yet. Here only the reserved uuid is written.
 * @param path where the user stands in the request's document, for refusals
 * @throws Fault forbidden for a restricted credential; invalid; unavailable while identity does not answer
 */
export const prepareUser = async (ctx: ComputeCtx, wanted: NewUser, path: readonly string[]): Promise<PreparedUser> => {
  demandUnrestricted(ctx);
  const user = {
    ...wanted,
    externalBillingId: wanted.externalBillingId || null,
    uuid: await reserveUser(dbOf(ctx), wanted.email, randomUUID(), ctx.clock.now()),
  };
  // After the reservation, so that a user whom a concurrent request made with it is found here.
  const taken = await findTaken(dbOf(ctx), user.username, user.externalBillingId, user.email);
  const issues = FIELDS.filter(([name]) => taken[name]).map(([, field]) => ({ path: [field], rule: 'unique' }));
  if (issues.length) throw withPathPrefix(path, issues);
  const { uuid, email, firstName, lastName, password, isStaff: staff } = user;
  await ctx.identity.putUser({ uuid, email, firstName, lastName, password, staff }).catch((err: unknown) => {
    if (err instanceof Fault && err.kind === 'conflict')
      throw withPathPrefix(path, [{ path: ['email'], rule: 'unique' }]);
    if (err instanceof Fault && err.kind === 'invalid')
      throw withPathPrefix(path, [refusedValue(['password'], 'user.password')]);
    throw err;
  });
  return user;
};
/**
 * Inserts the user and enqueues the job that asks identity to activate it. @returns its id @throws Fault invalid
 */
export const storeUser = async (tx: Tx, user: PreparedUser, path: readonly string[]): Promise<number> => {
  const id = await insertUser(tx, { ...user, isStaff: user.isStaff ?? false }).catch((err: unknown) => {
    throw err instanceof Fault ? withPathPrefix(path, err.params.issues ?? []) : err;
  });
  await enqueue(tx, ACTIVATE, { id }, { key: `${ACTIVATE}:${id}` });
  return id;
};
/** Has identity let a stored user in, right after the commit; when that fails the job does it. */
export const activateNewUser = (ctx: ComputeCtx, id: number): Promise<void> =>
  activateUser(ctx, id).catch((err: unknown) => {
    ctx.log.warn({ err, user: id }, 'identity could not be told of a new user; a job tells it');
  });
/** Deletes a batch of the reservations that no request can use any more. @returns how many */
export const sweepReservations = (ctx: ComputeCtx): Promise<number> =>
  deleteOldReservations(ctx.db, new Date(ctx.clock.now().getTime() - RESERVATION_MS));
