import { hash } from 'node:crypto';
import { lockWithPassword, noteSignIn, replacePassword } from '../../accounts/domain/account-passwords.js';
import { accountByName, type Account } from '../../accounts/domain/accounts.js';
import { audit } from '../../access/domain/audit.js';
import { transactionWithInvalidation } from '../../access/domain/changes.js';
import { Fault, forbidden, tooMany, unauthenticated } from '../../access/domain/errors.js';
import { demandUnchanged, mustSign } from '../../access/domain/holders.js';
import { hasTokenForm } from '../../access/domain/token-form.js';
import { mint, type MintedToken } from '../../access/domain/tokens.js';
import type { IdentityRequest } from '../../ctx.js';
import { createGate } from './gate.js';
import { runSerially } from './turns.js';

/** Where a password is presented: by v2.0, v3, our own page, to change it, or to a component such as the portal. */
export type Door = 'v2' | 'v3' | 'page' | 'new password' | 'component';

/**
 * Bounds how many sign-ins ask the database at once, so that a crowd of them leaves it time for other requests.
 * Attempts that wait for their turn on a name are not in here yet: a crowd at one name keeps no others out.
 */
export const signInGate = createGate({ maxRunning: 4, maxQueued: 512 });

/** What the audit record may have of a name that is no user's: it may be a password in the wrong field. */
const recordedName = (name: string): string | null =>
  /^[\w.+-]{1,64}@[\w.-]{1,190}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name) ? name : null;

/**
 * Refuses a right password or secret, because terms of use wait to be signed: this is no sign-in, and is not recorded
 * as one.
 * @throws unauthenticated terms.pending
 */
export const refuseUnsigned = async (
  ctx: IdentityRequest,
  uuid: string,
  detail: Record<string, unknown>,
): Promise<never> => {
  ctx.signIns.inc({ outcome: 'terms' });
  await audit(ctx, ctx.db, 'login', uuid, 'refused', { reason: 'terms', ...detail });
  throw unauthenticated('terms.pending');
};
interface Attempt {
  door: Door;
  name: string;
  password: string;
  /** Key of the failure counter for a name that is no user's. */
  nameKey: string;
  unsigned: boolean;
}
/**
 * The active user whose password this is, named by e-mail address (any case) or uuid. Unknown user, wrong password,
 * inactive user and locked account get the same answer after the same work. An address that fails all the time gets
 * 429 (contract identity §14), and so does a crowd at one name. A password in the form of a token comes from a client
 * whose token expired, and is no guess: only the address counts it. With `ctx.ip` null nothing is counted by address.
 * @param options.unsigned also when terms of use wait to be signed
 * @throws unauthenticated credentials.wrong, terms.pending; too_many
 */
export const checkPassword = (
  ctx: IdentityRequest,
  door: Door,
  name: string,
  password: string,
  { unsigned = false } = {},
): Promise<Account> => {
  const digest = hash('sha256', name.toLowerCase()).slice(0, 32);
  // Attempts on one name at one door run one after the other, so a burst can not outrun the failure counter by more
  // than a few. One line for the account, over all doors and names, would reveal by its length which names belong to
  // one person.
  return runSerially(`${door}:${digest}`, () =>
    signInGate(() => attemptSignIn(ctx, { door, name, password, nameKey: `?${digest}`, unsigned })),
  );
};
const attemptSignIn = async (ctx: IdentityRequest, attempt: Attempt): Promise<Account> => {
  const { name, password } = attempt;
  const account = await accountByName(ctx.db, name); // read here: the attempt before may have changed it
  const key = account?.uuid ?? attempt.nameKey;
  const wait = ctx.ip === null ? null : await ctx.limits.address.exhausted(ctx.ip);
  if (wait !== null) throw tooMany(wait);
  const locked = (await ctx.limits.account.exhausted(key)) !== null;
  const { matches, newHash } = await ctx.passwords.verify(account?.passwordHash, password);
  if (!account || !matches || locked || !account.isActive)
    return refuseAttempt(ctx, attempt, { account, key, matches, locked });
  await ctx.limits.account.reset(key);
  return noteSuccess(ctx, account, attempt, newHash);
};
/** Counts and records a failed attempt. @throws unauthenticated credentials.wrong */
const refuseAttempt = async (
  ctx: IdentityRequest,
  { door, name, password }: Attempt,
  { account, key, matches, locked }: { account: Account | undefined; key: string; matches: boolean; locked: boolean },
): Promise<never> => {
  const token = hasTokenForm(password);
  const reason = !account ? 'unknown' : locked ? 'locked' : matches ? 'inactive' : token ? 'token' : 'password';
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
};
/** Records a sign-in, and stores the password's new hash if there is one. @throws unauthenticated terms.pending */
const noteSuccess = async (
  ctx: IdentityRequest,
  account: Account,
  { door, unsigned }: Attempt,
  newHash: string | undefined,
): Promise<Account> => {
  const signedIn = await ctx.db.transaction(async (tx) => {
    // The new hash must not overwrite a password that was changed meanwhile.
    const passwordHash = (await lockWithPassword(tx, account)) ? newHash : undefined;
    if (!unsigned && (await mustSign(ctx, tx, account.id))) return undefined;
    await noteSignIn(tx, account.id, passwordHash);
    await audit(ctx, tx, 'login', account.uuid);
    return { ...account, passwordHash: passwordHash ?? account.passwordHash };
  });
  if (!signedIn) return refuseUnsigned(ctx, account.uuid, { door });
  ctx.signIns.inc({ outcome: 'ok' });
  return signedIn;
};
/**
 * Mints a token for a user whose password was right (contract identity §5.7 step 4, §5.2).
 * @param options.seconds its life
 * @param options.unsigned also when terms of use wait to be signed: for the browser that shows them; until then it
 * opens nothing else
 * @throws unauthenticated credentials.wrong, terms.pending: the user or the password changed meanwhile
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
/**
 * The user changes the own password, which ends every token and what was made with them. @throws forbidden
 * password.wrong; too_many
 */
export const changePassword = async (
  ctx: IdentityRequest,
  uuid: string,
  original: string,
  password: string,
): Promise<void> => {
  const account = await checkPassword(ctx, 'new password', uuid, original, { unsigned: true }).catch((err: unknown) => {
    throw err instanceof Fault && err.kind === 'unauthenticated' ? forbidden('password.wrong') : err;
  });
  const passwordHash = await ctx.passwords.hash(password);
  await transactionWithInvalidation(ctx, async (tx, invalidate) => {
    if (!(await lockWithPassword(tx, account))) throw forbidden('password.wrong');
    await replacePassword(ctx, tx, invalidate, account, passwordHash);
    await audit(ctx, tx, 'user.change_password', uuid);
  });
};
