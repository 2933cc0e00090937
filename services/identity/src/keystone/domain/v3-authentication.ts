import { audit } from '../../access/domain/audit.js';
import { shareLockCredential, shareLockParent } from '../../access/domain/derivation.js';
import { bad, unauthenticated, type Fault } from '../../access/domain/errors.js';
import { demandUnchanged } from '../../access/domain/holders.js';
import {
  mint,
  projectOf,
  requireUser,
  refusalOf,
  type Scope,
  type TokenKind,
  type TokenRecord,
  type UserToken,
} from '../../access/domain/tokens.js';
import { isUuid } from '../../access/domain/uuids.js';
import { accountByName } from '../../accounts/domain/accounts.js';
import type { IdentityRequest } from '../../ctx.js';
import { holdMembership, memberProject } from '../../projects/domain/component-projects.js';
import { checkCredentialSecret } from '../../sign-in/domain/application-credentials.js';
import { checkPassword } from '../../sign-in/domain/sign-in.js';
import { isDefaultDomain, type DomainRef } from './default-domain.js';

export type UserRef = { id: string } | { name: string; domain: DomainRef };
export type WantedScope =
  | 'unscoped'
  | { project: { id: string } | { name: string; domain?: DomainRef | undefined } }
  | { domain: DomainRef }
  | { system: { all: true } };
/** What a client authenticates with. Exactly one method, and the part that belongs to it. */
export interface V3Authentication {
  methods: readonly string[];
  password?: { user: UserRef & { password: string } } | undefined;
  token?: { id: string } | undefined;
  credential?: { id: string; secret: string } | { name: string; secret: string; user: UserRef } | undefined;
  /** Absent: the default project, or the scope of the token that authenticates. */
  scope?: WantedScope | undefined;
}
/** A name that no account has, for a user that can not exist: the answer takes as long as for a wrong password. */
const impossibleName = (text: string): string => `?${text}`;
const nameOf = (user: UserRef): string => {
  if ('id' in user) return isUuid(user.id) ? user.id : impossibleName(user.id);
  return isDefaultDomain(user.domain) ? user.name : impossibleName(user.name);
};

/** Who authenticated, and what limits the token that is made from that. */
interface Proof {
  userId: number;
  /** Of a password: it must still be the user's when the token is made. */
  passwordHash?: string | null;
  uuid: string;
  defaultProject: string;
  superuser: boolean;
  kind: TokenKind;
  methods: string[];
  /** The latest end of the new token. */
  notAfter: string | null;
  /** The token that authenticated. */
  parent?: TokenRecord;
  credential?: { id: string; project: string };
}
const refused = (): Fault => unauthenticated('credentials.wrong');

const proveByPassword = async (
  ctx: IdentityRequest,
  { user }: NonNullable<V3Authentication['password']>,
): Promise<Proof> => {
  const account = await checkPassword(ctx, 'v3', nameOf(user), user.password);
  return {
    userId: account.id,
    passwordHash: account.passwordHash,
    uuid: account.uuid,
    defaultProject: account.defaultProject,
    superuser: account.isSuperuser,
    kind: 'v3',
    methods: ['password'],
    notAfter: null,
  };
};
const proveByToken = async (ctx: IdentityRequest, { id }: { id: string }): Promise<Proof> => {
  const found = await ctx.tokens.find(id);
  if (refusalOf(found) !== null) throw refused();
  const parent = found as UserToken;
  return {
    userId: parent.user.id,
    uuid: parent.user.uuid,
    defaultProject: parent.user.defaultProject,
    superuser: parent.user.isSuperuser,
    kind: parent.credential ? 'appcred' : 'v3',
    methods: [...new Set([...parent.methods, 'token'])],
    notAfter: parent.expiresAt,
    parent,
    ...(parent.credential && { credential: { id: parent.credential.id, project: projectOf(parent) ?? '' } }),
  };
};
const proveByCredential = async (
  ctx: IdentityRequest,
  shown: NonNullable<V3Authentication['credential']>,
): Promise<Proof> => {
  const key =
    'id' in shown
      ? { id: shown.id }
      : { owner: (await accountByName(ctx.db, nameOf(shown.user)))?.id ?? 0, name: shown.name };
  const { credential, account } = await checkCredentialSecret(ctx, key, shown.secret);
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
};
/** @throws invalid validation; unauthenticated */
const prove = async (ctx: IdentityRequest, authentication: V3Authentication): Promise<Proof> => {
  const { methods, password, token, credential } = authentication;
  const [method] = methods;
  if (methods.length === 1) {
    if (method === 'password' && password) return proveByPassword(ctx, password);
    if (method === 'token' && token) return proveByToken(ctx, token);
    if (method === 'application_credential' && credential) return proveByCredential(ctx, credential);
  }
  throw bad('validation');
};

interface ScopedTo {
  scope: Scope;
  project: string | null;
}
const defaultScope = ({ parent, credential, defaultProject }: Proof): ScopedTo => {
  if (!parent) return { scope: 'project', project: credential?.project ?? defaultProject };
  const project = parent.scope === 'project' ? (parent.project ?? defaultProject) : null;
  return { scope: parent.scope, project };
};
type WantedProject = Extract<WantedScope, { project: unknown }>['project'];
/**
 * The uuid of the wanted project: the own system project, which has the uuid of its user, or a component's of which the
 * user is a member. @throws unauthenticated for any other
 */
const wantedProject = async (ctx: IdentityRequest, { uuid }: Proof, project: WantedProject): Promise<string> => {
  if (!('id' in project) && project.domain && !isDefaultDomain(project.domain)) throw refused();
  if ('id' in project ? project.id === uuid : project.name === `system:${uuid}`) return uuid;
  const found = await memberProject(ctx, uuid, project);
  if (found === undefined) throw refused();
  return found;
};
/**
 * The scope of the new token. A user may scope to the own system project and to components' projects as a member, a
 * superuser also to the domain and the system. An application credential is bound to its project.
 * @throws unauthenticated for any other
 */
const scopeOf = async (ctx: IdentityRequest, proof: Proof, wanted: WantedScope | undefined): Promise<ScopedTo> => {
  const bound = proof.credential?.project;
  if (wanted === undefined) return defaultScope(proof);
  if (wanted === 'unscoped') {
    if (bound) throw refused();
    return { scope: 'none', project: null };
  }
  if ('project' in wanted) {
    const project = await wantedProject(ctx, proof, wanted.project);
    if (bound && bound !== project) throw refused();
    return { scope: 'project', project };
  }
  // A token with a project is not exchanged for one of all projects; an unscoped token may still choose.
  const widens = proof.parent?.scope === 'project';
  const isOther = 'domain' in wanted && !isDefaultDomain(wanted.domain);
  if (bound || !proof.superuser || widens || isOther) throw refused();
  return { scope: 'domain' in wanted ? 'domain' : 'system', project: null };
};
/**
 * `POST /v3/auth/tokens` (contract identity §12.3). A token made from a token has no more rights, scope or life than
 * that, and is revoked with it.
 * @throws invalid validation; unauthenticated credentials.wrong, terms.pending; too_many
 */
export const issueV3 = async (
  ctx: IdentityRequest,
  authentication: V3Authentication,
): Promise<{ token: string; record: UserToken }> => {
  const proof = await prove(ctx, authentication);
  const { scope, project } = await scopeOf(ctx, proof, authentication.scope);
  const minted = await ctx.db.transaction(async (tx) => {
    await demandUnchanged(ctx, tx, {
      id: proof.userId,
      ...(proof.passwordHash !== undefined && { passwordHash: proof.passwordHash }),
    });
    if (project !== null && project !== proof.uuid && !(await holdMembership(tx, project, proof.uuid))) throw refused();
    if (proof.credential && !(await shareLockCredential(tx, proof.credential.id))) throw refused();
    if (proof.parent && !(await shareLockParent(tx, proof.parent.auditId))) throw refused();
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
  return { token: minted.token, record: requireUser(await ctx.tokens.find(minted.token)) };
};
