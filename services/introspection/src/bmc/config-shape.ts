import { z } from 'zod';
import { networkOf } from '../addresses.js';

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
/** Settings of how BMCs are spoken to. */
export const bmcShape = {
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
