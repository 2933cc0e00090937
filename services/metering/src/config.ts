import { peers, readConfig } from '@nefos/service-kit';
import { z } from 'zod';

/** Settings of this service beside the shared ones. */
export const shape = {
  NEFOS_METERING_PORT: z.coerce.number().int().min(0).max(65535).default(8083).describe('port to listen on'),
  NEFOS_METERING_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('database of this service: PostgreSQL >= 15'),
  NEFOS_METERING_TOKEN: z.string().min(24).describe('component token by which the other services know this one'),
  NEFOS_METERING_TRUSTED_PEERS: peers('127.0.0.0/8,::1')
    .transform((list) =>
      list
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
    )
    .describe('whose `X-RH-IDENTITY` is believed: addresses or CIDR ranges, comma-separated'),
  NEFOS_METERING_AWS_ACCOUNT_ID: z.coerce
    .number()
    .int()
    .min(0)
    .max(999_999_999_999)
    .default(128765022890)
    .describe('AWS account that customers trust; `sysconfig` names it'),
  NEFOS_METERING_VERSION: z
    .string()
    .optional()
    .describe("version in the answer of `sysconfig`; without it the package's"),
};
export const readMeteringConfig = (env?: NodeJS.ProcessEnv) => readConfig('metering', shape, env);
export type MeteringConfig = ReturnType<typeof readMeteringConfig>;
