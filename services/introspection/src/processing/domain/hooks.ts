import type { Hook } from './hook.js';
import { accelerators } from './hooks/accelerators.js';
import { capabilities } from './hooks/cpu-capabilities.js';
import { example } from './hooks/example.js';
import { extraHardware } from './hooks/extra-hardware.js';
import { lldpBasic } from './hooks/lldp-basic.js';
import { localLinkConnection } from './hooks/local-link-connection.js';
import { pciDevices } from './hooks/pci-devices.js';
import { physnetCidrMap } from './hooks/physnet-cidr-map.js';
import { raidDevice } from './hooks/raid-device.js';
import { ramdiskError } from './hooks/ramdisk-error.js';
import { rootDiskSelection } from './hooks/root-disk-selection.js';
import { scheduler } from './hooks/scheduler.js';
import { validateInterfaces } from './hooks/validate-interfaces.js';
import type { ProcessingSettings } from './settings.js';

const ALL: readonly Hook[] = [
  ...[ramdiskError, rootDiskSelection, scheduler, validateInterfaces, capabilities, pciDevices],
  ...[extraHardware, lldpBasic, localLinkConnection, physnetCidrMap, raidDevice, accelerators, example],
];
const BY_NAME = new Map(ALL.map((hook) => [hook.name, hook]));
/** Contract §7, "Default list". */
export const DEFAULT_HOOKS = 'ramdisk_error,root_disk_selection,scheduler,validate_interfaces,capabilities,pci_devices';

/**
 * Hooks by their names, in this order.
 * @throws Error for an unknown name, a name twice, a hook without those that have to stand before it, or settings that
 * contradict each other: the service does not start
 */
export const hooksOf = (names: string, { addPorts, keepPorts }: ProcessingSettings): readonly Hook[] => {
  if (addPorts === 'disabled' && keepPorts === 'added')
    throw new Error(
      'ports can not be kept by what was added (keep_ports=added) when none is added (add_ports=disabled)',
    );
  const list = names.split(',').map((name) => name.trim());
  return list.filter(Boolean).map((name, i, all) => {
    const hook = BY_NAME.get(name);
    if (!hook) throw new Error(`there is no processing hook "${name}"; there are ${[...BY_NAME.keys()].join(', ')}`);
    if (all.indexOf(name) !== i) throw new Error(`the processing hook "${name}" stands twice`);
    for (const other of hook.after ?? [])
      if (!all.slice(0, i).includes(other)) throw new Error(`the processing hook "${name}" needs "${other}" before it`);
    for (const other of hook.before ?? [])
      if (all.slice(0, i).includes(other))
        throw new Error(`the processing hook "${name}" has to stand before "${other}"`);
    return hook;
  });
};
