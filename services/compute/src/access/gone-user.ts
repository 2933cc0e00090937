import { Fault, violates } from '@nefos/service-kit';

/** Foreign keys to a user. */
const REFERENCES = [
  'idempotency_key_user_id_fkey',
  'portal_token_user_id_fkey',
  'portal_session_user_id_fkey',
  'client_user_user_id_fkey',
  'sso_link_user_id_fkey',
  'ssh_key_user_id_fkey',
  'console_token_user_id_fkey',
];
/**
 * For the `catch` of a write that names a user: the user may have been deleted since the request began.
 * @throws `fault` in that case, otherwise the error that was caught
 */
export const unlessUserGone =
  (fault: Fault = new Fault('unauthenticated', 'user_inactive')) =>
  (err: unknown): never => {
    throw REFERENCES.some((name) => violates(err, name)) ? fault : err;
  };
