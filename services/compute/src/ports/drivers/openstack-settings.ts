import { z } from 'zod';

const name = (max = 255) => z.string().min(1).max(max);
/** What a region's row has for its cloud (contract compute §11.4, docs/drivers.md). */
export const openstackSettings = z
  .strictObject({
    /** Keystone v3. */
    auth_url: z.url({ protocol: /^https?$/, error: 'Enter a valid URL.' }).max(2000),
    username: name().optional(),
    user_domain: name(64).default('Default'),
    /** Where the user is administrator. */
    project: name(64).optional(),
    project_domain: name(64).default('Default'),
    application_credential_id: name(64).optional(),
    /** Of the catalog; absent: its first one. */
    region: name().optional(),
    interface: z.enum(['public', 'internal', 'admin']).default('public'),
    /** Whether certificates are checked. */
    verify: z.boolean().default(true),
    /** Certificates that are trusted beside the system's, in PEM. */
    ca: z
      .string()
      .max(60_000)
      .regex(/-----BEGIN CERTIFICATE-----/, 'is no certificate in PEM')
      .optional(),
    /** Whether each of the portal's projects is a project of Keystone, or all share the one of the credentials. */
    projects: z.enum(['per_client', 'shared']).default('per_client'),
    /** Of the client's projects: a role with which servers may be created there. */
    role: name().default('admin'),
    /** Before the portal's project id: the name of the project at Keystone. */
    project_prefix: z
      .string()
      .max(30)
      .regex(/^[A-Za-z0-9._-]*$/, 'has letters, digits, ".", "_" and "-" only')
      .default('nefos-'),
    /** Whether the cloud has volumes (Cinder v3), and backups of them (cinder-backup). */
    volumes: z.boolean().default(false),
    volume_backups: z.boolean().default(false),
    /** Of one call; the driver's own limit is 30 s. */
    timeout_seconds: z.int().min(1).max(25).default(20),
    /** Connections at a time. */
    connections: z.int().min(1).max(128).default(16),
  })
  .superRefine((given, ctx) => {
    const refuse = (field: string, message: string): void => ctx.addIssue({ code: 'custom', path: [field], message });
    if (given.application_credential_id === undefined) {
      if (given.username === undefined) refuse('username', 'Give this, or application_credential_id.');
      if (given.project === undefined) refuse('project', 'This field is required with username.');
    } else if (given.projects !== 'shared')
      refuse('projects', 'An application credential is of one project: "shared" it is.');
    if (given.volume_backups && !given.volumes) refuse('volume_backups', 'There are none without volumes.');
  });
export const openstackSecrets = z.strictObject({
  password: name(1000).optional(),
  application_credential_secret: name(1000).optional(),
});
export type OpenstackSettings = z.infer<typeof openstackSettings>;
export type OpenstackSecrets = z.infer<typeof openstackSecrets>;
