import { z } from 'zod';
import { COMPONENT_RIGHTS } from '../endpoint.js';

/**
 * Principals that must exist before anybody can sign in. The installer writes the file once (`npm start`, or a secret
 * of a cluster). Each service reads it at its start and creates each entry once: existing rows are not changed, deleted
 * rows are not created again. Unknown fields are refused, so that a misspelt `superuser` is noticed.
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
            /**
             * Rights of the component when it is created; `component rights` changes them later. Absent: both rights
             * for `nefos-compute`, none for others.
             */
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
            /** Ids of the clients to which the user belongs; unknown ids are ignored. */
            clients: z.array(z.int()).default([]),
          }),
        )
        .default([]),
    })
    .prefault({}),
  metering: z.strictObject({ superusers: z.array(z.string()).default([]).describe('account numbers') }).prefault({}),
});
export type Bootstrap = z.infer<typeof bootstrap>;
