import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { checkCredentialSecret } from '../../sign-in/domain/application-credentials.js';
import { audit } from '../../access/domain/audit.js';
import type { DirectoryData } from '../../catalog/domain/directory.js';
import { bad, notFound, unauthenticated, type Fault } from '../../access/domain/errors.js';
import { isAdmin } from '../../access/domain/roles.js';
import { demandWriting, holdCredential, holdParent } from '../../access/domain/derivation.js';
import { revoke } from '../../access/domain/revocation.js';
import { checkPassword } from '../../sign-in/domain/sign-in.js';
import { demandUnchanged } from '../../access/domain/holders.js';
import { accountByName } from '../../accounts/domain/accounts.js';
import { isUuid } from '../../access/domain/uuids.js';
import {
  isLive,
  mint,
  projectOf,
  refusalOf,
  requireUser,
  type Scope,
  type TokenKind,
  type TokenRecord,
  type UserToken,
} from '../../access/domain/tokens.js';

export type UserRef = { id: string } | { name: string; domain: { id: string } | { name: string } };
export type WantedScope =
  | 'unscoped'
  | { project: { id: string } | { name: string; domain?: { id: string } | { name: string } | undefined } }
  | { domain: { id: string } | { name: string } }
  | { system: { all: true } };
export interface V3Wish {
  methods: readonly string[];
  password?: { user: UserRef & { password: string } } | undefined;
  token?: { id: string } | undefined;
  credential?: { id: string; secret: string } | { name: string; secret: string; user: UserRef } | undefined;
  scope?: WantedScope | undefined;
}
const isDefaultDomain = (domain: { id: string } | { name: string }): boolean =>
  'id' in domain ? domain.id === 'default' : domain.name.toLowerCase() === 'default';
/** The account name to look for; one that can not exist where the domain is another. */
const nameOf = (user: UserRef): string =>
  'id' in user
    ? isUuid(user.id)
      ? user.id
      : `?${user.id}`
    : isDefaultDomain(user.domain)
      ? user.name
      : `?${user.name}`;

interface Proof {
  userId: number;
  passwordHash?: string | null;
  uuid: string;
  defaultProject: string;
  superuser: boolean;
  kind: TokenKind;
  methods: string[];
  notAfter: string | null;
  parent?: TokenRecord;
  credential?: { id: string; project: string };
}
const wrong = (): Fault => unauthenticated('credentials.wrong');

const prove = async (ctx: IdentityRequest, wish: V3Wish): Promise<Proof> => {
  const [method] = wish.methods;
  if (wish.methods.length !== 1) throw bad('validation');
  if (method === 'password' && wish.password) {
    const a = await checkPassword(ctx, 'v3', nameOf(wish.password.user), wish.password.user.password);
    return {
      userId: a.id,
      passwordHash: a.passwordHash,
      uuid: a.uuid,
      defaultProject: a.defaultProject,
      superuser: a.isSuperuser,
      kind: 'v3',
      methods: ['password'],
      notAfter: null,
    };
  }
  if (method === 'token' && wish.token) {
    const parent = await ctx.tokens.find(wish.token.id);
    if (refusalOf(parent) !== null) throw wrong();
    const t = parent as UserToken;
    return {
      userId: t.user.id,
      uuid: t.user.uuid,
      defaultProject: t.user.defaultProject,
      superuser: t.user.isSuperuser,
      kind: t.credential ? 'appcred' : 'v3',
      methods: [...new Set([...t.methods, 'token'])],
      notAfter: t.expiresAt,
      parent: t,
      ...(t.credential && { credential: { id: t.credential.id, project: projectOf(t) ?? '' } }),
    };
  }
  if (method === 'application_credential' && wish.credential) {
    const found =
      'id' in wish.credential
        ? { id: wish.credential.id }
        : { owner: (await accountByName(ctx.db, nameOf(wish.credential.user)))?.id ?? 0, name: wish.credential.name };
    const { credential, account } = await checkCredentialSecret(ctx, found, wish.credential.secret);
    return {
      userId: account.id,
      uuid: account.uuid,
      defaultProject: account.defaultProject,
      superuser: account.isSuperuser,
      kind: 'appcred',
      methods: ['application_credential'],
      notAfter: credential.expiresAt,
      credential: { id: credential.id, project: credential.project },
    };
  }
  throw bad('validation');
};
/** What the token will speak for. A user may scope to the own system project; administrators to the domain and the system. @throws 401 for anything else */
const scopeOf = (proof: Proof, wanted: WantedScope | undefined): { scope: Scope; project: string | null } => {
  const bound = proof.credential?.project;
  if (wanted === undefined)
    return proof.parent
      ? {
          scope: proof.parent.scope,
          project: proof.parent.scope === 'project' ? (proof.parent.project ?? proof.defaultProject) : null,
        }
      : { scope: 'project', project: bound ?? proof.defaultProject };
  if (wanted === 'unscoped') {
    if (bound) throw wrong();
    return { scope: 'none', project: null };
  }
  if ('project' in wanted) {
    const { project } = wanted;
    const named =
      'id' in project
        ? project.id
        : (!project.domain || isDefaultDomain(project.domain)) && project.name === `system:${proof.uuid}`
          ? proof.uuid
          : '';
    if (named !== proof.uuid || (bound && bound !== named)) throw wrong();
    return { scope: 'project', project: named };
  }
  // A token that speaks for one project is not exchanged for one that speaks for all of them; one without a scope may still choose.
  if (
    bound ||
    !proof.superuser ||
    proof.parent?.scope === 'project' ||
    ('domain' in wanted && !isDefaultDomain(wanted.domain))
  )
    throw wrong();
  return { scope: 'domain' in wanted ? 'domain' : 'system', project: null };
};
/** `POST /v3/auth/tokens` (contract identity §12.3). A token made from a token has no more rights, scope or life, and is revoked with it. */
export const issueV3 = async (ctx: IdentityRequest, wish: V3Wish): Promise<{ token: string; record: UserToken }> => {
  const proof = await prove(ctx, wish);
  const { scope, project } = scopeOf(proof, wish.scope);
  const made = await ctx.db.transaction(async (tx) => {
    await demandUnchanged(ctx, tx, {
      id: proof.userId,
      ...(proof.passwordHash !== undefined && { passwordHash: proof.passwordHash }),
    });
    if (proof.credential && !(await holdCredential(tx, proof.credential.id))) throw wrong();
    if (proof.parent && !(await holdParent(tx, proof.parent.auditId))) throw wrong();
    const token = await mint(tx, {
      kind: proof.kind,
      accountId: proof.userId,
      applicationCredentialId: proof.credential?.id ?? null,
      scope,
      project,
      methods: proof.methods,
      parentAuditId: proof.parent?.auditId ?? null,
      readOnly: proof.parent?.readOnly ?? false,
      notAfter: proof.notAfter,
      seconds: ctx.settings.v3TokenSeconds,
    });
    await audit(ctx, tx, 'token.mint', proof.uuid, 'ok', { audit_id: token.auditId, kind: proof.kind });
    return token;
  });
  return { token: made.token, record: requireUser(await ctx.tokens.find(made.token)) };
};

const EXPIRED_WINDOW_MS = 48 * 3600_000;
/**
 * The token of X-Subject-Token, for its holder, an administrator or a component (contract identity §12.4). A component may also ask for a
 * token that expired within two days, to end work that began in time.
 * @throws not_found token.absent: unknown, expired, revoked, holder inactive or with unsigned terms, or not the caller's business
 */
export const showV3 = async (
  ctx: IdentityRequest,
  caller: TokenRecord,
  subject: string | undefined,
  { allowExpired = false } = {},
): Promise<TokenRecord> => {
  const found = subject === undefined ? undefined : await ctx.tokens.find(subject);
  if (!visibleV3(ctx, await ctx.directory.get(), caller, found, allowExpired)) throw notFound('token.absent');
  return found as TokenRecord;
};
/** Whether `caller` may see this token by v3. */
export const visibleV3 = (
  ctx: IdentityCtx,
  directory: DirectoryData,
  caller: TokenRecord,
  found: TokenRecord | undefined,
  allowExpired = false,
): boolean => {
  const late =
    found &&
    allowExpired &&
    caller.component &&
    found.user?.isActive &&
    found.user.termsSigned &&
    found.leftMs !== null &&
    found.leftMs > -EXPIRED_WINDOW_MS;
  return Boolean(
    found &&
    (isLive(found) || late) &&
    (caller.component || found.user?.id === caller.user?.id || isAdmin(ctx, directory, caller)),
  );
};
/** Ends a token with what was made with it: one's own, or any for an administrator; one that may only read ends but itself. @throws not_found token.absent */
export const revokeShown = async (
  ctx: IdentityRequest,
  caller: TokenRecord,
  subject: string | undefined,
): Promise<void> => {
  const found = subject === undefined ? undefined : await ctx.tokens.find(subject);
  const allowed =
    found &&
    (found.key === caller.key ||
      (found.user && found.user.id === caller.user?.id) ||
      (found.user && isAdmin(ctx, await ctx.directory.get(), caller)));
  if (allowed && found.key !== caller.key && caller.user) demandWriting(caller as UserToken);
  if (!found || !allowed || !(await revoke(ctx, found))) throw notFound('token.absent');
};
/** GET v2.0 tokens/{id}: for a component, an administrator or the token itself; nobody else learns whether it exists (contract identity §7.2). */
export const showV2 = async (
  ctx: IdentityRequest,
  caller: TokenRecord | undefined,
  id: string,
  belongsTo: string | undefined,
): Promise<UserToken> => {
  const found = caller && (await ctx.tokens.find(id));
  if (
    !caller ||
    !visibleV2(ctx, await ctx.directory.get(), caller, found) ||
    (belongsTo && belongsTo !== found?.user?.defaultProject)
  )
    throw notFound('token.absent');
  return found as UserToken;
};
/** Whether `caller`, whose token is good, may see this user token by v2.0. */
export const visibleV2 = (
  ctx: IdentityCtx,
  directory: DirectoryData,
  caller: TokenRecord,
  found: TokenRecord | undefined,
): boolean =>
  refusalOf(found) === null &&
  (caller.component !== null || caller.key === found?.key || isAdmin(ctx, directory, caller));
