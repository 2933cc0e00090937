import { ipOf, macOf } from '../../addresses.js';
import { objectOf, objectsOf, textOf, type Json, type JsonObject } from '../../values.js';
import { makeReader, type Reader } from './reader.js';
import { bootModeOf } from './system.js';
import { disksOf } from './disks.js';
import { lldpOf } from './lldp.js';
import { pciDevicesOf } from './pci-devices.js';
import type { Resource, Session } from './session.js';

// Contract §10.1, "Out-of-band inventory mapping". What a BMC does not have is unknown, and left out.

const ARCHITECTURES: Record<string, string> = {
  'x86-64': 'x86_64',
  x86: 'i686',
  'ARM-A64': 'aarch64',
  'ARM-A32': 'arm',
  'IA-64': 'ia64',
  MIPS32: 'mips',
  MIPS64: 'mips64',
};
const GIB = 2 ** 30;
const SMALLEST_ROOT_DISK = 4 * GIB;

const numberOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
/** The keys whose value is known. */
const known = (entries: Record<string, Json | undefined>): JsonObject =>
  Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, Json] => entry[1] !== undefined));

const cpuOf = async (reader: Reader, { body }: Resource): Promise<JsonObject> => {
  const [first = {}] = await reader.members(body.Processors, 1);
  const summary = objectOf(body.ProcessorSummary);
  const set = textOf(first.InstructionSet);
  const speed = numberOf(first.MaxSpeedMHz);
  return known({
    count: numberOf(summary.LogicalProcessorCount) ?? numberOf(summary.Count),
    model_name: textOf(first.Model) ?? textOf(summary.Model),
    frequency: speed === undefined ? undefined : String(speed),
    architecture: set === undefined ? undefined : (ARCHITECTURES[set] ?? ''),
    socket_count: numberOf(summary.Count),
  });
};
const memoryOf = ({ body }: Resource): JsonObject => {
  const gib = numberOf(objectOf(body.MemorySummary).TotalSystemMemoryGiB);
  return gib === undefined ? {} : { physical_mb: Math.floor(gib * 1024), total: Math.floor(gib * GIB) };
};
const interfacesOf = async (reader: Reader, { body }: Resource): Promise<JsonObject[]> =>
  (await reader.members(body.EthernetInterfaces)).flatMap((one): JsonObject[] => {
    const mac = macOf(one.MACAddress) ?? macOf(one.PermanentMACAddress);
    const name = textOf(one.Id);
    if (mac === undefined || name === undefined) return [];
    const status = textOf(one.LinkStatus);
    return [
      known({
        name,
        mac_address: mac,
        ipv4_address: ipOf(objectsOf(one.IPv4Addresses)[0]?.Address),
        ipv6_address: ipOf(objectsOf(one.IPv6Addresses)[0]?.Address),
        has_carrier: status === undefined ? undefined : status === 'LinkUp',
        speed_mbps: numberOf(one.SpeedMbps),
      }),
    ];
  });
const vendorOf = ({ body }: Resource): JsonObject =>
  known({
    product_name: textOf(body.Model),
    serial_number: textOf(body.SerialNumber),
    manufacturer: textOf(body.Manufacturer),
    system_uuid: textOf(body.UUID),
    firmware: textOf(body.BiosVersion) === undefined ? undefined : { version: body.BiosVersion as string },
  });

/** What the BMC knows of its machine, in the shape that a ramdisk posts. */
export const readInventory = async (session: Session, system: Resource): Promise<JsonObject> => {
  const reader = makeReader(session);
  const interfaces = await interfacesOf(reader, system);
  const disks = await disksOf(reader, system);
  const inventory: JsonObject = {
    interfaces,
    cpu: await cpuOf(reader, system),
    memory: memoryOf(system),
    disks,
    system_vendor: vendorOf(system),
    boot: known({ current_boot_mode: bootModeOf(system) ?? undefined }),
    ...known({ hostname: textOf(system.body.HostName) }),
  };
  const rootDisk = disks.find(({ size }) => typeof size === 'number' && size >= SMALLEST_ROOT_DISK);
  const pciDevices = await pciDevicesOf(reader, system);
  const lldp = await lldpOf(reader, system, interfaces);
  return {
    inventory,
    ...(rootDisk && { root_disk: rootDisk }),
    ...(pciDevices.length && { pci_devices: pciDevices }),
    ...(Object.keys(lldp).length && { lldp_raw: lldp }),
  };
};
