import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { fakeQemuImg, hostUnder } from '../../../test/ports/qemu-host.js';
import type { InstanceSpec } from '../driver.js';
import { createCreator } from './qemu-create.js';
import { childEnv } from './qemu-env.js';
import type { QemuHost } from './qemu-host.js';
import { capacityFor, reserveRoom, roomOf } from './qemu-hosts.js';
import { createOverlay, runQemuImg, UNSIZED_GB } from './qemu-img.js';
import { createImageFinder } from './qemu-images.js';
import { readVm } from './qemu-machines.js';
import { makeNic, releaseAll, takeForwards } from './qemu-network.js';
import type { Rescue, Size, Task } from './qemu-state.js';
import { claimVolume } from './qemu-volume-attachments.js';
import { readVolume, saveVolume, volumeFile } from './qemu-volume-files.js';
import { createVolumeDriver } from './qemu-volumes.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-qemu-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const program = (gb: number): string => fakeQemuImg(dir, gb, 'env) env ;;');
const hostIn = (settings: object): QemuHost => {
  const host = hostUnder(path.join(dir, 'region'), { settings: { vcpus: 100, memory_mb: 100_000, ...settings } });
  return { ...host, images: createImageFinder(host.places, () => Promise.resolve(null), 'qemu-img') };
};
const volumeSpec = (sizeGb: number) => ({
  ...{ portalId: randomUUID(), projectId: 'p', name: 'v', type: null, source: null },
  sizeGb,
});
type More = { rescue?: Rescue | null; task?: Task | null; former?: Size | null };
const machine = (host: QemuHost, rootGb: number, more: More = {}): void => {
  const portalId = randomUUID();
  mkdirSync(host.places.machine(portalId), { recursive: true });
  const size = { vcpus: 1, memoryMb: 64, rootGb };
  const vm = { version: 1, portalId, size, former: null, rescue: null, task: null, disks: [], nics: [], ...more };
  writeFileSync(path.join(host.places.machine(portalId), 'vm.json'), JSON.stringify(vm));
};

describe('the size of a disk', () => {
  const image = { file: '/image', format: 'qcow2' };
  it.each([
    [5, 5, undefined, 'is made'],
    [6, 5, undefined, 'needs a disk of 6 GB'],
    [UNSIZED_GB, 0, undefined, 'is made'],
    [UNSIZED_GB + 1, 0, undefined, `more than ${UNSIZED_GB} GB`],
    [100_000, 0, 3, 'needs a disk of 100000 GB, more than 3 GB'],
    [3, 0, 3, 'is made'],
  ])('an image of %d GB for a disk of %d GB, of %p at most: %s', async (has, gb, mostGb, outcome) => {
    const made = createOverlay(program(has), '/disk', { image, gb, ...(mostGb !== undefined && { mostGb }) });
    if (outcome !== 'is made') return expect(made).rejects.toThrow(outcome);
    await made;
    return expect(readFileSync(`${dir}/asked`, 'utf8')).toContain(`-- /disk ${Math.max(has, gb) * 1024 ** 3}\n`);
  });
  it('the disk of a rescue system counts as the one of its machine, also while it is being made', async () => {
    const host = hostIn({ disk_gb: 100 });
    const rescue = { image: { id: 'i', ...image }, iso: false };
    machine(host, 5);
    machine(host, 7, { rescue });
    machine(host, 11, { task: { kind: 'rescue', rescue } });
    machine(host, 13, { rescue: { ...rescue, iso: true } });
    machine(host, 0);
    const { used, fitsDisk } = await roomOf(host);
    const all = 5 + 7 * 2 + 11 * 2 + 13 + UNSIZED_GB;
    expect([used.localGb, fitsDisk(100 - all), fitsDisk(100 - all + 1)]).toEqual([all, true, false]);
    const flavor = { vcpus: 1, memoryMb: 64, rootGb: 0, ephemeralGb: 0, swapMb: 0 };
    expect(await capacityFor(host, flavor)).toBe(Math.floor((100 - all) / UNSIZED_GB));
  });
});
describe('programs of the driver', () => {
  it('get nothing of the environment of compute but what they need', async () => {
    const before = { ...process.env };
    process.env.NEFOS_SECRET_KEYS = 'a secret';
    try {
      const names = (await runQemuImg(program(1), ['env'])).split('\n').map((line) => line.split('=')[0] ?? '');
      expect(names).toContain('PATH');
      // What a shell sets for itself.
      expect(
        names.filter((name) => name && !['PATH', 'LANG', 'TMPDIR', 'PWD', 'SHLVL', '_', 'OLDPWD'].includes(name)),
      ).toEqual([]);
    } finally {
      process.env = before;
    }
    expect(childEnv({ PATH: '/bin', TMPDIR: '/t', DATABASE_URL: 'x' })).toEqual({
      PATH: '/bin',
      LANG: 'C',
      TMPDIR: '/t',
    });
  });
});

describe('room', () => {
  const spec = (more: Partial<InstanceSpec> = {}): InstanceSpec => ({
    portalId: randomUUID(),
    name: 'vm',
    tags: [],
    region: 'R',
    projectId: 'p',
    flavor: { vcpus: 1, memoryMb: 64, rootGb: 5, ephemeralGb: 0, swapMb: 0 },
    imageId: null,
    image: { id: randomUUID(), diskFormat: 'qcow2' },
    nics: [],
    ...more,
  });
  it('is taken by one of two that ask at once, before anything of it is written down', async () => {
    const host = hostIn({ disk_gb: 9 });
    const size = { vcpus: 1, memoryMb: 64, rootGb: 5 };
    const ids = [randomUUID(), randomUUID()];
    const asked = await Promise.allSettled(ids.map((id) => reserveRoom(host, id, size)));
    expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await roomOf(host)).used).toEqual({ vcpus: 1, memoryMb: 64, localGb: 5 });
    // The same one again, after its process has died.
    const winner = ids[asked.findIndex(({ status }) => status === 'fulfilled')] ?? '';
    await reserveRoom(host, winner, size);
    expect((await roomOf(host)).used.localGb).toBe(5);
    await expect(createVolumeDriver(host).create(volumeSpec(5))).rejects.toMatchObject({ code: 'NO_CAPACITY' });
  });
  it('a machine that starts from a volume takes no disk beside it; a volume that is not there leaves nothing', async () => {
    const host = { ...hostIn({ forward_to: [], disk_gb: 7 }), qemuImg: program(1) };
    const create = createCreator(host, () => true);
    const volume = { portalId: randomUUID(), backendId: null };
    const wanted = spec({ imageId: null, image: null, volumes: [{ volume, device: null, boot: true }] });
    await expect(create(wanted)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(existsSync(host.places.machine(wanted.portalId))).toBe(false);
    mkdirSync(host.places.volume(volume.portalId), { recursive: true });
    await saveVolume(host, { version: 1, portalId: volume.portalId, sizeGb: 6, machine: null, source: null });
    writeFileSync(volumeFile(host, volume.portalId), '');
    // There is no QEMU to start; all before that is done.
    await expect(create(wanted)).rejects.toThrow();
    expect((await readVolume(host, volume.portalId))?.machine).toBe(wanted.portalId);
    expect(await readVm(host, wanted.portalId)).toMatchObject({ rootVolume: volume.portalId, image: null, disks: [] });
    expect((await roomOf(host)).used.localGb).toBe(6);
  });
  it('counts what snapshots, a resize, a restore, copies and suspended memory keep', async () => {
    const host = hostIn({ disk_gb: 1000 });
    const used = async (): Promise<number> => (await roomOf(host)).used.localGb;
    const gib = 1024 ** 3;
    const sized = (file: string, bytes: number): void => {
      mkdirSync(path.dirname(file), { recursive: true });
      execFileSync('fallocate', ['-l', String(bytes), file]);
    };
    // 5 GB, and the 3 GB of before until the resize is confirmed.
    machine(host, 5, { former: { vcpus: 1, memoryMb: 64, rootGb: 3 } });
    expect(await used()).toBe(8);
    const id = randomUUID();
    mkdirSync(host.places.volume(id), { recursive: true });
    const volume = { version: 1 as const, portalId: id, sizeGb: 10, machine: null, source: null };
    await saveVolume(host, { ...volume, snapshots: { a: 10, b: 7 } });
    expect(await used()).toBe(8 + 27);
    writeFileSync(volumeFile(host, id), '');
    await saveVolume(host, { ...volume, source: { file: '/backup', format: 'qcow2' } });
    expect(await used()).toBe(8 + 20);
    // One that is being made counts as a whole, one that is there as what is written.
    const backup = path.join(host.places.backups, randomUUID());
    mkdirSync(host.places.backups, { recursive: true });
    writeFileSync(`${backup}.job`, JSON.stringify({ gb: 10, pid: 1 }));
    writeFileSync(`${backup}.part`, 'x');
    expect(await used()).toBe(8 + 20 + 10);
    sized(backup, 600 * 1024 ** 2);
    expect(await used()).toBe(8 + 20);
    const [one = ''] = readdirSync(host.places.machines);
    sized(path.join(host.places.machine(one), 'state.bin'), 600 * 1024 ** 2);
    expect(await used()).toBe(8 + 20 + Math.floor((1200 * 1024 ** 2) / gib));
  });
  it("volumes at a create are the machine's, and are given back when it can not be made", async () => {
    const image = path.join(dir, 'image');
    writeFileSync(image, '');
    const host = { ...hostIn({ forward_to: [] }), qemuImg: program(1) };
    const images = createImageFinder(host.places, () => Promise.resolve(image), host.qemuImg);
    const id = randomUUID();
    const volume = { version: 1 as const, portalId: id, sizeGb: 1, machine: null, source: null };
    mkdirSync(host.places.volume(id), { recursive: true });
    await saveVolume(host, volume);
    writeFileSync(volumeFile(host, id), '');
    const nics = [{ networkId: 'n', networkName: 'n', cidr: '10.0.0.0/30', fixedIps: ['10.0.0.2'] }];
    const wanted = spec({ nics, volumes: [{ volume: { portalId: id, backendId: null }, device: null, boot: false }] });
    const create = createCreator({ ...host, images }, () => true);
    // There is no QEMU to start; all before that is done.
    await expect(create(wanted)).rejects.toThrow();
    expect((await readVolume(host, id))?.machine).toBe(wanted.portalId);
    expect((await readVm(host, wanted.portalId))?.disks).toMatchObject([{ volumeId: id, slot: 0 }]);
    expect(existsSync(path.join(host.places.machine(wanted.portalId), 'size.json'))).toBe(false);
    const second = spec({ nics, volumes: wanted.volumes ?? [] });
    await expect(create(second)).rejects.toMatchObject({ code: 'CONFLICT' });
    rmSync(host.places.machine(wanted.portalId), { recursive: true });
    await saveVolume(host, { ...volume, machine: wanted.portalId });
    // Of a machine whose process died before it wrote that down, and that was deleted since.
    await claimVolume(host, second.portalId, id);
    expect((await readVolume(host, id))?.machine).toBe(second.portalId);
  });
});
describe('addresses', () => {
  it("an empty file, of a process that died between two lines, is nobody's", async () => {
    const host = hostIn({});
    const id = randomUUID();
    const nic = { networkId: 'n', networkName: 'n', cidr: '10.0.0.0/29', fixedIps: ['10.0.0.3'] };
    const { address } = await makeNic(host, id, nic, '0');
    const [network = ''] = readdirSync(host.places.addresses);
    for (const left of ['', '../x', 'a b']) {
      writeFileSync(path.join(host.places.addresses, network, '10.0.0.3'), left);
      expect((await makeNic(host, id, nic, '0')).address).toBe(address);
    }
    // All of them are left empty: the region can still make machines.
    for (let last = 1; last < 8; last += 1)
      writeFileSync(path.join(host.places.addresses, network, `10.0.0.${last}`), '');
    const { fixedIps: _any, ...any } = nic;
    expect((await makeNic(host, id, any, '1')).address).toMatch(/^10\.0\.0\./);
    mkdirSync(host.places.ports, { recursive: true });
    for (let port = 22_000; port < 22_003; port += 1) writeFileSync(path.join(host.places.ports, String(port)), '');
    expect(await takeForwards(host, id)).toHaveLength(1);
    await releaseAll(host, id);
    expect([host.places.ports, path.join(host.places.addresses, network)].flatMap((at) => readdirSync(at))).toEqual([]);
  });
});
