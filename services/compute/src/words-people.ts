import type { Words } from './wording.js';

/** How compute refuses what concerns lists, access, users, clients and billing (contract compute §1 to §5, §9). */
export const peopleWords = {
  page: { code: 'not_found', text: 'Invalid page.' },
  filter: { code: 'validation', text: ({ term }: { term: string }) => `Invalid filter: ${term}` },

  'csrf.missing': { code: 'csrf_failed', text: 'CSRF Failed: CSRF token missing.' },
  'csrf.wrong': { code: 'csrf_failed', text: "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect." },
  'idempotency.key': { code: 'validation', text: 'Idempotency-Key must be 1 to 255 visible characters.' },
  'idempotency.busy': { code: 'busy', text: 'A request with this Idempotency-Key is being carried out.' },
  'idempotency.no_answer': {
    code: 'busy',
    text: 'The first request with this Idempotency-Key has taken effect but its answer is not there.',
  },
  'idempotency.mismatch': { code: 'idempotency_mismatch', text: 'This Idempotency-Key was used with another request.' },

  'login.credentials': { code: 'validation', text: 'Unable to log in with provided credentials.' },
  'login.terms': {
    code: 'invalid_state',
    text: ({ url }: { url: string }) => `The terms of use have to be accepted first, at ${url}/ui/approval_terms.`,
  },
  'user.password': { code: 'validation', text: 'This user is not accepted: choose a longer password.' },
  'user.rejected': { code: 'invalid_state', text: 'Identity has refused this user.' },
  'user.can_not_sign_in': { code: 'invalid_state', text: 'The user can not sign in now.' },
  'token.expiry': { code: 'validation', text: 'The expiry must lie in the future.' },
  'token.too_many': { code: 'validation', text: ({ max }: { max: number }) => `A user has at most ${max} tokens.` },

  'ssh_key.unreadable': {
    code: 'validation',
    text: 'Enter one public key in the format of OpenSSH: ed25519, ecdsa, or rsa of at least 2048 bits.',
  },
  'ssh_key.too_many': { code: 'validation', text: ({ max }: { max: number }) => `A user has at most ${max} SSH keys.` },

  'client.held': { code: 'invalid_state', text: ({ hold }: { hold: string }) => `Client is ${hold}.` },
  'client.deleting': { code: 'invalid_state', text: 'Client is being deleted.' },
  'client.has_resources': { code: 'invalid_state', text: 'Client has cloud resources.' },
  'client.has_services': { code: 'invalid_state', text: 'Client has active services.' },
  'client.currency_fixed': {
    code: 'validation',
    text: 'The currency can not be changed once there is credit or an invoice.',
  },
  'client.has_openstack': { code: 'validation', text: 'Client already has an OpenStack service.' },
  'service.ended': { code: 'invalid_state', text: ({ status }: { status: string }) => `Service is ${status}.` },
  'credit.amount': { code: 'validation', text: 'The amount must be greater than zero.' },
} satisfies Words;
