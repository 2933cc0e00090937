// @ts-check
// The QEMU driver's process is killed in the middle of every call; the call is repeated by another process. The machine
// is as wanted then, there once, and nothing is left after its deletion.
import { spawn, execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../lib/prepare.mjs';
import { callAndWatch, openDriver } from './qemu-worker.mjs';

/** Processes that have the text in their arguments. @param {string} text */
export const processesWith = (text) =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
/** QEMU's processes with the machine. @param {string} id */
export const machinesWith = (id) =>
  processesWith(id).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('qemu-system'));
/** @param {string} dir */
export const filesIn = (dir) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((one) => !one.isDirectory() && one.name !== 'acceleration.json')
    .map(({ name }) => name);

/** Runs a call in a process of its own, and kills that. @param {object} work @param {number} ms after it has begun */
const killedAfter = (work, ms) =>
  new Promise((resolve) => {
    const worker = path.join(root, 'scripts/interop/qemu-worker.mjs');
    const child = spawn(process.execPath, [worker, JSON.stringify(work)], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), ms));
    child.once('exit', (code) => resolve(code === null ? 'killed' : 'ended'));
  });

/** @typedef {import('./qemu-worker.mjs').Driver} Driver */
/** @typedef {(name: string, look: () => Promise<[boolean, ...unknown[]]>) => Promise<void>} Check */
/**
 * A call, and what is seen after it.
 * @typedef {[name: string, args: any[], wanted: string, seen?: () => Promise<string>]} Call
 */
const named = () => ({ portalId: randomUUID(), backendId: null });
const grace = { graceSeconds: 1 };
const flavor = { vcpus: 1, memoryMb: 64, rootGb: 1, ephemeralGb: 0, swapMb: 0 };
const NIC = { networkId: 'n', networkName: 'n', cidr: '10.40.0.0/24', gatewayIp: '10.40.0.1' };

/** @param {Driver} driver */
const lookingAt = (driver) => {
  const { volumes } = driver;
  if (!volumes) throw new Error('the driver has volumes');
  /** @param {() => Promise<{ status: string, sizeGb?: number } | null>} look */
  const stored = async (look) => {
    for (const end = Date.now() + 30_000; ; await sleep(100)) {
      const view = await look();
      if (!view) return 'gone';
      if (!['busy', 'saving'].includes(view.status) || Date.now() > end)
        return `${view.status}${view.sizeGb === undefined ? '' : ` ${view.sizeGb} GB`}`;
    }
  };
  return {
    /** Power state, mode, volumes, addresses. @param {{ portalId: string, backendId: null }} ref */
    machine: async (ref) => {
      const view = await driver.get(ref);
      if (!view) return 'gone';
      const has = (/** @type {number | undefined} */ n, /** @type {string} */ what) => (n ? `, ${n} ${what}` : '');
      const more = `${has(view.volumes?.length, 'volume')}${has(view.addresses.length - 1, 'address more')}`;
      return `${view.powerState}${view.mode ? ` ${view.mode}` : ''}${more}`;
    },
    volume: (/** @type {any} */ ref) => () => stored(() => volumes.get(ref)),
    snapshot: (/** @type {any} */ ref, /** @type {any} */ of) => () => stored(() => volumes.getSnapshot(of, ref)),
    backup: (/** @type {any} */ ref) => () => stored(() => volumes.getBackup(ref)),
    image: (/** @type {string} */ imageId) => async () =>
      await stored(async () => (await driver.getSnapshot?.(named(), { imageId, backendId: null })) ?? null),
  };
};

/**
 * @param {string} directory
 * @param {string} guest image of a guest that shuts down when it is asked, and lets devices go
 * @param {Check} check
 */
export const killInEveryCall = async (directory, guest, check) => {
  const [image, iso, system] = [randomUUID(), randomUUID(), randomUUID()];
  const file = path.join(directory, 'blank.qcow2');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, '64M']);
  const images = { [image]: file, [iso]: file, [system]: guest };
  const driver = openDriver(directory, images);
  const see = lookingAt(driver);
  const [ref, volume, filled, clone, backup, data] = [named(), named(), named(), named(), named(), named()];
  const [onVolume, real] = [named(), named()];
  const snapshots = [named(), named()];
  const [made, uploaded] = [randomUUID(), randomUUID()];
  const [port, other] = [randomUUID(), randomUUID()].map((portId) => ({
    ...NIC,
    portId,
    mac: `52:54:00:aa:bb:${portId.slice(0, 2)}`,
  }));
  const spec = (/** @type {string} */ id) => ({ id, backendId: null, diskFormat: 'qcow2' });
  const create = (/** @type {{ portalId: string }} */ { portalId }, more = {}) => ({
    ...{ portalId, name: 'killed', tags: [], region: 'R', projectId: 'p', flavor, imageId: image, image: spec(image) },
    nics: [NIC],
    ...more,
  });
  const onDisk = { imageId: null, image: null, volumes: [{ volume: filled, device: null, boot: true }] };
  const large = { ...flavor, memoryMb: 96, rootGb: 2 };
  const store = (/** @type {object} */ one, source = /** @type {any} */ (null)) => ({
    ...{ projectId: 'p', name: 'v', sizeGb: 1, type: null, source },
    ...one,
  });
  const gone = (/** @type {any} */ { portId, mac }) => ({ portId, portBackendId: null, mac });
  const rescue = { image: spec(iso), password: null };

  /** @type {Call[]} */
  const calls = [
    ['create', [create(ref)], '1'],
    ['pause', [ref], '3'],
    ['unpause', [ref], '1'],
    ['suspend', [ref], '7'],
    ['resume', [ref], '1'],
    ['reboot', [ref, { type: 'SOFT', ...grace }], '1'],
    ['reboot', [ref, { type: 'HARD', ...grace }], '1'],
    ['stop', [ref, grace], '4'],
    ['start', [ref], '1'],
    ['resize', [ref, large, grace], '1 resized'],
    ['revertResize', [ref, grace], '1'],
    ['resize', [ref, large, grace], '1 resized'],
    ['confirmResize', [ref], '1'],
    ['rescue', [ref, { image: null, iso: false, password: 'p' }], '1 rescued'],
    ['unrescue', [ref], '1'],
    ['rescue', [ref, { ...rescue, iso: true }], '1 rescued'],
    ['unrescue', [ref], '1'],
    ['rebuild', [ref, { key: 'k', name: 'anew', image: spec(image), guest: { rootPassword: 'p' } }], '1'],
    ['snapshot', [ref, { imageId: made, name: 's' }], 'active', see.image(made)],
    ['deleteSnapshot', [{ imageId: made, backendId: null }], 'gone', see.image(made)],
    ['attachPort', [ref, port], '1, 1 address more'],
    ['volumes.create', [store(volume)], 'ready 1 GB', see.volume(volume)],
    ['attachVolume', [ref, volume, { device: null }], '1, 1 volume, 1 address more'],
    ['volumes.extend', [volume, 2], 'ready 2 GB', see.volume(volume)],
    [
      'volumes.createSnapshot',
      [volume, { ...snapshots[0], name: 's' }],
      'ready 2 GB',
      see.snapshot(snapshots[0], volume),
    ],
    ['volumes.destroySnapshot', [volume, snapshots[0]], 'gone', see.snapshot(snapshots[0], volume)],
    ['volumes.createBackup', [volume, { ...backup, name: 'b', parent: null }], 'ready 2 GB', see.backup(backup)],
    ['volumes.destroyBackup', [backup], 'gone', see.backup(backup)],
    ['stop', [ref, grace], '4, 1 volume, 1 address more'],
    ['detachVolume', [ref, volume], '4, 1 address more'],
    ['detachPort', [ref, gone(port)], '4'],
    ['volumes.extend', [volume, 3], 'ready 3 GB', see.volume(volume)],
    [
      'volumes.createSnapshot',
      [volume, { ...snapshots[1], name: 's' }],
      'ready 3 GB',
      see.snapshot(snapshots[1], volume),
    ],
    ['volumes.revert', [volume, snapshots[1]], 'ready 3 GB', see.volume(volume)],
    ['volumes.create', [store({ ...clone, sizeGb: 3 }, { volume })], 'ready 3 GB', see.volume(clone)],
    ['volumes.destroy', [clone], 'gone', see.volume(clone)],
    ['volumes.destroySnapshot', [volume, snapshots[1]], 'gone', see.snapshot(snapshots[1], volume)],
    ['volumes.createBackup', [volume, { ...backup, name: 'b', parent: null }], 'ready 3 GB', see.backup(backup)],
    ['volumes.restoreBackup', [backup, volume], 'ready 3 GB', see.volume(volume)],
    ['volumes.upload', [volume, { imageId: uploaded, name: 'u', diskFormat: 'qcow2' }], 'active', see.image(uploaded)],
    ['deleteSnapshot', [{ imageId: uploaded, backendId: null }], 'gone', see.image(uploaded)],
    ['volumes.destroyBackup', [backup], 'gone', see.backup(backup)],
    ['volumes.create', [store(filled, { image: spec(image) })], 'ready 1 GB', see.volume(filled)],
    ['create', [create(onVolume, onDisk)], '1, 1 volume'],
    ['resize', [onVolume, large, grace], '1 resized, 1 volume'],
    ['revertResize', [onVolume, grace], '1, 1 volume'],
    ['destroy', [onVolume], 'gone'],
    ['volumes.destroy', [filled], 'gone', see.volume(filled)],
    ['volumes.destroy', [volume], 'gone', see.volume(volume)],
    ['destroy', [ref], 'gone'],
  ];
  /** With a guest that answers. @type {Call[]} */
  const withGuest = [
    ['setPassword', [real, 'another secret'], '1'],
    ['volumes.create', [store(data)], 'ready 1 GB', see.volume(data)],
    ['attachVolume', [real, data, { device: null }], '1, 1 volume'],
    ['detachVolume', [real, data], '1'],
    ['attachPort', [real, other], '1, 1 address more'],
    ['detachPort', [real, gone(other)], '1'],
    ['suspend', [real], '7'],
    ['resume', [real], '1'],
    ['stop', [real, { graceSeconds: 60 }], '4'],
    ['volumes.destroy', [data], 'gone', see.volume(data)],
    ['destroy', [real], 'gone'],
  ];
  /** @param {Call[]} all @param {string} more */
  const killIn = async (all, more) => {
    for (const [i, [name, args, wanted, seen]] of all.entries())
      await check(`killed in the middle of ${name}${more}: the next process ends it`, async () => {
        const target = name === 'create' || !name.includes('.') ? (args[0].portalId ?? ref.portalId) : ref.portalId;
        const ends = [];
        for (const ms of [3, 40 + 15 * (i % 5), 300]) {
          ends.push(await killedAfter({ directory, images, name, args }, ms));
          if (machinesWith(target).length > 1) return [false, 'two processes', ms];
        }
        await callAndWatch(driver, name, args);
        const machines = machinesWith(target).length;
        const state = await see.machine({ portalId: target, backendId: null });
        const found = seen ? await seen() : state;
        return [
          found === wanted && machines === (/^[13]/.test(state) ? 1 : 0),
          { found, wanted, state, machines, ends },
        ];
      });
  };
  await killIn(calls, '');
  const seed = { flavor: { ...flavor, memoryMb: 192 }, imageId: system, image: spec(system) };
  await callAndWatch(driver, 'create', [create(real, seed)]);
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(300))
    if ((await driver.consoleLog(real, 100)).includes('guest: is up')) break;
  await killIn(withGuest, ', with a guest that answers');
  await check('nothing is left: no process, no file', async () => {
    await driver.list({ after: null, limit: 10 });
    const left = filesIn(path.join(directory, 'region-R'));
    const running = [ref, onVolume, real].flatMap(({ portalId }) => processesWith(portalId));
    return [!left.length && !running.length, left, running];
  });
  await driver.close?.();
};
