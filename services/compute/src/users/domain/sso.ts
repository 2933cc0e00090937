import { createHash, createHmac, randomBytes } from 'node:crypto';
import { Fault, forbidden, notFound } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import { deleteExpiredLinks, insertLink, takeLink } from '../store/sso-links.js';
import { findUser, findUserByExternalId } from '../store/users.js';
import { demandUnrestricted } from './ranks.js';
import { beginSession, SESSION_SECONDS, type NewSession } from './sessions.js';
import { demandNotBlocked, refuseSignIn, signInLine, unlessTermsPending } from './sign-in.js';

/** How long a link may be used (contract compute §5). */
const LINK_MS = 60_000;
const hashOf = (mac: string): Buffer => createHash('sha256').update(mac).digest();

/**
 * Makes a link with which an end user signs in: once, within a minute. The MAC's key is thrown away and only the MAC's
 * hash is stored: whoever reads the database can not sign in. There are no links for staff, who rank above the caller
 * or beside.
 * @param euid the user's id in the external billing
 * @returns `<euid>:<unix seconds>:<hex mac>`
 * @throws Fault not_found, forbidden
 */
export const makeSsoLink = async (ctx: ComputeRequest, euid: string): Promise<string> => {
  demandUnrestricted(ctx);
  const madeWith = ctx.principal?.auditId;
  const user = await findUserByExternalId(dbOf(ctx), euid);
  if (!user?.isActive) throw notFound('user.not_found');
  if (user.isStaff || user.isSuperuser || madeWith === undefined) throw forbidden();
  const now = ctx.clock.now();
  const seconds = Math.floor(now.getTime() / 1000);
  const mac = createHmac('sha256', randomBytes(32)).update(`${euid}:${seconds}`).digest('hex');
  const expiresAt = new Date(now.getTime() + LINK_MS).toISOString();
  await dbOf(ctx).transaction((tx) =>
    insertLink(tx, { hash: hashOf(mac), userId: user.id, madeAtSeconds: seconds, madeWith, expiresAt }),
  );
  ctx.log.info(
    { by: callerOf(ctx).userId, user: user.id, request_id: ctx.requestId },
    'a link to sign in as an end user was made',
  );
  return `${euid}:${seconds}:${mac}`;
};

/** What a browser sends of a link. `mac` may also be all that `makeSsoLink` returned: both are in use. */
export interface LinkRequest {
  euid: string;
  seconds: number;
  mac: string;
  /** The browser's: it has to wait after too many failures. */
  address: string;
}
/**
 * Begins the session of a link, which is used up even when the session is refused. Every reason of refusal looks the
 * same.
 * @throws Fault invalid/login, too_many, unavailable
 */
export const signInByLink = async (
  ctx: ComputeRequest,
  { euid, seconds, mac, address }: LinkRequest,
): Promise<NewSession> => {
  const throttleKey = await demandNotBlocked(ctx, address);
  const prefix = `${euid}:${seconds}:`;
  const hash = hashOf(mac.startsWith(prefix) ? mac.slice(prefix.length) : mac);
  const link = await dbOf(ctx).transaction((tx) => takeLink(tx, { hash, euid, seconds, now: ctx.clock.now() }));
  const user = link && (await findUser(dbOf(ctx), link.userId));
  const allowed = user?.isActive && !user.deleted && !user.isStaff && !user.isSuperuser ? user : undefined;
  const opened =
    allowed &&
    link &&
    (await ctx.identity
      .openTrustedSession(allowed.uuid, link.madeWith, SESSION_SECONDS)
      .catch(unlessTermsPending(ctx))
      .catch(nullIfRefused));
  const logOutcome = signInLine(ctx, { who: user?.uuid ?? null, from: address, side: 'link' });
  if (!allowed || !opened) {
    logOutcome('refused', !link ? 'unknown' : !allowed ? 'inactive' : 'over');
    return refuseSignIn(ctx, throttleKey);
  }
  const session = await beginSession(ctx, allowed, opened.auditId);
  logOutcome('ok');
  return session;
};
/** The user is deleted or has a higher rank by now, or the token that the link was made with is over. */
const nullIfRefused = (err: unknown): null => {
  if (err instanceof Fault && (err.kind === 'not_found' || err.kind === 'forbidden' || err.kind === 'conflict'))
    return null;
  throw err;
};
/** Deletes a batch of the links that are over. @returns how many */
export const sweepSsoLinks = (ctx: ComputeCtx): Promise<number> => deleteExpiredLinks(ctx.db, ctx.clock.now());
