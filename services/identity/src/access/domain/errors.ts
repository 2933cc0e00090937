import * as kit from '@nefos/service-kit';
import { Fault, type FaultParams } from '@nefos/service-kit';

// Refusals that the domain throws by code. The sentences are in words.ts, the statuses in statuses.ts; docs/errors.md
// explains the codes to operators. The kit adds those for whole messages: bodies, text, methods, components.

/** 401: no credential, or one that is not good. */
export type AuthCode =
  | 'token.missing' // the request carries no token
  | 'token.unknown' // unknown, revoked, or not of a user
  | 'token.invalid' // the same, of `POST tokens`
  | 'token.expired'
  | 'user.inactive' // the token's user
  | 'terms.pending' // terms of use wait to be signed
  | 'credentials.foreign' // token and uuid do not belong together
  | 'credentials.wrong'; // password or secret; also unknown, inactive and locked users
/** 403: the caller may not do this. */
export type ForbiddenCode =
  | 'permission_denied' // no right to this
  | 'not_supported' // exists for nobody, such as the list of revoked tokens
  | 'token.read_only' // the token may only read
  | 'scope.missing' // the token has no scope
  | 'terms.pending' // of the user for whom a component asks
  | 'password.wrong' // the original password, when it is changed
  | 'user.foreign' // made by another component, or by none
  | 'user.protected' // administrators, for components
  | 'project.foreign' // made by another component, or by none
  | 'project.id_missing'
  | 'project.not_member'
  | 'credential.restricted' // a restricted application credential
  | 'credential.scope'; // the token has no project
/** 404: it does not exist, or not for this caller. */
export type AbsentCode =
  | 'component.absent'
  | 'credential.absent'
  | 'domain.absent'
  | 'endpoint.absent'
  | 'group.absent'
  | 'group.not_member'
  | 'path.absent'
  | 'project.absent'
  | 'region.absent'
  | 'role.absent'
  | 'service.absent'
  | 'terms.absent'
  | 'token.absent'
  | 'user.absent';
/** 409: the state of something else forbids it. */
export type ConflictCode =
  | 'component.taken' // the name
  | 'credential.name_taken'
  | 'email.taken'
  | 'project.name_taken' // by another project of a component
  | 'project.application' // no application is pending
  | 'project.over'
  | 'project.pending_limit' // the user has too many pending applications
  | 'service.foreign' // the name is another component's
  | 'terms.newer' // others are in force than those that were shown
  | 'token.over' // the token or session with which a component asks
  | 'user.last_superuser'
  | 'user.not_active'
  | 'user.of_component' // made by a component, which must delete the user
  | 'user.taken' // the uuid
  | 'user.transition'; // the user's state does not allow it
/** 400 with a sentence of its own. */
export type InvalidCode =
  | 'action.unknown'
  | 'assignments.together' // filters that exclude each other
  | 'audit.since'
  | 'auth.credentials_missing'
  | 'auth.malformed'
  | 'auth.tenant' // another tenant than the token's
  | 'auth.token_missing'
  | 'auth.trust' // trusts are not supported
  | 'callback.bad' // of JSONP
  | 'catalog.address'
  | 'catalog.name'
  | 'component.rights_twice'
  | 'credential.expires'
  | 'credential.roles' // roles that the token does not have
  | 'credential.rules' // access rules are not supported
  | 'endpoint.key_length'
  | 'endpoint.key_reserved'
  | 'endpoint.url_missing'
  | 'endpoint.value'
  | 'marker.unknown'
  | 'path.unknown'
  | 'project.field'
  | 'project.name_missing'
  | 'project.two_forms'
  | 'terms.address'
  | 'terms.file'
  | 'token.past' // an expiry in the past
  | 'user.id' // ids can not be changed
  | 'user.two_addresses'
  | 'user.two_states'
  | 'validation';

export const unauthenticated = (code: AuthCode): Fault => new Fault('unauthenticated', code);
export const forbidden = (code: ForbiddenCode = 'permission_denied', params: FaultParams = {}): Fault =>
  kit.forbidden(code, params);
export const notFound = (code: AbsentCode, params: FaultParams = {}): Fault => kit.notFound(code, params);
export const conflict = (code: ConflictCode, params: FaultParams = {}): Fault => kit.conflict(code, params);
/** 400 with the code's own sentence; `invalid` of the kit is for issues of a schema. */
export const bad = (code: InvalidCode, params: FaultParams = {}): Fault => new Fault('invalid', code, params);
/** 429. @param retryAfter in seconds */
export const tooMany = (retryAfter: number): Fault => new Fault('too_many', 'too_many', { retryAfter });
export { Fault };
