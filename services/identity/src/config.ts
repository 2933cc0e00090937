import { readConfig } from '@nefos/service-kit';
import { z } from 'zod';

const whole = (fallback: number, min: number, max: number, what: string) =>
  z.coerce.number().int().min(min).max(max).default(fallback).describe(what);
const flag = (what: string) => z.enum(['on', 'off']).optional().describe(what);
const list = (fallback: string, what: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(',')
        .map((s) => s.trim())
        .filter(Boolean),
    )
    .describe(what);
export const shape = {
  NEFOS_IDENTITY_PORT: whole(8081, 0, 65_535, 'port to listen on'),
  NEFOS_IDENTITY_DATABASE_URL: z.string().min(1).describe('database of this service: PostgreSQL >= 15'),
  NEFOS_IDENTITY_TOKEN_HOURS: whole(720, 1, 100_000, 'life of a user token, in hours'),
  NEFOS_IDENTITY_V3_TOKEN_HOURS: whole(12, 1, 100_000, 'life of a token made by v3, in hours'),
  NEFOS_IDENTITY_TOKEN_CACHE_SECONDS: z.coerce
    .number()
    .min(0)
    .max(5)
    .default(5)
    .describe('seconds for which a good token is believed without asking the database; 0: always ask'),
  NEFOS_IDENTITY_TOKEN_CACHE_SIZE: whole(20_000, 100, 5_000_000, 'tokens kept in memory'),
  NEFOS_IDENTITY_LOGIN_FAILURES: whole(6, 1, 1000, 'failed sign-ins after which an account is locked'),
  NEFOS_IDENTITY_LOGIN_WINDOW_MINUTES: whole(30, 1, 10_000, 'minutes within which failed sign-ins are counted'),
  NEFOS_IDENTITY_LOGIN_LOCK_MINUTES: whole(15, 1, 10_000, 'minutes for which an account is locked'),
  NEFOS_IDENTITY_ADDRESS_FAILURES: whole(
    100,
    1,
    1_000_000,
    'failed sign-ins of one address in ten minutes; then it gets 429',
  ),
  NEFOS_IDENTITY_FEEDBACK_PER_HOUR: whole(30, 1, 1_000_000, 'feedback messages of one user in an hour; then 429'),
  NEFOS_IDENTITY_CATALOGS_PER_MINUTE: whole(
    600,
    1,
    1_000_000,
    'calls of `user_catalogs` by one user in a minute; then 429',
  ),
  NEFOS_IDENTITY_SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe('`smtp://user:password@host:port`; without it feedback is stored only'),
  NEFOS_IDENTITY_MAIL_FROM: z.string().default('nefos@localhost').describe('sender of mails'),
  NEFOS_IDENTITY_FEEDBACK_TO: z.string().default('root@localhost').describe('who gets feedback'),
  NEFOS_IDENTITY_USER_ADMIN: flag(
    '`on`: administrators may make and change users: `/identity/v2.0/users`, `PATCH /identity/v3/users/{id}`; ' +
      'off, but on with the demo fixture. They can read the lists and single objects of v3 either way',
  ),
  NEFOS_IDENTITY_ADMIN_GROUPS: list('admin-api', 'groups whose members may administer users, comma-separated'),
  NEFOS_IDENTITY_QUERY_TOKENS: flag('`on`: accept `?X-Auth-Token=`; off, because addresses get logged'),
  NEFOS_IDENTITY_V2_INTERFACES: flag(
    '`on`: add `interface` and `url` to v2.0 endpoints, for clients that mix v3 commands with a v2.0 catalog',
  ),
  NEFOS_IDENTITY_COOKIE_DOMAIN: z.string().optional().describe('domain of the session cookie; without it, this host'),
  NEFOS_IDENTITY_MENU_ORIGINS: list(
    '',
    'origins that may read the menu of a signed-in user, besides the public one; comma-separated',
  ),
} as const;
export const readIdentityConfig = (env?: NodeJS.ProcessEnv) => readConfig('identity', shape, env);
export type IdentityConfig = ReturnType<typeof readIdentityConfig>;

/** The configuration in the domain's terms. Times are in seconds. */
export interface Settings {
  publicUrl: string;
  fixture: 'none' | 'demo';
  tokenSeconds: number;
  v3TokenSeconds: number;
  cacheSeconds: number;
  cacheSize: number;
  failures: number;
  windowSeconds: number;
  lockSeconds: number;
  addressFailures: number;
  feedbackPerHour: number;
  catalogsPerMinute: number;
  userAdmin: boolean;
  adminGroups: readonly string[];
  queryTokens: boolean;
  v2Interfaces: boolean;
  cookieDomain: string | undefined;
  cookieSecure: boolean;
  menuOrigins: readonly string[];
  trustedProxies: string;
  feedbackTo: string;
}
export const settingsOf = (c: IdentityConfig): Settings => ({
  publicUrl: c.NEFOS_PUBLIC_URL,
  fixture: c.NEFOS_FIXTURE,
  tokenSeconds: c.NEFOS_IDENTITY_TOKEN_HOURS * 3600,
  v3TokenSeconds: c.NEFOS_IDENTITY_V3_TOKEN_HOURS * 3600,
  cacheSeconds: c.NEFOS_IDENTITY_TOKEN_CACHE_SECONDS,
  cacheSize: c.NEFOS_IDENTITY_TOKEN_CACHE_SIZE,
  failures: c.NEFOS_IDENTITY_LOGIN_FAILURES,
  windowSeconds: c.NEFOS_IDENTITY_LOGIN_WINDOW_MINUTES * 60,
  lockSeconds: c.NEFOS_IDENTITY_LOGIN_LOCK_MINUTES * 60,
  addressFailures: c.NEFOS_IDENTITY_ADDRESS_FAILURES,
  feedbackPerHour: c.NEFOS_IDENTITY_FEEDBACK_PER_HOUR,
  catalogsPerMinute: c.NEFOS_IDENTITY_CATALOGS_PER_MINUTE,
  userAdmin: (c.NEFOS_IDENTITY_USER_ADMIN ?? (c.NEFOS_FIXTURE === 'demo' ? 'on' : 'off')) === 'on',
  adminGroups: c.NEFOS_IDENTITY_ADMIN_GROUPS,
  queryTokens: c.NEFOS_IDENTITY_QUERY_TOKENS === 'on',
  v2Interfaces: c.NEFOS_IDENTITY_V2_INTERFACES === 'on',
  cookieDomain: c.NEFOS_IDENTITY_COOKIE_DOMAIN,
  cookieSecure: c.NEFOS_PUBLIC_URL.startsWith('https:'),
  menuOrigins: c.NEFOS_IDENTITY_MENU_ORIGINS,
  trustedProxies: c.NEFOS_TRUSTED_PROXIES,
  feedbackTo: c.NEFOS_IDENTITY_FEEDBACK_TO,
});
