import type { Fault } from '@nefos/service-kit';

/** What `CatalogField` of catalog/domain/catalog-rules.ts is called; for a value of an endpoint: its key. */
const CATALOG_FIELDS: Record<string, string> = {
  'component.name': 'The name of a component',
  'component.url': 'The URL of a component',
  'service.name': 'The name of a service',
  'service.type': 'The type of a service',
  'endpoint.key': 'A key of an endpoint',
  'endpoint.region': 'A region',
};
const catalogField = ({ params }: Fault): string => {
  const field = String(params.field);
  return CATALOG_FIELDS[field] ?? field.replace(/^endpoint\.data\./, '');
};
/**
 * The sentence of each refusal, by its code (access/domain/errors.ts). The first ones are the guide's own: clients
 * compare them.
 */
export const WORDS: Record<string, string | ((fault: Fault) => string)> = {
  'token.missing': 'Access denied. No authentication token',
  'token.unknown': 'Invalid X-Auth-Token',
  'token.invalid': 'Invalid token',
  'user.inactive': 'User inactive',
  'token.expired': 'Authentication expired',
  'terms.pending': 'Pending approval terms',
  'terms.absent': 'There are no such terms',
  'terms.file': (f) =>
    typeof f.params.error === 'string'
      ? `${String(f.params.file)} is no address and can not be read (${f.params.error})`
      : `${String(f.params.file)} is no text of at most ${String(f.params.mostBytes)} bytes`,
  'terms.address': 'an address is as https://www.example.org/terms, of at most 2000 characters',
  'terms.newer': 'There are newer terms: read and sign those',
  'credentials.foreign': 'Invalid credentials',
  'credentials.wrong': 'The request you have made requires authentication.',
  'password.wrong': 'The original password is wrong',
  'auth.malformed': 'Malformed request',
  'auth.credentials_missing': 'Malformed request: missing credentials',
  'auth.token_missing': 'Malformed request: missing token',
  'auth.tenant': 'Not conforming tenantName',
  'path.unknown': 'API endpoint not found',
  method_not_allowed: 'Method not allowed',
  'feedback.invalid': 'Invalid data',
  'callback.bad': 'Bad callback',
  'body.json': 'Could not decode request body as JSON',
  'body.encoding': 'Could not decode request body as UTF-8',
  'body.aborted': 'The request body did not arrive',
  'body.multipart': 'Invalid data',
  'body.type_missing': 'Missing Content-Type header field',
  'body.type': (f) => `Unsupported Content-type: '${String(f.params.type)}'`,
  'body.form': 'Invalid data',
  'body.depth': (f) => `Malformed request: ${String(f.params.reason)}`,
  'body.number': (f) => `Malformed request: ${String(f.params.reason)}`,
  text: (f) => {
    const isNul = f.params.issues?.[0]?.values?.kind === 'nul';
    return `Text can not hold ${isNul ? 'the character NUL' : 'half of a surrogate pair'}`;
  },
  'token.absent': 'Token not found',
  'token.read_only': 'This token may only read',
  'token.over': 'The token or session with which this is asked is over',
  'token.past': 'expires_at must be an instant in the future, such as 2030-01-31T00:00:00Z',
  'group.absent': 'No such group',
  'group.not_member': 'The user is not in this group',
  'domain.absent': 'No such domain',
  'assignments.together': 'These filters can not be asked for together',
  'role.absent': 'No such role',
  'region.absent': 'No such region',
  'endpoint.absent': 'No such endpoint',
  'user.absent': (f) => `No such user${typeof f.params.names === 'string' ? `: ${f.params.names}` : ''}`,
  'user.taken': 'This uuid belongs to another user',
  'user.foreign': 'This user was not made by this component',
  'user.protected': "Administrators and their tokens are out of a component's reach",
  'marker.unknown': 'There is nothing with the id of `marker`',
  'auth.trust': 'Trusts are not supported',
  'user.id': 'The id of a user can not be changed',
  'user.two_addresses': 'name, username and email are the same field: give one of them',
  'user.two_states': 'enabled and is_active are the same field: give one of them',
  'user.not_active': 'The user is inactive: activate the user first',
  'user.transition': (f) =>
    `The user is not in a state for this${typeof f.params.state === 'string' ? `: ${f.params.state}` : ''}`,
  'user.of_component': (f) =>
    `This user was made by ${String(f.params.component)}: delete the user there, or give --force`,
  'user.last_superuser': 'Nobody else administers everything: make another superuser first',
  'audit.since': 'since must be a date or an instant, such as 2026-01-31 or 2026-01-31T12:00:00Z',
  'component.taken': 'There already is a component of this name',
  'component.rights_twice': 'Give rights, or --none',
  'component.absent': 'No such component',
  'catalog.name': (f) =>
    `${catalogField(f)} is a text of 1 to 255 characters without spaces around it and control characters: ` +
    JSON.stringify(f.params.value),
  'catalog.address': (f) =>
    `${catalogField(f)} is an address beginning with http:// or https://, or a path beginning with /: ` +
    JSON.stringify(f.params.value),
  'endpoint.key_length': (f) => `A key of an endpoint has at most 64 characters: ${String(f.params.key)}`,
  'endpoint.key_reserved': (f) => `Keys that begin with xml are XML's own: ${String(f.params.key)}`,
  'endpoint.value': (f) => `${String(f.params.key)} has control characters in it, or is longer than 2000`,
  'service.absent': 'No such service',
  'service.foreign': 'Another component has a service of this name',
  'endpoint.url_missing': 'An endpoint needs a publicURL',
  'email.taken': 'There already is a user with this e-mail',
  component_only: 'Only for components',
  'component.not_trusted': 'This component may not do this',
  'scope.missing': 'The token has no scope',
  'project.absent': 'No such project',
  'project.over': 'The project is terminated',
  'project.id_missing': 'project_id is missing',
  'project.two_forms': 'Ask for parents and subtree as a list or as ids, not both',
  'project.not_member': 'Not a member of this project',
  'project.application': 'The application is not pending',
  'project.pending_limit': 'There are too many pending applications',
  'project.name_missing': 'Name missing.',
  'project.field': (f) => `Bad value of ${String(f.params.field)}`,
  'action.unknown': 'Unknown action',
  'credential.name_taken': 'There already is an application credential of this name',
  'credential.absent': 'No such application credential',
  'credential.restricted': 'A restricted application credential may not manage credentials',
  'credential.rules': 'access_rules are not supported: they would not be enforced everywhere',
  'credential.roles': 'Only roles of the token can be given',
  'credential.expires': 'expires_at must be an instant in the future, such as 2030-01-31T00:00:00Z',
  'credential.scope': 'Only a token with a project can make application credentials',
  not_supported: 'There is nothing to show',
  permission_denied: 'You are not allowed to do this',
  too_many: 'Too many requests',
  too_large: (f) => `The request is larger than ${String(f.params.limit)} bytes`,
  internal: 'Unexpected error',
  busy: 'Too busy, try again',
  'url.malformed': 'The address can not be decoded',
};
