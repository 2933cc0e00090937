import { z } from 'zod';
import { COMPONENT_RIGHTS } from '../endpoint.js';

/**
 * Principals that must exist before anybody can sign in: written once by whoever deploys (`npm start`, a secret in a cluster),
 * read by each service at its start, which makes each of them once: nothing that is there is changed, nothing that is gone comes back.
 * What is not known is refused: a misspelt `superuser` would be no superuser.
 */
export const bootstrap = z.strictObject({
  identity: z
    .strictObject({
      users: z
        .array(
          z.strictObject({
            uuid: z.uuid(),
            email: z.email(),
            password: z.string().min(12).optional(),
            first_name: z.string(),
            last_name: z.string(),
            superuser: z.boolean().default(false),
            groups: z.array(z.string()).default([]),
            /** Tokens in clear; only their hashes are stored. */
            tokens: z.array(z.string().min(24)).default([]),
          }),
        )
        .default([]),
      /** Components authenticate to the other services with their token. */
      components: z
        .array(
          z.strictObject({
            name: z.string().min(1),
            url: z.string().min(1),
            token: z.string().min(24),
            /** What the component may do when it is made; later `component rights` changes it. Absent: `nefos-compute` has both, others none. */
            rights: z.array(z.enum(COMPONENT_RIGHTS)).optional(),
          }),
        )
        .default([]),
    })
    .prefault({}),
  compute: z
    .strictObject({
      users: z
        .array(
          z.strictObject({
            uuid: z.uuid(),
            username: z.string(),
            email: z.email(),
            first_name: z.string(),
            last_name: z.string(),
            is_staff: z.boolean().default(false),
            /** Ids of the clients the user belongs to; unknown ones are passed over. */ clients: z
              .array(z.int())
              .default([]),
          }),
        )
        .default([]),
    })
    .prefault({}),
  metering: z.strictObject({ superusers: z.array(z.string()).default([]).describe('account numbers') }).prefault({}),
});
export type Bootstrap = z.infer<typeof bootstrap>;
