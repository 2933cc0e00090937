import { hash } from 'node:crypto';
import type { IdentityRequest } from '../../ctx.js';
import { demandUnchanged, mustSign } from '../../access/domain/holders.js';
import { accountByName, type Account } from '../../accounts/domain/accounts.js';
import { audit } from '../../access/domain/audit.js';
import { changing } from '../../access/domain/changes.js';
import { createGate } from './gate.js';
import { forbidden, tooMany, unauthenticated } from '../../access/domain/errors.js';
import { lockWithPassword, noteSignIn, replacePassword } from '../../accounts/domain/account-passwords.js';
import { hasTokenForm } from '../../access/domain/token-form.js';
import { mint, type MintedToken } from '../../access/domain/tokens.js';

/** Where somebody shows a password. The portal's log-in is one door, whether the name is somebody's or not. */
export type Door = 'v2' | 'v3' | 'page' | 'new password' | 'component';
/**
 * Attempts on one name at one door run one after the other, so that a burst can not outrun the counter of the account by more than a few.
 * A line for the account, over all doors and names, would tell by its length which names are one person's.
 */
const turns = new Map<string, { tail: Promise<unknown>; length: number }>();
const IN_LINE = 20;
const inTurn = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
  const turn = turns.get(key) ?? { tail: Promise.resolve(), length: 0 };
  if (turn.length >= IN_LINE) throw tooMany(1);
  turns.set(key, turn);
  turn.length += 1;
  const mine = turn.tail.then(work, work);
  turn.tail = mine.catch(() => undefined);
  try {
    return await mine;
  } finally {
    turn.length -= 1;
    if (!turn.length) turns.delete(key);
  }
};

/**
 * A crowd of log-ins asks the database little by little, so that it has time for everybody else. Whoever waits in line for a name is not
 * in here: a crowd at one name keeps no others out.
 */
export const signInGate = createGate({ atOnce: 4, waiting: 512 });

/** A name that is no user's may be a password in the wrong field: only what has the form of a name is recorded. */
const recordedName = (name: string): string | null =>
  /^[\w.+-]{1,64}@[\w.-]{1,190}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name) ? name : null;

/** The password or secret is right, and terms of use wait to be signed: this is no sign-in, and is recorded as none. @throws terms.pending */
export const refuseUnsigned = async (
  ctx: IdentityRequest,
  uuid: string,
  detail: Record<string, unknown>,
): Promise<never> => {
  ctx.signIns.inc({ outcome: 'terms' });
  await audit(ctx, ctx.db, 'login', uuid, 'refused', { reason: 'terms', ...detail });
  throw unauthenticated('terms.pending');
};
/**
 * Whether this is the password of an active user, named by e-mail address (any case) or uuid. Unknown user, wrong password, inactive and
 * locked look and take the same; only an address that fails all the time is told so (contract identity §14). `ctx.ip` null: not counted by address.
 * What has the form of a token is a client's whose token is over, at every door, and no guess at the password: it is counted by address alone.
 * `unsigned`: also when terms of use wait to be signed. @throws Fault unauthenticated credentials.wrong, terms.pending; too_many
 */
export const checkPassword = async (
  ctx: IdentityRequest,
  door: Door,
  name: string,
  password: string,
  { unsigned = false } = {},
): Promise<Account> => {
  const typed = hash('sha256', name.toLowerCase()).slice(0, 32);
  const inBoth = <T>(work: () => Promise<T>): Promise<T> => inTurn(`${door}:${typed}`, () => signInGate(work));
  return inBoth(async () => {
    const account = await accountByName(ctx.db, name); // as the one before in this line left it
    const key = account?.uuid ?? `?${typed}`;
    const blocked = ctx.ip === null ? null : await ctx.limits.address.exhausted(ctx.ip);
    if (blocked !== null) throw tooMany(blocked);
    const locked = (await ctx.limits.account.exhausted(key)) !== null;
    const token = hasTokenForm(password);
    const { right, rehash } = await ctx.passwords.verify(account?.passwordHash, password);
    if (!account || !right || locked || !account.isActive) {
      const reason = !account ? 'unknown' : locked ? 'locked' : right ? 'inactive' : token ? 'token' : 'password';
      ctx.signIns.inc({ outcome: reason });
      await Promise.all([
        ctx.ip === null ? null : ctx.limits.address.count(ctx.ip),
        locked || token ? null : ctx.limits.account.count(key),
        audit(ctx, ctx.db, 'login', account?.uuid ?? null, 'refused', {
          reason,
          door,
          ...(!account && { name: recordedName(name) }),
        }),
      ]);
      throw unauthenticated('credentials.wrong');
    }
    await ctx.limits.account.reset(key);
    const signedIn = await ctx.db.transaction(async (tx) => {
      // Over a password that came in between the old one must not be written back.
      const passwordHash = (await lockWithPassword(tx, account)) ? rehash : undefined;
      if (!unsigned && (await mustSign(ctx, tx, account.id))) return undefined;
      await noteSignIn(tx, account.id, passwordHash);
      await audit(ctx, tx, 'login', account.uuid);
      return { ...account, passwordHash: passwordHash ?? account.passwordHash };
    });
    if (!signedIn) return refuseUnsigned(ctx, account.uuid, { door });
    ctx.signIns.inc({ outcome: 'ok' });
    return signedIn;
  });
};
/**
 * A new token for somebody whose password was right (contract identity §5.7 step 4, §5.2). `unsigned`: also when terms of use wait to be
 * signed, for the browser in which they are read; until then it opens nothing else.
 */
export const mintFor = (
  ctx: IdentityRequest,
  account: Account,
  kind: 'api' | 'session',
  { seconds = ctx.settings.tokenSeconds, unsigned = false } = {},
): Promise<MintedToken> =>
  ctx.db.transaction(async (tx) => {
    await demandUnchanged(ctx, tx, account, { unsigned });
    const token = await mint(tx, { kind, accountId: account.id, seconds, methods: ['password'] });
    await audit(ctx, tx, 'token.mint', account.uuid, 'ok', { audit_id: token.auditId, kind });
    return token;
  });
/** The owner changes his password: every token dies, and what was made with them. @throws forbidden password.wrong */
export const changePassword = async (
  ctx: IdentityRequest,
  uuid: string,
  original: string,
  password: string,
): Promise<void> => {
  const account = await checkPassword(ctx, 'new password', uuid, original, { unsigned: true }).catch((err: unknown) => {
    throw (err as { kind?: string }).kind === 'unauthenticated' ? forbidden('password.wrong') : err;
  });
  const passwordHash = await ctx.passwords.hash(password);
  await changing(ctx, async (tx, stale) => {
    if (!(await lockWithPassword(tx, account))) throw forbidden('password.wrong');
    await replacePassword(ctx, tx, stale, account, passwordHash);
    await audit(ctx, tx, 'user.change_password', uuid);
  });
};
