import { createHash, createHmac, randomBytes } from 'node:crypto';
import { Fault, forbidden, notFound } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { deleteExpiredLinks, insertLink, takeLink } from '../store/sso-links.js';
import { findUser, findUserByExternalId, type UserRow } from '../store/users.js';
import { callerOf } from '../../access/domain/caller.js';
import { demandUnrestricted } from './ranks.js';
import { beginSession, placeOf, refuseSignIn, SESSION_SECONDS, signInLine, unlessTermsPending } from './sessions.js';

/** How long a link may be used (contract compute §5). */
const LINK_MS = 60_000;
const hashOf = (mac: string): Buffer => createHash('sha256').update(mac).digest();

/**
 * Makes what an end user signs in with: once, within a minute. The MAC's key is thrown away, and its hash alone is kept: whoever reads the
 * database can not sign in. Nobody gets in as staff like this, who have a side of their own and rank above the caller.
 * @param euid the user's id in the external billing @returns `<euid>:<unix seconds>:<hex mac>`
 * @throws Fault not_found; forbidden
 */
export const makeSsoLink = async (ctx: ComputeRequest, euid: string): Promise<string> => {
  demandUnrestricted(ctx);
  const madeWith = ctx.principal?.auditId;
  const user = await findUserByExternalId(dbOf(ctx), euid);
  if (!user?.is_active) throw notFound('user.not_found');
  if (user.is_staff || user.is_superuser || madeWith === undefined) throw forbidden();
  const now = ctx.clock.now();
  const seconds = Math.floor(now.getTime() / 1000);
  const mac = createHmac('sha256', randomBytes(32)).update(`${euid}:${seconds}`).digest('hex');
  await dbOf(ctx).transaction((tx) =>
    insertLink(tx, {
      hash: hashOf(mac),
      userId: user.id,
      seconds,
      madeWith,
      expiresAt: new Date(now.getTime() + LINK_MS),
    }),
  );
  ctx.log.info(
    { by: callerOf(ctx).userId, user: user.id, request_id: ctx.requestId },
    'a link to sign in as an end user was made',
  );
  return `${euid}:${seconds}:${mac}`;
};

/**
 * Begins the session of a link, which is used up whatever comes of it. Every reason of refusal looks the same. `mac` may stand alone or in
 * the whole that `makeSsoLink` gave: both are sent.
 * @throws Fault invalid/login; too_many; unavailable
 */
export const signInByLink = async (
  ctx: ComputeRequest,
  { euid, seconds, mac, address }: { euid: string; seconds: number; mac: string; address: string },
): Promise<{ user: UserRow; key: string; csrf: string }> => {
  const place = await placeOf(ctx, address);
  const whole = `${euid}:${seconds}:`;
  const hash = hashOf(mac.startsWith(whole) ? mac.slice(whole.length) : mac);
  const link = await dbOf(ctx).transaction((tx) => takeLink(tx, { hash, euid, seconds, now: ctx.clock.now() }));
  const user = link && (await findUser(dbOf(ctx), link.user_id));
  const allowed = user?.is_active && !user.deleted && !user.is_staff && !user.is_superuser ? user : undefined;
  const opened =
    allowed &&
    link &&
    (await ctx.identity
      .openTrustedSession(allowed.uuid, link.made_with, SESSION_SECONDS)
      .catch(unlessTermsPending(ctx))
      .catch(unlessOver));
  const tell = signInLine(ctx, { who: user?.uuid ?? null, from: address, side: 'link' });
  if (!allowed || !opened) {
    tell('refused', !link ? 'unknown' : !allowed ? 'inactive' : 'over');
    return refuseSignIn(ctx, place);
  }
  const begun = await beginSession(ctx, allowed, opened.auditId);
  tell('ok');
  return begun;
};
/** The user is gone or above by now, or what the link was made with is over: for the browser that is all one. */
const unlessOver = (err: unknown): null => {
  if (err instanceof Fault && (err.kind === 'not_found' || err.kind === 'forbidden' || err.kind === 'conflict'))
    return null;
  throw err;
};
export const sweepSsoLinks = (ctx: ComputeCtx): Promise<number> => deleteExpiredLinks(dbOf(ctx), ctx.clock.now());
