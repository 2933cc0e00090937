import { readFileSync } from 'node:fs';
import { dropTrailing } from '@nefos/contracts';
import { z } from 'zod';
import { parseOrigins } from './cors.js';
import { parsePeers } from './peers.js';
import { parseSecretKeys } from './secrets.js';

/** A setting of addresses and CIDR ranges, comma-separated. */
export const peers = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .refine((text) => {
      try {
        parsePeers(text);
        return true;
      } catch {
        return false;
      }
    }, 'has something that is neither an address nor a range like 10.0.0.0/8');

/** Settings that every service has; names are `NEFOS_` + upper snake case. */
export const sharedSettings = {
  NEFOS_HOST: z
    .string()
    .default('127.0.0.1')
    .describe(
      'address that the gateway listens on; the services do not go by it. Anything but loopback is refused with the ' +
        'demo fixture',
    ),
  NEFOS_SERVICES_HOST: z
    .string()
    .default('127.0.0.1')
    .describe(
      "address that identity, compute, metering, introspection and the gateway's metrics listen on. Only the " +
        'gateway, another proxy of yours and your monitoring need to reach it. With the demo fixture loopback only',
    ),
  NEFOS_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('lines below this level are not written'),
  NEFOS_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'an address such as https://cloud.example.org' })
    .default('http://127.0.0.1:8080')
    .transform((u) => dropTrailing(u, '/'))
    .describe('what clients call: the gateway'),
  NEFOS_FIXTURE: z
    .enum(['none', 'demo'])
    .default('none')
    .describe(
      '`demo`: well-known data and credentials, loopback only. For a service that runs by itself; `npm start` goes ' +
        'by its option `--fixture`',
    ),
  NEFOS_BOOTSTRAP_FILE: z
    .string()
    .optional()
    .describe(
      'JSON file with the principals that must exist (`packages/contracts/src/internal/bootstrap.ts`). Each user, ' +
        'component and token is made once in the life of a database: what was changed, deleted or revoked since ' +
        'stays so',
    ),
  NEFOS_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(600)
    .default(10)
    .describe('seconds that running requests get after SIGTERM'),
  NEFOS_TRUSTED_PROXIES: peers('127.0.0.0/8,::1/128').describe(
    'whose `X-Forwarded-For` is believed: the gateway. Addresses or CIDR ranges, comma-separated',
  ),
  NEFOS_CORS_ORIGINS: z
    .string()
    .default('')
    .transform((text, context) => {
      try {
        return parseOrigins(text);
      } catch (err) {
        context.addIssue({ code: 'custom', message: (err as Error).message });
        return z.NEVER;
      }
    })
    .describe(
      'origins whose pages may call the JSON APIs from a browser, comma-separated (`https://portal.example.com`), or ' +
        '`*`. With tokens in headers only: cookies are not allowed; pages (`/ui`), `/internal` and `/metrics` stay ' +
        'closed. Set it for the gateway and for services that browsers reach without it',
    ),
  NEFOS_DATABASE_POOL: z.coerce
    .number()
    .int()
    .min(2)
    .max(200)
    .default(10)
    .describe('database connections of one process for requests; each process has some more, see below'),
  NEFOS_SECRET_KEYS: z
    .string()
    .default('')
    .transform((text, context) => {
      try {
        return parseSecretKeys(text);
      } catch (err) {
        context.addIssue({ code: 'custom', message: (err as Error).message });
        return z.NEVER;
      }
    })
    .describe(
      'keys that seal the secrets in the database, such as passwords of hypervisors: each 32 bytes in base64, ' +
        'separated by blanks or commas. The first seals, all open. Better as `NEFOS_SECRET_KEYS_FILE`. `npm start` ' +
        'makes one, in `secret-keys` of its state directory; a backup does not have it',
    ),
  NEFOS_IDENTITY_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8081')
    .transform((u) => dropTrailing(u, '/'))
    .describe('where the identity service answers, from inside'),
};
/** Programs of Nefos; a program ignores the settings of the others. `NEFOS_DATABASE_URL` is the supervisor's. */
const PROGRAMS = ['IDENTITY', 'COMPUTE', 'METERING', 'INTROSPECTION', 'CLUSTERS', 'GATEWAY', 'START', 'TEST', 'BENCH'];
const others = (service: string): RegExp =>
  new RegExp(
    `^NEFOS_((${PROGRAMS.filter((p) => p !== service.toUpperCase()).join('|')})_|` +
      `(${PROGRAMS.join('|')})_(URL|PORT)$|DATABASE_URL)`,
  );
/** Names of settings whose value is a secret. */
export const SECRET = /_TOKEN$|PASSWORD|SECRET|KEY$|DATABASE_URL|SMTP_URL/;

export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`bad configuration:\n${faults.map((f) => `  - ${f}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * The value of a setting: its own, or what is in the file that `<name>_FILE` names.
 * @throws ConfigError when both are set, or the file can not be read or is empty
 */
export const readSetting = (name: string, env: NodeJS.ProcessEnv = process.env): string | undefined => {
  const file = env[`${name}_FILE`];
  if (!file) return env[name] === '' ? undefined : env[name];
  if (env[name]) throw new ConfigError([`${name} and ${name}_FILE are both set: one of them says which`]);
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (err) {
    throw new ConfigError([`${name}_FILE: can not read ${file} (${(err as NodeJS.ErrnoException).code})`]);
  }
  if (!text) throw new ConfigError([`${name}_FILE: ${file} is empty`]);
  return text;
};

type Shape = Record<string, z.ZodType>;
type Read<S extends Shape> = { [K in keyof S]: z.infer<S[K]> } & {
  [K in keyof typeof sharedSettings]: z.infer<(typeof sharedSettings)[K]>;
};

/**
 * Reads the environment into one typed object. All faults are reported at once. An unknown `NEFOS_*` name is refused,
 * so that a typo can not weaken anything. A setting `X` may be given as the file `X_FILE`.
 * @param service name of the program, such as `identity`: its own settings begin with `NEFOS_IDENTITY_`
 * @throws ConfigError
 */
export const readConfig = <S extends Shape>(
  service: string,
  shape: S,
  env: NodeJS.ProcessEnv = process.env,
): Read<S> => {
  const all: Shape = { ...sharedSettings, ...shape };
  const faults: string[] = [];
  const foreign = others(service);
  const given: Record<string, string> = {};
  const unread = new Set<string>();
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('NEFOS_') || value === undefined || value === '') continue;
    const plain = name.endsWith('_FILE') && !(name in all) && name.slice(0, -5) in all ? name.slice(0, -5) : name;
    if (!(plain in all)) {
      if (!foreign.test(name)) faults.push(`${name}: no such setting`);
      continue;
    }
    try {
      given[plain] = readSetting(plain, env) ?? '';
    } catch (err) {
      if (!(err instanceof ConfigError)) throw err;
      if (!unread.has(plain)) faults.push(...err.faults);
      unread.add(plain);
    }
  }
  const out: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(all)) {
    const found = schema.safeParse(given[name]);
    if (found.success) out[name] = found.data;
    else if (!unread.has(name))
      faults.push(
        `${name}: ${given[name] === undefined ? 'is missing' : found.error.issues.map((i) => i.message).join(', ')}`,
      );
  }
  for (const name of ['NEFOS_HOST', 'NEFOS_SERVICES_HOST'])
    if (out.NEFOS_FIXTURE === 'demo' && !isLoopback(String(out[name])))
      faults.push(
        'NEFOS_FIXTURE=demo has well-known passwords: it listens on loopback only, so set ' +
          `${name}=127.0.0.1 or NEFOS_FIXTURE=none`,
      );
  if (faults.length) throw new ConfigError(faults);
  return out as Read<S>;
};

const isGiven = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value));
/** The effective settings for the log, secrets masked. */
export const masked = (config: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, SECRET.test(name) && isGiven(value) ? '***' : value]),
  );

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^(::ffff:)?127\./.test(host);

/** How often the supervisor has started this service again; 0 without one. */
export const restartsSoFar = (env: NodeJS.ProcessEnv = process.env): number =>
  Number(env.NEFOS_START_RESTARTS ?? 0) || 0;
