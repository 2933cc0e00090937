import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../../values.js';

// What the ramdisk of a simulated machine reports (contract §5): three machines as one finds them in a rack. Serial
// numbers and, where a node has no ports, MAC addresses are made of its UUID, so that no two machines have the same.

/** Of the node whose machine is simulated. */
export interface Simulated {
  uuid: string;
  /** Of its ports; the first boots. */
  macs: readonly string[];
  bmcAddress: string | null;
}
interface Card {
  name: string;
  speed: number;
  lldp?: Json;
  hasLink?: boolean;
}
interface Disk {
  name: string;
  gib: number;
  model: string;
  rotational: boolean;
}
interface Sample {
  cpu: JsonObject;
  memoryMb: number;
  cards: readonly Card[];
  disks: readonly Disk[];
  vendor: string;
  product: string;
  bootMode: 'bios' | 'uefi';
  pci?: Json[];
}

const hex = (text: string): string => Buffer.from(text).toString('hex');
/** As a switch announces its port: chassis, port, name, capabilities, VLANs, MTU. */
const lldpOf = (chassis: string, port: string, name: string): Json => [
  [1, `04${chassis}`],
  [2, `05${hex(port)}`],
  [3, '0078'],
  [4, hex(`${port} to a server`)],
  [5, hex(name)],
  [7, '00140014'],
  [8, '0501c000020f020000000000'],
  [127, '0080c2010064'],
  [127, `0080c203006505${hex('vlan1')}`],
  [127, '00120f042328'],
  [0, ''],
];
const pciOf = (vendor: string, product: string, kind: string, bus: string, node: number): Json => ({
  ...{ vendor_id: vendor, product_id: product, class: kind, revision: 'a1', bus, numa_node_id: node },
});
const FLAGS = ['fpu', 'vme', 'pse', 'msr', 'pae', 'aes', 'pdpe1gb', 'lm'];
const FIRST_SWITCH = '112233aabbcc';
const SECOND_SWITCH = '112233aabbdd';

const samples: Readonly<Record<string, Sample>> = {
  small: {
    cpu: { model_name: 'Intel(R) Xeon(R) E-2314', frequency: '2800.000', count: 4, flags: [...FLAGS, 'vmx'] },
    memoryMb: 16_384,
    cards: [
      { name: 'eno1', speed: 1000 },
      { name: 'eno2', speed: 1000, hasLink: false },
    ],
    disks: [{ name: '/dev/sda', gib: 480, model: 'SSD 480', rotational: false }],
    vendor: 'Nefos',
    product: 'Simulated small server',
    bootMode: 'bios',
  },
  storage: {
    cpu: {
      model_name: 'Intel(R) Xeon(R) Silver 4310',
      frequency: '2100.000',
      count: 24,
      flags: [...FLAGS, 'vmx', 'smx'],
    },
    memoryMb: 131_072,
    cards: [
      { name: 'ens1f0', speed: 25_000, lldp: lldpOf(FIRST_SWITCH, 'Ethernet7', 'leaf1') },
      { name: 'ens1f1', speed: 25_000, lldp: lldpOf(SECOND_SWITCH, 'Ethernet7', 'leaf2') },
    ],
    disks: [
      { name: '/dev/nvme0n1', gib: 240, model: 'NVMe 240', rotational: false },
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => ({
        ...{ name: `/dev/sd${letter}`, gib: 14_901, model: 'HDD 16T', rotational: true },
      })),
    ],
    vendor: 'Nefos',
    product: 'Simulated storage server',
    bootMode: 'uefi',
  },
  gpu: {
    cpu: { model_name: 'AMD EPYC 7543', frequency: '2800.000', count: 64, flags: [...FLAGS, 'svm'] },
    memoryMb: 524_288,
    cards: [
      { name: 'enp65s0f0', speed: 100_000, lldp: lldpOf(FIRST_SWITCH, 'Ethernet12', 'leaf1') },
      { name: 'enp65s0f1', speed: 100_000, lldp: lldpOf(SECOND_SWITCH, 'Ethernet12', 'leaf2') },
    ],
    disks: [
      { name: '/dev/nvme0n1', gib: 894, model: 'NVMe 960', rotational: false },
      { name: '/dev/nvme1n1', gib: 3576, model: 'NVMe 3840', rotational: false },
    ],
    vendor: 'Nefos',
    product: 'Simulated GPU server',
    bootMode: 'uefi',
    pci: [
      pciOf('10de', '1eb8', '030200', '0000:3b:00.0', 0),
      pciOf('10de', '1eb8', '030200', '0000:86:00.0', 1),
      pciOf('15b3', '1017', '020000', '0000:41:00.0', 0),
      pciOf('15b3', '1017', '020000', '0000:41:00.1', 0),
    ],
  },
};
export const SAMPLES = Object.keys(samples);
export const isSample = (name: string): boolean => Object.hasOwn(samples, name);

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const macOfCard = ({ uuid, macs }: Simulated, at: number): string =>
  macs[at] ?? ['52', '54', '00', ...(digest(`${uuid} ${at}`).slice(0, 6).match(/../g) ?? [])].join(':');
/** An address for each node, of a network for examples (RFC 5737). */
const ipOfCard = ({ uuid }: Simulated): string => `198.51.100.${1 + (parseInt(digest(uuid).slice(0, 4), 16) % 250)}`;

const disksOf = ({ disks }: Sample, { uuid }: Simulated): JsonObject[] =>
  disks.map(({ name, gib, model, rotational }) => {
    const wwn = `0x5000${digest(`${uuid} ${name}`).slice(0, 12)}`;
    return {
      ...{ name, model, rotational, size: gib * 2 ** 30, vendor: 'Nefos', hctl: null, by_path: null },
      ...{ serial: digest(`${name} ${uuid}`).slice(0, 12), wwn, wwn_with_extension: wwn, wwn_vendor_extension: null },
    };
  });
const interfacesOf = ({ cards }: Sample, node: Simulated): JsonObject[] =>
  cards.map(({ name, speed, lldp = null, hasLink = true }, at) => ({
    ...{ name, mac_address: macOfCard(node, at), ipv4_address: at === 0 ? ipOfCard(node) : null, ipv6_address: null },
    ...{ has_carrier: hasLink, speed_mbps: speed, lldp, vendor: '0x8086', product: '0x1521', client_id: null },
  }));

/** The report of a machine. @param name one of `SAMPLES` */
export const sampleReport = (name: string, node: Simulated): JsonObject => {
  const sample = samples[name];
  if (!sample) throw new RangeError(`no sample ${name}`);
  const bootMac = macOfCard(node, 0);
  const disks = disksOf(sample, node);
  return {
    inventory: {
      interfaces: interfacesOf(sample, node),
      cpu: { ...sample.cpu, architecture: 'x86_64' },
      memory: { physical_mb: sample.memoryMb, total: sample.memoryMb * 1_028_000 },
      disks,
      ...(node.bmcAddress !== null && { bmc_address: node.bmcAddress }),
      system_vendor: {
        ...{ manufacturer: sample.vendor, product_name: sample.product },
        serial_number: digest(node.uuid).slice(0, 10).toUpperCase(),
      },
      boot: { current_boot_mode: sample.bootMode, pxe_interface: bootMac },
      hostname: null,
    },
    root_disk: disks[0] ?? null,
    boot_interface: `01-${bootMac.replaceAll(':', '-')}`,
    configuration: {
      collectors: ['default', 'logs', 'pci-devices'],
      managers: [{ name: 'simulated', version: '1.0' }],
    },
    ...(sample.pci && { pci_devices: sample.pci }),
  };
};
