import { z } from 'zod';
import { networkOf } from './addresses.js';
import { DEFAULT_HOOKS } from './processing/domain/hooks.js';
import { DEFAULT_SETTINGS, type KnownAccelerator, type PciAlias } from './processing/domain/settings.js';

const yesNo = (otherwise: 'yes' | 'no') => z.enum(['yes', 'no']).default(otherwise);
/** Ids of a device as the kernel writes them: four hexadecimal digits; `0x` before them does not count. */
const deviceId = z
  .string()
  .regex(/^(?:0x)?[0-9a-f]{4}$/i, 'four hexadecimal digits')
  .transform((id) => id.slice(-4).toLowerCase());
const capabilityName = z.string().regex(/^[^,:\0]{1,100}$/, 'a name without commas and colons');
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .string()
    .default('[]')
    .transform((text, ctx): z.output<T>[] => {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        // The issue below says it.
      }
      const found = z.array(item).max(1000).safeParse(value);
      if (found.success) return found.data;
      const [issue] = found.error.issues;
      ctx.addIssue({ code: 'custom', message: `a JSON list: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}` });
      return z.NEVER;
    });
const alias: z.ZodType<PciAlias, unknown> = z.strictObject({
  vendor_id: deviceId,
  product_id: deviceId,
  name: capabilityName,
});
const accelerator: z.ZodType<KnownAccelerator, unknown> = z.strictObject({
  vendor_id: deviceId,
  device_id: deviceId,
  type: z.string().max(100),
  device_info: z.string().max(255),
});
/** `10.1.0.0/16:physnet1,2001:db8::/32:physnet6` */
const physicalNetworks = z
  .string()
  .default('')
  .transform((text, ctx): { cidr: string; name: string }[] =>
    text
      .split(',')
      .filter((one) => one.trim() !== '')
      .map((one) => {
        const at = one.lastIndexOf(':');
        const found = { cidr: one.slice(0, at).trim(), name: one.slice(at + 1).trim() };
        if (at < 0 || !networkOf(found.cidr) || !/^[^\0]{1,64}$/.test(found.name))
          ctx.addIssue({ code: 'custom', message: `"${one.slice(0, 100)}" is not of the form 10.1.0.0/16:physnet1` });
        return found;
      }),
  );

/** Settings of how reports are processed (contract introspection §7, §14). */
export const processingSettings = {
  NEFOS_INTROSPECTION_HOOKS: z
    .string()
    .default(DEFAULT_HOOKS)
    .describe('what processes a report, in this order, with commas; see docs/introspection.md for all there are'),
  NEFOS_INTROSPECTION_ADD_PORTS: z
    .enum(['pxe', 'active', 'all', 'disabled'])
    .default('pxe')
    .describe('which interfaces become ports: the one that booted, those with an address, all, none'),
  NEFOS_INTROSPECTION_KEEP_PORTS: z
    .enum(['all', 'present', 'added'])
    .default('all')
    .describe('which ports stay: all, those of interfaces that were found, those that were added'),
  NEFOS_INTROSPECTION_OVERWRITE_EXISTING: yesNo('yes').describe(
    'whether values that a node or port has are replaced by those that were found',
  ),
  NEFOS_INTROSPECTION_UPDATE_PXE_ENABLED: yesNo('yes').describe(
    'whether `pxe_enabled` of ports says from which the machine booted',
  ),
  NEFOS_INTROSPECTION_DISK_PARTITIONING_SPACING: yesNo('yes').describe(
    'whether one GiB of the root disk is left to partitions',
  ),
  NEFOS_INTROSPECTION_BOOT_MODE: yesNo('no').describe('whether the boot mode becomes a capability'),
  NEFOS_INTROSPECTION_EXTRA_HARDWARE_STRICT: yesNo('no').describe(
    'whether facts of other than four parts drop all facts',
  ),
  NEFOS_INTROSPECTION_PCI_ALIASES: listOf(alias).describe(
    'devices that `pci_devices` counts, a JSON list: `[{"vendor_id":"8086","product_id":"10fb","name":"igb"}]`',
  ),
  NEFOS_INTROSPECTION_PHYSICAL_NETWORKS: physicalNetworks.describe(
    'physical network by the network of an address, for the hook `physnet_cidr_map`: `10.1.0.0/16:physnet1,…`',
  ),
  NEFOS_INTROSPECTION_ACCELERATORS: listOf(accelerator).describe(
    'accelerators beside those that are known, a JSON list of `vendor_id`, `device_id`, `type` and `device_info`',
  ),
};
type Settings = { [K in keyof typeof processingSettings]: z.output<(typeof processingSettings)[K]> };
/** How reports are processed, from the settings of the process. */
export const processingOf = (config: Settings) => ({
  hooks: config.NEFOS_INTROSPECTION_HOOKS,
  settings: {
    addPorts: config.NEFOS_INTROSPECTION_ADD_PORTS,
    keepPorts: config.NEFOS_INTROSPECTION_KEEP_PORTS,
    overwriteExisting: config.NEFOS_INTROSPECTION_OVERWRITE_EXISTING === 'yes',
    updatePxeEnabled: config.NEFOS_INTROSPECTION_UPDATE_PXE_ENABLED === 'yes',
    diskPartitioningSpacing: config.NEFOS_INTROSPECTION_DISK_PARTITIONING_SPACING === 'yes',
    bootMode: config.NEFOS_INTROSPECTION_BOOT_MODE === 'yes',
    extraHardwareStrict: config.NEFOS_INTROSPECTION_EXTRA_HARDWARE_STRICT === 'yes',
    pciAliases: config.NEFOS_INTROSPECTION_PCI_ALIASES,
    physicalNetworks: config.NEFOS_INTROSPECTION_PHYSICAL_NETWORKS,
    accelerators: [...DEFAULT_SETTINGS.accelerators, ...config.NEFOS_INTROSPECTION_ACCELERATORS],
  },
});
