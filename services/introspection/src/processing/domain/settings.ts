/** A device by its ids, as the kernel writes them: hexadecimal, without `0x`. */
export interface PciAlias {
  vendor_id: string;
  product_id: string;
  name: string;
}
export interface KnownAccelerator {
  vendor_id: string;
  device_id: string;
  type: string;
  device_info: string;
}
/** How data are processed (contract §7, §14). */
export interface ProcessingSettings {
  /** Which interfaces become ports. */
  addPorts: 'pxe' | 'active' | 'all' | 'disabled';
  /** Which ports stay. */
  keepPorts: 'all' | 'present' | 'added';
  /** Whether values that a node or port has are replaced. */
  overwriteExisting: boolean;
  updatePxeEnabled: boolean;
  /** Whether one GiB of the root disk is left to partitions. */
  diskPartitioningSpacing: boolean;
  /** Whether the boot mode becomes a capability. */
  bootMode: boolean;
  pciAliases: readonly PciAlias[];
  /** Physical networks by the network of an interface's address; the first that holds counts. */
  physicalNetworks: readonly { cidr: string; name: string }[];
  accelerators: readonly KnownAccelerator[];
  /** Whether facts of other than four parts drop all facts. */
  extraHardwareStrict: boolean;
}
export const DEFAULT_SETTINGS: ProcessingSettings = {
  addPorts: 'pxe',
  keepPorts: 'all',
  overwriteExisting: true,
  updatePxeEnabled: true,
  diskPartitioningSpacing: true,
  bootMode: false,
  pciAliases: [],
  physicalNetworks: [],
  accelerators: [
    { vendor_id: '10de', device_id: '1eb8', type: 'GPU', device_info: 'NVIDIA Corporation Tesla T4' },
    { vendor_id: '10de', device_id: '1df6', type: 'GPU', device_info: 'NVIDIA Corporation GV100GL' },
  ],
  extraHardwareStrict: false,
};
