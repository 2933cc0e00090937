import { Fault, violates } from '@nefos/service-kit';

/** Unique keys, and the field of a request that each stands for. A reserved uuid belongs to one e-mail address. */
const FIELDS = {
  portal_user_username_key: 'username',
  portal_user_external_billing_id_key: 'external_billing_id',
  portal_user_uuid_key: 'email',
} as const;
/**
 * For the `catch` of a write of users.
 * @throws Fault invalid/user.taken when a value is taken, otherwise the error that was caught
 */
export const unlessNotUnique = (err: unknown): never => {
  for (const [constraint, field] of Object.entries(FIELDS))
    if (violates(err, constraint))
      throw new Fault('invalid', 'user.taken', { issues: [{ path: [field], rule: 'unique' }] });
  throw err;
};
