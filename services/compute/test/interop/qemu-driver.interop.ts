// The QEMU driver with a real QEMU and a guest that boots: `npm run test:interop` runs it. NEFOS_TEST_QEMU is a JSON
// object: a directory for machines, `disk` and `iso`, images of a guest (scripts/interop/qemu-guest.mjs).
import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ComputeDriver, InstanceSpec, Ref } from '../../src/ports/driver.js';
import { boundedDriver } from '../../src/ports/drivers/bounded-driver.js';
import { qemuKind } from '../../src/ports/drivers/qemu-kind.js';
import { driverConformance } from '../ports/driver-conformance.js';
import { volumesConformance } from '../ports/volumes-conformance.js';
import { pino } from 'pino';

const given = JSON.parse(process.env.NEFOS_TEST_QEMU ?? '{}') as { directory: string; disk: string; iso: string };
const log = pino({ level: 'silent' });
const [disk, iso] = [randomUUID(), randomUUID()];
const files: Record<string, string> = { [disk]: given.disk, [iso]: given.iso };
const open = (): ComputeDriver =>
  boundedDriver(
    qemuKind.create({
      region: 'R',
      settings: qemuKind.settings.parse({ forward_ports: { first: 21_600, last: 21_699 }, vcpus: 100 }),
      log,
      process: { NEFOS_COMPUTE_QEMU_DIR: given.directory },
      imageFile: (id) => Promise.resolve(files[id] ?? null),
    }),
  );
const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

describe('the QEMU driver and a real QEMU', () => {
  jest.setTimeout(240_000);
  let driver: ComputeDriver;
  const spec = (more: Partial<InstanceSpec> = {}): InstanceSpec => ({
    portalId: randomUUID(),
    name: 'nefos-interop',
    tags: [],
    region: 'R',
    projectId: 'project',
    flavor: { vcpus: 1, memoryMb: 192, rootGb: 1, ephemeralGb: 0, swapMb: 0 },
    imageId: disk,
    image: { id: disk, diskFormat: 'qcow2' },
    nics: [{ networkId: 'network', networkName: 'private', cidr: '10.30.0.0/24', gatewayIp: '10.30.0.1' }],
    ...more,
  });
  const destroyAll = async (): Promise<void> => {
    for (const { ref } of await driver.list({ after: null, limit: 1000 })) await driver.destroy(ref);
    for (const ref of (await driver.volumes?.list({ after: null, limit: 1000 })) ?? [])
      await driver.volumes?.destroy(ref);
  };
  /** Processes whose arguments have the machine's id. */
  const processesOf = ({ portalId }: Ref): string[] =>
    readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes(portalId);
      } catch {
        return false;
      }
    });
  const rests = async (ref: Ref) => {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
      const view = await driver.get(ref);
      if (!view || view.taskHint === undefined) return view;
    }
    throw new Error('the machine does not come to rest');
  };
  const running = async (more?: Partial<InstanceSpec>): Promise<Ref> => {
    const ref = await driver.create(spec(more));
    expect(await rests(ref)).toMatchObject({ powerState: 1 });
    return ref;
  };
  /** The guest says it on its serial console. */
  const says = async (ref: Ref, text: string | RegExp): Promise<string> => {
    for (const end = Date.now() + 90_000; ; await sleep(200)) {
      const seen = await driver.consoleLog(ref, 500);
      if (typeof text === 'string' ? seen.includes(text) : text.test(seen)) return seen;
      if (Date.now() > end) throw new Error(`the guest does not say ${String(text)}:\n${seen}`);
    }
  };
  beforeAll(() => {
    driver = open();
  });
  afterEach(destroyAll);
  afterAll(async () => {
    await driver.close?.();
    const left = readdirSync(path.join(given.directory, 'region-R'), { recursive: true, withFileTypes: true });
    expect(left.filter((one) => one.isFile()).map(({ name }) => name)).toEqual(['acceleration.json']);
  });

  driverConformance('the QEMU driver', () => ({
    driver,
    spec,
    image: { id: disk, diskFormat: 'qcow2' },
    iso: { id: iso, diskFormat: 'iso' },
    booted: (ref) => says(ref, 'guest: is up'),
  }));

  const boots = new Map<string, number>();
  volumesConformance('the QEMU driver', () => ({
    driver,
    spec,
    image: { id: disk, diskFormat: 'qcow2' },
    booted: (ref) => {
      const times = (boots.get(ref.portalId) ?? 0) + 1;
      boots.set(ref.portalId, times);
      return says(ref, new RegExp(`(guest: is up[^]*){${times}}`));
    },
  }));

  it('says whether it is accelerated', async () => {
    expect(await driver.health()).toEqual({
      ok: true,
      detail: expect.stringMatching(/^accelerated: (true|false)/) as string,
    });
  });
  it('keys, password and user data are seen inside; the password goes from the seed once the guest has it', async () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEChrPm4dKJoZ3LdxuqEWwNLn5XoDUJCsd0i0hPnqQ a@b';
    const userData = Buffer.from('#!/bin/sh\necho this is $(hostname)\n');
    const ref = await running({ name: 'Web, one', guest: { sshKeys: [key], rootPassword: 'a secret', userData } });
    const first = await says(ref, 'guest: is up');
    expect(first).toContain(`guest: key ${key}`);
    expect(first).toContain('guest: script: this is web-one');
    expect(first).toContain('guest: the seed has a password');
    await driver.stop(ref, { graceSeconds: 60 });
    expect((await rests(ref))?.powerState).toBe(4);
    await driver.start(ref);
    await says(ref, 'guest: the seed has no password');
  });
  it('a volume and an interface come and go while the guest runs', async () => {
    const ref = await running();
    await says(ref, 'guest: is up');
    const volume = { portalId: randomUUID(), backendId: null };
    await driver.volumes?.create({ ...volume, projectId: 'p', name: 'v', sizeGb: 1, type: null, source: null });
    const serial = volume.portalId.slice(0, 20);
    for (const _time of [1, 2])
      expect(await driver.attachVolume?.(ref, volume, { device: null })).toBe(`/dev/disk/by-id/virtio-${serial}`);
    await says(ref, `has come, serial ${serial}, sectors 2097152`);
    await driver.volumes?.extend(volume, 2);
    await says(ref, 'has sectors 4194304');
    await expect(driver.volumes?.destroy(volume)).rejects.toMatchObject({ code: 'CONFLICT' });
    for (const _time of [1, 2]) await driver.detachVolume?.(ref, volume);
    await says(ref, /guest: disk vd. has gone/);
    const port = { portId: randomUUID(), networkId: 'other', networkName: 'other', cidr: '10.31.0.0/24' };
    for (const _time of [1, 2]) await driver.attachPort?.(ref, port);
    await says(ref, 'guest: address of eth1 10.31.0.');
    const mac = (await driver.get(ref))?.addresses[1]?.mac ?? '';
    for (const _time of [1, 2]) await driver.detachPort?.(ref, { portId: port.portId, portBackendId: null, mac });
    await says(ref, 'guest: interface eth1 has gone');
    await driver.volumes?.destroy(volume);
  });
  const blank = async () => {
    const volume = { portalId: randomUUID(), backendId: null };
    await driver.volumes?.create({ ...volume, projectId: 'p', name: 'v', sizeGb: 1, type: null, source: null });
    return { ...volume, serial: `serial ${volume.portalId.slice(0, 20)}` };
  };
  it('after a suspension devices come and go, also those from before, and it shuts down when it is asked', async () => {
    const ref = await running();
    const port = { portId: randomUUID(), networkId: 'other', networkName: 'other', cidr: '10.31.0.0/24' };
    const sleepAndWake = async (): Promise<void> => {
      await driver.suspend(ref);
      expect(await rests(ref)).toMatchObject({ powerState: 7 });
      await driver.resume(ref);
      expect(await rests(ref)).toMatchObject({ powerState: 1 });
    };
    await says(ref, 'guest: is up');
    const [before, after] = [await blank(), await blank()];
    await driver.attachVolume?.(ref, before, { device: null });
    await says(ref, `has come, ${before.serial}`);
    await sleepAndWake();
    await driver.attachVolume?.(ref, after, { device: null });
    await says(ref, `has come, ${after.serial}`);
    await driver.volumes?.extend(before, 2);
    await says(ref, 'disk vdc has sectors 4194304');
    await driver.attachPort?.(ref, port);
    await says(ref, 'guest: address of eth1 10.31.0.');
    await sleepAndWake();
    await driver.detachVolume?.(ref, before);
    await says(ref, 'disk vdc has gone');
    await driver.detachVolume?.(ref, after);
    await says(ref, 'disk vdd has gone');
    const mac = (await driver.get(ref))?.addresses[1]?.mac ?? '';
    await driver.detachPort?.(ref, { portId: port.portId, portBackendId: null, mac });
    await says(ref, 'guest: interface eth1 has gone');
    await driver.resize?.(ref, { ...spec().flavor, memoryMb: 256 }, { graceSeconds: 60 });
    expect(await rests(ref)).toMatchObject({ powerState: 1, mode: 'resized' });
    await says(ref, 'the power button is pressed');
  });
  it('while the guest boots: a volume that comes is there then; one that goes is asked for until it hears', async () => {
    const [coming, going] = [await blank(), await blank()];
    const ref = await running({ volumes: [{ volume: going, device: null, boot: false }] });
    await driver.attachVolume?.(ref, coming, { device: null });
    await driver.detachVolume?.(ref, going);
    expect((await driver.get(ref))?.volumes?.map(({ portalId }) => portalId)).toEqual([coming.portalId]);
    expect(await says(ref, 'guest: is up')).toMatch(/boots with vda vdb .*vd[cd]/);
    await says(ref, 'tick 5');
    const from = (await driver.consoleLog(ref, 500)).length;
    await driver.detachVolume?.(ref, coming);
    await says(ref, new RegExp(`^[^]{${from}}[^]*disk vd[cd] has gone`));
  });
  it('a paused guest lets nothing go, which is said at once, and what it has stays', async () => {
    const volume = await blank();
    const ref = await running({ volumes: [{ volume, device: null, boot: false }] });
    await driver.pause(ref);
    await expect(driver.detachVolume?.(ref, volume)).rejects.toMatchObject({ code: 'GUEST' });
    await driver.unpause(ref);
    await says(ref, 'tick 5');
    expect(await driver.consoleLog(ref, 100)).not.toContain('has gone');
    await driver.detachVolume?.(ref, volume);
    await says(ref, 'disk vdc has gone');
  });
  it('a volume that went back to a snapshot is seen as it was; a machine that went back to its size, too', async () => {
    const ref = await running();
    await says(ref, 'guest: is up');
    const volume = await blank();
    const snapshot = { portalId: randomUUID(), backendId: null };
    await driver.volumes?.createSnapshot(volume, { ...snapshot, name: 's' });
    await driver.attachVolume?.(ref, volume, { device: null });
    await says(ref, /disk vdc says \r?\n/);
    await sleep(1500); // it writes on the disk now
    await driver.detachVolume?.(ref, volume);
    await says(ref, 'disk vdc has gone');
    await driver.attachVolume?.(ref, volume, { device: null });
    await says(ref, 'disk vdc says written at boot 1');
    await driver.detachVolume?.(ref, volume);
    await driver.volumes?.revert(volume, snapshot);
    await driver.resize?.(ref, { ...spec().flavor, memoryMb: 256 }, { graceSeconds: 60 });
    expect(await rests(ref)).toMatchObject({ mode: 'resized' });
    await driver.revertResize?.(ref, { graceSeconds: 0 });
    expect((await rests(ref))?.mode).toBeUndefined();
    await says(ref, /(guest: is up[^]*){2}/);
    await driver.attachVolume?.(ref, volume, { device: null });
    await says(ref, /(disk vdc says \r?\n[^]*){2}/);
    await driver.detachVolume?.(ref, volume);
    await driver.volumes?.destroySnapshot(volume, snapshot);
  });
  it('consoles: RFB, and the bytes of the serial port', async () => {
    const ref = await running();
    const vnc = await driver.connectConsole?.(ref, 'vnc');
    expect(String(await new Promise((resolve) => vnc?.once('data', resolve)))).toMatch(/^RFB 003\.\d{3}\n$/);
    vnc?.destroy();
    const serial = await driver.connectConsole?.(ref, 'serial');
    expect(await new Promise((resolve) => serial?.once('data', resolve))).toBeTruthy();
    serial?.destroy();
  });
  it('its process has nothing of the environment of compute', async () => {
    const [pid = ''] = processesOf(await running());
    const names = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').filter(Boolean);
    expect(names.filter((one) => !/^(PATH|LANG|TMPDIR)=/.test(one))).toEqual([]);
  });
  it('the password goes from the seed while the guest runs, once its agent answers', async () => {
    const ref = await running({ guest: { rootPassword: 'a secret of the guest' } });
    const seed = path.join(given.directory, 'region-R', 'machines', ref.portalId);
    expect(readFileSync(path.join(seed, 'seed', 'user-data'), 'utf8')).toContain('a secret');
    await says(ref, 'guest: the seed has a password');
    for (const end = Date.now() + 90_000; existsSync(path.join(seed, 'seed-later')) && Date.now() < end;)
      await sleep(200);
    expect(readFileSync(path.join(seed, 'seed', 'user-data'), 'utf8')).not.toContain('a secret');
    // The guest boots again without that its process ends.
    await driver.reboot(ref, { type: 'HARD', graceSeconds: 0 });
    await says(ref, 'guest: the seed has no password');
  });
  it('a rescue system with a larger disk than the machine is refused; the machine runs on', async () => {
    const ref = await running();
    const large = randomUUID();
    const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'nefos-qemu-')), 'large');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, '2000G']);
    files[large] = file;
    const rescue = { image: { id: large, diskFormat: 'qcow2' }, iso: false, password: null };
    await expect(driver.rescue?.(ref, rescue)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    const flavor = { ...spec().flavor, rootGb: 0 };
    await expect(driver.create(spec({ flavor, image: rescue.image }))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    rmSync(path.dirname(file), { recursive: true });
    expect(await rests(ref)).toMatchObject({ powerState: 1 });
  });
  it('a process of QEMU that is killed leaves a machine that is off, and starts again', async () => {
    const ref = await running();
    const [pid] = processesOf(ref);
    process.kill(Number(pid), 'SIGKILL');
    for (const end = Date.now() + 5000; processesOf(ref).length && Date.now() < end;) await sleep(50);
    expect((await driver.get(ref))?.powerState).toBe(4);
    await driver.start(ref);
    expect((await rests(ref))?.powerState).toBe(1);
    expect(processesOf(ref)).toHaveLength(1);
  });
});
