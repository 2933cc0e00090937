/** The interfaces of hardware types, by their fields of a node, with the microversion of each field. */
export const INTERFACE_FIELDS = {
  bios_interface: 40,
  boot_interface: 31,
  console_interface: 31,
  deploy_interface: 31,
  firmware_interface: 86,
  inspect_interface: 31,
  management_interface: 31,
  network_interface: 20,
  power_interface: 31,
  raid_interface: 31,
  rescue_interface: 38,
  storage_interface: 33,
  vendor_interface: 31,
} as const;
export type InterfaceField = keyof typeof INTERFACE_FIELDS;
export type Interfaces = Readonly<Record<InterfaceField, readonly string[]>>;
export interface HardwareType {
  name: string;
  /** What each interface may be; the first is the default. */
  interfaces: Interfaces;
}
/** By these a machine boots and reports itself; `inspector` is the older name. */
export const IN_BAND = ['agent', 'inspector'];
const IN_BAND_ONLY = [...IN_BAND, 'no-inspect'];

const hardwareType = (
  name: string,
  own: string,
  { boot = ['ipxe', 'pxe'], inspect = IN_BAND_ONLY, more = [] as string[] } = {},
): HardwareType => ({
  name,
  interfaces: {
    bios_interface: ['no-bios', ...more],
    boot_interface: [...boot, ...more],
    console_interface: ['no-console', ...more],
    deploy_interface: ['direct', 'ramdisk', 'custom-agent', ...more],
    firmware_interface: ['no-firmware', ...more],
    inspect_interface: inspect,
    management_interface: [own, ...(own === 'noop' ? [] : ['noop'])],
    network_interface: ['noop', 'flat', 'neutron'],
    power_interface: [own === 'noop' ? 'agent' : own],
    raid_interface: ['no-raid', ...more],
    rescue_interface: ['no-rescue', ...more],
    storage_interface: ['noop', 'external', 'cinder', ...more],
    vendor_interface: ['no-vendor', ...more],
  },
});
/** The hardware types that are served; how their BMCs are spoken to is the area bmc's. */
export const HARDWARE_TYPES: readonly HardwareType[] = [
  hardwareType('fake-hardware', 'fake', {
    boot: ['fake', 'ipxe', 'pxe'],
    inspect: [...IN_BAND_ONLY, 'fake'],
    more: ['fake'],
  }),
  hardwareType('ipmi', 'ipmitool'),
  hardwareType('manual', 'noop'),
  hardwareType('redfish', 'redfish', {
    boot: ['ipxe', 'pxe', 'redfish-virtual-media', 'redfish-https'],
    inspect: [...IN_BAND, 'redfish', 'no-inspect'],
    more: ['redfish'],
  }),
];
export const hardwareTypeOf = (name: string): HardwareType | undefined =>
  HARDWARE_TYPES.find((one) => one.name === name);
export const defaultInterface = (driver: string, field: InterfaceField): string | null =>
  hardwareTypeOf(driver)?.interfaces[field][0] ?? null;
/** Ask the BMC, and boot nothing (contract introspection §12.1); `fake` asks that of a simulated machine. */
const OUT_OF_BAND = ['redfish', 'fake'];
interface Inspected {
  driver: string;
  inspectInterface: string | null;
}
/** By what a node is inspected. */
export const inspectInterfaceOf = ({ driver, inspectInterface }: Inspected): string | null =>
  inspectInterface ?? defaultInterface(driver, 'inspect_interface');
export const isInspectedOutOfBand = (node: Inspected): boolean => OUT_OF_BAND.includes(inspectInterfaceOf(node) ?? '');
