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

/**
 * @param {string} directory
 * @param {(name: string, look: () => Promise<[boolean, ...unknown[]]>) => Promise<void>} check
 */
export const killInEveryCall = async (directory, check) => {
  const [image, iso] = [randomUUID(), randomUUID()];
  const file = path.join(directory, 'blank.qcow2');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, '64M']);
  const images = { [image]: file, [iso]: file };
  const driver = openDriver(directory, images);
  const ref = { portalId: randomUUID(), backendId: null };
  const volume = { portalId: randomUUID(), backendId: null };
  const snapshot = randomUUID();
  const flavor = { vcpus: 1, memoryMb: 64, rootGb: 1, ephemeralGb: 0, swapMb: 0 };
  const spec = { qcow2: { id: image, backendId: null, diskFormat: 'qcow2' } };
  const create = {
    ...{ portalId: ref.portalId, name: 'killed', tags: [], region: 'R', projectId: 'p', flavor, imageId: image },
    image: spec.qcow2,
    nics: [{ networkId: 'n', networkName: 'n', cidr: '10.40.0.0/24', gatewayIp: '10.40.0.1' }],
  };
  const grace = { graceSeconds: 1 };
  const large = { ...flavor, memoryMb: 96, rootGb: 2 };
  const blank = { ...volume, projectId: 'p', name: 'v', sizeGb: 1, type: null, source: null };
  /** @type {[name: string, args: any[], wanted: string][]} */
  const calls = [
    ['create', [create], '1'],
    ['suspend', [ref], '7'],
    ['resume', [ref], '1'],
    ['reboot', [ref, { type: 'SOFT', ...grace }], '1'],
    ['stop', [ref, grace], '4'],
    ['start', [ref], '1'],
    ['resize', [ref, large, grace], '1 resized'],
    ['revertResize', [ref, grace], '1'],
    ['resize', [ref, large, grace], '1 resized'],
    ['confirmResize', [ref], '1'],
    ['rescue', [ref, { image: null, iso: false, password: 'p' }], '1 rescued'],
    ['unrescue', [ref], '1'],
    ['rescue', [ref, { image: { id: iso, diskFormat: 'qcow2' }, iso: true, password: null }], '1 rescued'],
    ['unrescue', [ref], '1'],
    ['rebuild', [ref, { key: 'k', name: 'anew', image: spec.qcow2, guest: { rootPassword: 'p' } }], '1'],
    ['snapshot', [ref, { imageId: snapshot, name: 's' }], '1'],
    ['volumes.create', [blank], '1'],
    ['attachVolume', [ref, volume, { device: null }], '1 with 1'],
    ['stop', [ref, grace], '4 with 1'],
    ['detachVolume', [ref, volume], '4'],
    ['volumes.destroy', [volume], '4'],
    ['destroy', [ref], 'gone'],
  ];
  const seen = async () => {
    const view = await driver.get(ref);
    if (!view) return 'gone';
    const volumes = view.volumes?.length ? ` with ${view.volumes.length}` : '';
    return `${view.powerState}${view.mode ? ` ${view.mode}` : ''}${volumes}`;
  };
  for (const [i, [name, args, wanted]] of calls.entries())
    await check(`killed in the middle of ${name}: the next process ends it`, async () => {
      const ends = [];
      for (const ms of [3, 40 + 15 * (i % 5), 300]) {
        ends.push(await killedAfter({ directory, images, name, args }, ms));
        if (machinesWith(ref.portalId).length > 1) return [false, 'two processes', ms];
      }
      await callAndWatch(driver, name, args);
      const machines = machinesWith(ref.portalId).length;
      const found = await seen();
      return [found === wanted && machines === (/^[13]/.test(found) ? 1 : 0), { found, wanted, machines, ends }];
    });
  await check('nothing is left: no process, no file', async () => {
    let state = await driver.getSnapshot?.(ref, { imageId: snapshot, backendId: null });
    for (let n = 0; n < 100 && state?.status === 'saving'; n += 1) {
      await sleep(100);
      state = await driver.getSnapshot?.(ref, { imageId: snapshot, backendId: null });
    }
    await driver.deleteSnapshot?.({ imageId: snapshot, backendId: null });
    await driver.list({ after: null, limit: 10 });
    const left = filesIn(path.join(directory, 'region-R'));
    return [!left.length && !processesWith(ref.portalId).length, left, processesWith(ref.portalId)];
  });
  await driver.close?.();
};
