import path from 'node:path';
import type { Acceleration } from './qemu-probe.js';
import type { Nic, Vm } from './qemu-state.js';

// The command line of a machine. What has a value from outside is JSON: a comma in it would begin another option.
// Names of users are not on it at all.

/** Slots into which disks and interfaces can be plugged while the machine runs. */
export const SLOTS = 24;
const json = (value: object): string => JSON.stringify(value);
/** As udev shows it: /dev/disk/by-id/virtio-... */
export const serialOf = (volumeId: string): string => volumeId.slice(0, 20);
export const diskNode = (volumeId: string): string => `v-${volumeId.replaceAll('-', '').slice(0, 28)}`;

export const rootNode = (file: string, node = 'root'): object => ({
  driver: 'qcow2',
  'node-name': node,
  discard: 'unmap',
  file: { driver: 'file', filename: file },
});
export const diskDevice = (volumeId: string, slot: number): object => ({
  driver: 'virtio-blk-pci',
  id: diskNode(volumeId),
  drive: diskNode(volumeId),
  serial: serialOf(volumeId),
  bus: `slot${slot}`,
});
/** QEMU's own network for one guest, whose address it gives by DHCP. @param outbound whether the guest gets out */
export const netdevOf = (nic: Nic, outbound: boolean): object =>
  nic.bridge !== null
    ? { type: 'bridge', id: nic.id, br: nic.bridge }
    : {
        type: 'user',
        id: nic.id,
        ipv6: false,
        restrict: !outbound,
        ...(nic.cidr !== null && nic.address !== null && { ...networkOf(nic.cidr, nic.gatewayIp, nic.address) }),
        ...(nic.forwards.length && {
          hostfwd: nic.forwards.map(({ address, port, guestPort }) => ({
            str: `tcp:${address}:${port}-:${guestPort}`,
          })),
        }),
      };
const toNumber = (address: string): number => address.split('.').reduce((all, one) => all * 256 + Number(one), 0);
const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join('.');
/** QEMU answers at two addresses of the network, of which none may be the guest's. */
export const networkOf = (
  cidr: string,
  gatewayIp: string | null,
  address: string,
): { net: string; host: string; dns: string; dhcpstart: string } => {
  const [base = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(toNumber(base) / size) * size;
  const taken = new Set([toNumber(address)]);
  const free = (wanted: number, step: number): number => {
    let found = wanted;
    while (taken.has(found)) found += step;
    taken.add(found);
    return found;
  };
  const host = free(gatewayIp === null ? first + 1 : toNumber(gatewayIp), 1);
  const dns = free(first + size - 2, -1);
  return { net: `${toAddress(first)}/${bits}`, host: toAddress(host), dns: toAddress(dns), dhcpstart: address };
};
export const nicDevice = (nic: Nic): object => ({
  driver: 'virtio-net-pci',
  id: `dev-${nic.id}`,
  netdev: nic.id,
  mac: nic.mac,
  romfile: '',
  ...(nic.slot !== null && { bus: `slot${nic.slot}` }),
});

export interface CommandOptions {
  dir: string;
  acceleration: Acceleration;
  outbound: boolean;
  /** Files of the volumes. */
  volumeFile: (id: string) => string;
  /** Memory is loaded from state.bin. */
  incoming: boolean;
}
/** The file of a machine's root disk, and its name within QEMU: of its own, or those of a volume. */
export const rootDisk = (
  { rootVolume }: Pick<Vm, 'rootVolume'>,
  { dir, volumeFile }: Pick<CommandOptions, 'dir' | 'volumeFile'>,
): { file: string; node: string } =>
  rootVolume === null
    ? { file: path.join(dir, 'disk.qcow2'), node: 'root' }
    : { file: volumeFile(rootVolume), node: diskNode(rootVolume) };
const rootDisks = (vm: Vm, options: CommandOptions): string[] => {
  const { rescue, rootVolume } = vm;
  const { dir } = options;
  const { file, node } = rootDisk(vm, options);
  const blockdev = (value: object): string[] => ['-blockdev', json(value)];
  const device = (value: object): string[] => ['-device', json(value)];
  const root = [
    ...blockdev(rootNode(file, node)),
    ...device({
      ...{ driver: 'virtio-blk-pci', id: 'disk-root', drive: node, bootindex: rescue ? 2 : 1 },
      ...(rootVolume !== null && { serial: serialOf(rootVolume) }),
    }),
  ];
  if (!rescue) return root;
  if (rescue.iso)
    return [
      ...root,
      ...blockdev({
        driver: rescue.image.format,
        'node-name': 'iso',
        'read-only': true,
        file: { driver: 'file', filename: rescue.image.file, 'read-only': true },
      }),
      ...device({ driver: 'ide-cd', id: 'disk-iso', drive: 'iso', bootindex: 0 }),
    ];
  // The rescue system's disk is the first one, the machine's the second.
  return [
    ...blockdev(rootNode(path.join(dir, 'rescue.qcow2'), 'rescue')),
    ...device({ driver: 'virtio-blk-pci', id: 'disk-rescue', drive: 'rescue', bootindex: 0 }),
    ...root,
  ];
};
/** QEMU does without most of the system. What connects a machine to a bridge runs as root. */
const sandboxOf = ({ nics }: Vm): string =>
  nics.some(({ bridge }) => bridge !== null)
    ? 'on,obsolete=deny,resourcecontrol=deny'
    : 'on,obsolete=deny,elevateprivileges=children,resourcecontrol=deny';
/** Arguments of qemu-system-x86_64, run in the machine's directory: paths of sockets have a limit. */
export const commandOf = (vm: Vm, options: CommandOptions): string[] => {
  const { dir, acceleration, outbound, volumeFile, incoming } = options;
  return [
    ...['-name', `nefos-${vm.portalId}`, '-uuid', vm.portalId, '-pidfile', 'pid'],
    ...['-no-user-config', '-nodefaults', '-display', 'none', '-vga', 'std', '-S'],
    ...['-sandbox', sandboxOf(vm)],
    ...['-machine', `${(incoming && vm.machineType) || 'q35'},accel=${acceleration.accel}`, '-cpu', acceleration.cpu],
    ...['-m', String(vm.size.memoryMb), '-smp', String(vm.size.vcpus)],
    ...['-qmp', 'unix:qmp.sock,server=on,wait=off', '-vnc', 'unix:vnc.sock'],
    ...['-chardev', 'socket,id=ser0,path=serial.sock,server=on,wait=off,logfile=console.log,logappend=on'],
    ...['-serial', 'chardev:ser0'],
    ...['-device', 'virtio-rng-pci', '-device', 'virtio-balloon-pci'],
    // So that the pointer of a console is where the viewer's is.
    ...['-device', 'qemu-xhci', '-device', 'usb-tablet'],
    ...['-device', 'virtio-serial-pci', '-chardev', 'socket,id=qga0,path=qga.sock,server=on,wait=off'],
    ...['-device', 'virtserialport,chardev=qga0,name=org.qemu.guest_agent.0'],
    ...Array.from({ length: SLOTS }, (_, i) => [
      '-device',
      json({
        driver: 'pcie-root-port',
        id: `slot${i}`,
        chassis: i + 1,
        addr: `0x${(0x10 + Math.floor(i / 8)).toString(16)}.${i % 8}`,
        multifunction: i % 8 === 0,
      }),
    ]).flat(),
    ...rootDisks(vm, options),
    ...[
      '-blockdev',
      json({
        driver: 'vvfat',
        'node-name': 'cidata',
        dir: path.join(dir, vm.rescue ? 'seed-rescue' : 'seed'),
        label: 'cidata',
        'read-only': true,
        floppy: false,
      }),
      '-device',
      json({ driver: 'virtio-blk-pci', id: 'disk-cidata', drive: 'cidata' }),
    ],
    ...vm.disks.flatMap(({ volumeId, slot }) => [
      '-blockdev',
      json(rootNode(volumeFile(volumeId), diskNode(volumeId))),
      '-device',
      json(diskDevice(volumeId, slot)),
    ]),
    ...vm.nics.flatMap((nic) => ['-netdev', json(netdevOf(nic, outbound)), '-device', json(nicDevice(nic))]),
    // The shell sees this text only; the file is in the machine's directory.
    ...(incoming ? ['-incoming', 'exec:cat state.bin'] : []),
  ];
};
