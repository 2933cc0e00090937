import { readConfig } from '@nefos/service-kit';
import { z } from 'zod';
import { networkOf } from './addresses.js';

const networks = z
  .string()
  .optional()
  .transform((text) =>
    text
      ?.split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  )
  .refine((list) => list?.every((one) => networkOf(one) !== undefined) ?? true, 'is no list of networks');
/** Settings of this service beside the shared ones. */
export const shape = {
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
  NEFOS_INTROSPECTION_BMC_NETWORKS: networks.describe(
    'the only networks in which BMCs are contacted, as `10.0.0.0/8,fd12::/48`; without it all, but loopback, ' +
      'link-local (the metadata of a cloud), multicast and reserved addresses',
  ),
  NEFOS_INTROSPECTION_BMC_CA_DIRECTORY: z
    .string()
    .optional()
    .describe('directory of certificates that `redfish_verify_ca` of a node may name; without it none'),
  NEFOS_INTROSPECTION_BMC_TIMEOUT: z.coerce
    .number()
    .min(1)
    .max(60)
    .default(10)
    .describe('seconds that a BMC may take for one answer'),
  NEFOS_INTROSPECTION_POWER_TIMEOUT: z.coerce
    .number()
    .int()
    .min(1)
    .max(3600)
    .default(60)
    .describe('seconds that a machine may take to be off, or on'),
  NEFOS_INTROSPECTION_IPMITOOL: z.string().default('ipmitool').describe('the program ipmitool: a name or a path'),
  NEFOS_INTROSPECTION_IPMI_PAUSE: z.coerce
    .number()
    .min(0)
    .max(60)
    .default(5)
    .describe('seconds between two IPMI commands to one BMC at least'),
  NEFOS_INTROSPECTION_CALLBACK_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('where ramdisks report, as machines reach it; without it this service on its own port'),
};
export const readIntrospectionConfig = (env?: NodeJS.ProcessEnv) => readConfig('introspection', shape, env);
export type IntrospectionConfig = ReturnType<typeof readIntrospectionConfig>;
