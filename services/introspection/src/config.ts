import { readFileSync } from 'node:fs';
import { ConfigError, isLoopback, readConfig } from '@nefos/service-kit';
import { z } from 'zod';
import { parseHtpasswd } from './access/domain/basic-users.js';
import { bmcShape } from './bmc/config-shape.js';
import { hooksOf } from './processing/domain/hooks.js';
import { processingOf, processingSettings } from './processing-settings.js';
import { reportFaults, reportSettings } from './report-settings.js';

/** Settings of this service beside the shared ones. */
export const shape = {
  ...reportSettings,
  ...processingSettings,
  NEFOS_INTROSPECTION_PORT: z.coerce.number().int().min(0).max(65535).default(8084).describe('port to listen on'),
  NEFOS_INTROSPECTION_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('database of this service: PostgreSQL >= 15'),
  NEFOS_INTROSPECTION_TOKEN: z.string().min(24).describe('component token by which the other services know this one'),
  NEFOS_INTROSPECTION_AUTH: z
    .enum(['keystone', 'http_basic', 'noauth'])
    .default('keystone')
    .describe(
      'how callers are known: `keystone` tokens of identity, `http_basic` the file of ' +
        '`NEFOS_INTROSPECTION_BASIC_FILE`, `noauth` everybody may do everything (loopback only)',
    ),
  NEFOS_INTROSPECTION_BASIC_FILE: z
    .string()
    .optional()
    .describe('file of names and bcrypt hashes, as `htpasswd -B` writes it; with `http_basic` only'),
  NEFOS_INTROSPECTION_TIMEOUT: z.coerce
    .number()
    .int()
    .min(0)
    .default(3600)
    .describe('seconds after which a run that has not ended fails; 0: never'),
  NEFOS_INTROSPECTION_CLEAN_UP_PERIOD: z.coerce
    .number()
    .int()
    .min(0)
    .default(60)
    .describe('seconds between two searches for runs that timed out; 0: none'),
  NEFOS_INTROSPECTION_TIMEOUT_POWER_OFF: z
    .enum(['yes', 'no'])
    .default('no')
    .describe('whether a machine whose run timed out is powered off; the original leaves it on'),
  NEFOS_INTROSPECTION_CAN_MANAGE_BOOT: z
    .enum(['yes', 'no'])
    .default('yes')
    .describe('whether machines are switched on over their BMCs to boot the ramdisk'),
  NEFOS_INTROSPECTION_HISTORY: z.coerce
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(20)
    .describe('runs of a node that are kept, with their data, beside the last one'),
  NEFOS_INTROSPECTION_DELAY: z.coerce
    .number()
    .min(0)
    .default(5)
    .describe('seconds between two reboots of machines at least'),
  NEFOS_INTROSPECTION_API_MAX_LIMIT: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(1000)
    .describe('items of a page of a list at most'),
  ...bmcShape,
};
/** @throws ConfigError for hooks that there are not, or that can not stand in this order */
const demandHooks = (config: Parameters<typeof processingOf>[0]): void => {
  const { hooks, settings } = processingOf(config);
  try {
    hooksOf(hooks, settings);
  } catch (err) {
    throw new ConfigError([`NEFOS_INTROSPECTION_HOOKS: ${(err as Error).message}`]);
  }
};
/**
 * @throws ConfigError also for modes of authentication that lack what they need, or would open the cloud to everybody
 */
export const readIntrospectionConfig = (env?: NodeJS.ProcessEnv) => {
  const config = readConfig('introspection', shape, env);
  const { NEFOS_INTROSPECTION_AUTH: mode, NEFOS_INTROSPECTION_BASIC_FILE: file } = config;
  if (mode === 'noauth' && ![config.NEFOS_HOST, config.NEFOS_SERVICES_HOST].every(isLoopback))
    throw new ConfigError([
      'NEFOS_INTROSPECTION_AUTH=noauth lets everybody do everything: NEFOS_HOST and NEFOS_SERVICES_HOST must be ' +
        'loopback',
    ]);
  if (mode === 'http_basic')
    try {
      if (parseHtpasswd(readFileSync(file ?? '', 'utf8')).size === 0) throw new Error('it names nobody');
    } catch (err) {
      throw new ConfigError([
        `NEFOS_INTROSPECTION_BASIC_FILE: ${file === undefined ? 'is missing' : (err as Error).message}`,
      ]);
    }
  demandHooks(config);
  const faults = reportFaults(config);
  if (faults.length) throw new ConfigError(faults);
  return config;
};
export type IntrospectionConfig = ReturnType<typeof readIntrospectionConfig>;
