import { commandOf, networkOf } from './qemu-command.js';
import type { Vm } from './qemu-state.js';

const id = '6f0d9c1e-0000-4000-8000-00000000000a';
const volumeId = '6f0d9c1e-0000-4000-8000-00000000000b';
const vm: Vm = {
  version: 1,
  portalId: id,
  name: 'a,b -name evil',
  size: { vcpus: 2, memoryMb: 512, rootGb: 1 },
  image: { id, file: '/images/x', format: 'qcow2' },
  rootVolume: null,
  nics: [
    {
      id: 'n-0',
      networkId: 'net',
      networkName: 'private',
      mac: '52:54:00:00:00:01',
      address: '10.0.0.5',
      cidr: '10.0.0.0/24',
      gatewayIp: '10.0.0.1',
      portId: null,
      bridge: null,
      forwards: [{ address: '127.0.0.1', port: 22_001, guestPort: 22 }],
      slot: null,
    },
  ],
  disks: [{ volumeId, slot: 3, device: null }],
  former: null,
  rescue: null,
  suspended: false,
  cpu: null,
  rebuilt: null,
  task: null,
  fault: null,
};
const options = {
  dir: '/machines/with,comma',
  acceleration: { accel: 'kvm' as const, cpu: 'host,-arch-capabilities' },
  outbound: false,
  volumeFile: (one: string) => `/volumes/${one}`,
  incoming: false,
};
/** Values of an option, in order. */
const valuesOf = (args: readonly string[], option: string): string[] =>
  args.flatMap((arg, i) => (arg === option ? [args[i + 1] ?? ''] : []));
const parsed = (args: readonly string[], option: string): Record<string, unknown>[] =>
  valuesOf(args, option)
    .filter((value) => value.startsWith('{'))
    .map((value) => JSON.parse(value) as Record<string, unknown>);

describe('the command line of a machine', () => {
  it('has size, processor and id; nothing that a user named', () => {
    const args = commandOf(vm, options);
    expect([valuesOf(args, '-m'), valuesOf(args, '-smp'), valuesOf(args, '-uuid')]).toEqual([['512'], ['2'], [id]]);
    expect(valuesOf(args, '-cpu')).toEqual(['host,-arch-capabilities']);
    expect(args.join(' ')).not.toContain('evil');
  });
  it('a comma in a path is no other option: paths are in JSON', () => {
    const args = commandOf(vm, options);
    const root = parsed(args, '-blockdev').find((node) => node['node-name'] === 'root');
    expect(root).toMatchObject({ driver: 'qcow2', file: { filename: '/machines/with,comma/disk.qcow2' } });
    expect(args.filter((arg) => arg.includes('with,comma') && !arg.startsWith('{'))).toEqual([]);
  });
  it('a volume has its slot and its serial number, an interface its forward', () => {
    const args = commandOf(vm, options);
    expect(parsed(args, '-device')).toContainEqual(
      expect.objectContaining({ driver: 'virtio-blk-pci', serial: volumeId.slice(0, 20), bus: 'slot3' }),
    );
    expect(parsed(args, '-netdev')).toEqual([
      {
        type: 'user',
        id: 'n-0',
        ipv6: false,
        restrict: true,
        net: '10.0.0.0/24',
        host: '10.0.0.1',
        dns: '10.0.0.254',
        dhcpstart: '10.0.0.5',
        hostfwd: [{ str: 'tcp:127.0.0.1:22001-:22' }],
      },
    ]);
  });
  it('a rescue system boots first, an ISO image from a drive of its own', () => {
    const image = { id, file: '/images/rescue', format: 'raw' };
    const system = parsed(commandOf({ ...vm, rescue: { image, iso: false } }, options), '-device');
    expect(system.find((one) => one.id === 'disk-rescue')).toMatchObject({ bootindex: 0 });
    const iso = commandOf({ ...vm, rescue: { image, iso: true } }, options);
    expect(parsed(iso, '-device').find((one) => one.driver === 'ide-cd')).toMatchObject({ bootindex: 0 });
    expect(parsed(iso, '-blockdev')).toContainEqual(
      expect.objectContaining({ 'node-name': 'cidata', dir: '/machines/with,comma/seed-rescue' }),
    );
  });
  it('a volume that is the root disk has its own name and serial number, and boots first', () => {
    const args = commandOf({ ...vm, image: null, rootVolume: id }, options);
    const node = `v-${id.replaceAll('-', '').slice(0, 28)}`;
    expect(parsed(args, '-blockdev')[0]).toMatchObject({ 'node-name': node, file: { filename: `/volumes/${id}` } });
    expect(parsed(args, '-device')).toContainEqual(
      expect.objectContaining({ id: 'disk-root', drive: node, serial: id.slice(0, 20), bootindex: 1 }),
    );
  });
  it('memory is loaded by the machine of the version that saved it; a new boot has the newest', () => {
    const saved = { ...vm, machineType: 'pc-q35-7.2' };
    for (const [incoming, wanted] of [
      [true, 'pc-q35-7.2,accel=kvm'],
      [false, 'q35,accel=kvm'],
    ] as const)
      expect(valuesOf(commandOf(saved, { ...options, incoming }), '-machine')).toEqual([wanted]);
  });
  it('memory is loaded by a text that has nothing of the machine', () => {
    expect(valuesOf(commandOf(vm, { ...options, incoming: true }), '-incoming')).toEqual(['exec:cat state.bin']);
  });
  it.each([
    ['10.0.0.0/24', '10.0.0.1', '10.0.0.254', { host: '10.0.0.1', dns: '10.0.0.253' }],
    ['10.0.0.0/24', null, '10.0.0.1', { host: '10.0.0.2', dns: '10.0.0.254' }],
    ['192.168.7.64/28', '192.168.7.78', '192.168.7.65', { net: '192.168.7.64/28', dns: '192.168.7.77' }],
  ])("addresses of QEMU's own in %s beside %s and %s", (cidr, gateway, address, wanted) => {
    expect(networkOf(cidr, gateway, address)).toMatchObject({ ...wanted, dhcpstart: address });
  });
});
