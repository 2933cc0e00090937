import { parsePeers } from '@nefos/service-kit';
import { z } from 'zod';
import { isObject, type JsonObject } from './values.js';

const yesNo = (otherwise: 'yes' | 'no') => z.enum(['yes', 'no']).default(otherwise);
const isNetworks = (text: string): boolean => {
  try {
    parsePeers(text);
    return true;
  } catch {
    return false;
  }
};
const networks = () => z.string().default('').refine(isNetworks, 'addresses and networks as 10.0.0.0/8, with commas');
const objectText = z
  .string()
  .default('{}')
  .transform((text, ctx): JsonObject => {
    try {
      const value: unknown = JSON.parse(text);
      if (isObject(value)) return value;
    } catch {
      // The issue below says it.
    }
    ctx.addIssue({ code: 'custom', message: 'a JSON object' });
    return z.NEVER;
  });

/** Settings of what machines report (contract introspection §6.3, §7.4, §7.5, §12.2, §14). */
export const reportSettings = {
  NEFOS_INTROSPECTION_POWER_OFF: yesNo('yes').describe('whether a machine is powered off when its run went well'),
  NEFOS_INTROSPECTION_PERMIT_ACTIVE: yesNo('no').describe('whether machines in use may be introspected'),
  NEFOS_INTROSPECTION_CONFLICTS: z
    .enum(['warn', 'refuse'])
    .default('warn')
    .describe('what happens when addresses of one report belong to several nodes and one has most of them'),
  NEFOS_INTROSPECTION_CALLBACK_NETWORKS: networks().describe(
    'networks from which reports are taken, with commas; none: all',
  ),
  NEFOS_INTROSPECTION_CALLBACK_TOKEN: z
    .enum(['optional', 'required'])
    .default('optional')
    .describe("whether a report has to come with its run's token"),
  NEFOS_INTROSPECTION_CALLBACK_RATE: z.coerce
    .number()
    .min(1)
    .default(200)
    .describe('reports a second that one address may send; ten times as many at once'),
  NEFOS_INTROSPECTION_NODE_NOT_FOUND: z
    .enum(['refuse', 'enroll'])
    .default('refuse')
    .describe('what happens to the report of a machine that nobody waits for; `enroll` makes a node of it'),
  NEFOS_INTROSPECTION_ENROLL_DRIVER: z.string().max(255).default('redfish').describe('driver of nodes made so'),
  NEFOS_INTROSPECTION_ENROLL_FIELDS: objectText.describe('further fields of nodes made so, a JSON object'),
  NEFOS_INTROSPECTION_ENROLL_ADDRESSES: z
    .string()
    .default('4,6')
    .refine((text) => /^[46](,[46])?$/.test(text), '4, 6, or both with a comma')
    .describe('which address of a BMC a node made so gets, by preference'),
  NEFOS_INTROSPECTION_ENROLL_NETWORKS: networks().describe(
    'networks from which machines become nodes, with commas; none: all',
  ),
  NEFOS_INTROSPECTION_ENROLL_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(60)
    .describe('nodes made so in a minute at most'),
  NEFOS_INTROSPECTION_RAMDISK_LOGS_DIR: z
    .string()
    .default('')
    .describe('directory for the logs of ramdisks; empty: they are not kept'),
  NEFOS_INTROSPECTION_RAMDISK_LOGS: z
    .enum(['failures', 'always'])
    .default('failures')
    .describe('whose logs are kept: of runs that failed, or of all'),
  NEFOS_INTROSPECTION_RAMDISK_LOGS_MIB: z.coerce
    .number()
    .int()
    .min(1)
    .default(1024)
    .describe('MiB that kept logs take at most; the oldest go first'),
  NEFOS_INTROSPECTION_PXE_FILTER: z
    .enum(['noop', 'dnsmasq'])
    .default('noop')
    .describe('what keeps machines that are not introspected from booting the ramdisk: nothing, or files of dnsmasq'),
  NEFOS_INTROSPECTION_PXE_FILTER_DIR: z
    .string()
    .default('')
    .describe('directory that dnsmasq reads by `dhcp-hostsdir`; it is ours alone'),
  NEFOS_INTROSPECTION_PXE_FILTER_SYNC: z.coerce
    .number()
    .int()
    .min(1)
    .default(15)
    .describe('seconds between two comparisons of the files with the runs'),
  NEFOS_INTROSPECTION_DENY_UNKNOWN_MACS: yesNo('no').describe(
    'whether machines of unknown MACs never boot the ramdisk; not together with `enroll`',
  ),
};

/** What contradicts itself, a sentence each. */
export const reportFaults = (config: {
  NEFOS_INTROSPECTION_PXE_FILTER: string;
  NEFOS_INTROSPECTION_PXE_FILTER_DIR: string;
  NEFOS_INTROSPECTION_DENY_UNKNOWN_MACS: string;
  NEFOS_INTROSPECTION_NODE_NOT_FOUND: string;
}): string[] => [
  ...(config.NEFOS_INTROSPECTION_PXE_FILTER === 'dnsmasq' && config.NEFOS_INTROSPECTION_PXE_FILTER_DIR === ''
    ? ['NEFOS_INTROSPECTION_PXE_FILTER_DIR: is missing']
    : []),
  ...(config.NEFOS_INTROSPECTION_DENY_UNKNOWN_MACS === 'yes' && config.NEFOS_INTROSPECTION_NODE_NOT_FOUND === 'enroll'
    ? ['NEFOS_INTROSPECTION_DENY_UNKNOWN_MACS: machines of unknown MACs can not become nodes when they never boot']
    : []),
];
