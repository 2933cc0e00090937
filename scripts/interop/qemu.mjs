// @ts-check
// The QEMU driver with real machines: the conformance suite of all drivers, its process killed in every call, then a
// whole Nefos with a region of this host, whose compute is killed in the middle.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from '../lib/prepare.mjs';
import { startPrivateStack } from '../lib/private-stack.mjs';
import { runConformance } from './conformance.mjs';
import { tryBridge, whyNoBridge } from './qemu-bridge.mjs';
import { buildGuest, whyNoGuest } from './qemu-guest.mjs';
import { filesIn, killInEveryCall, machinesWith } from './qemu-kills.mjs';

/** @typedef {import('./reporter.mjs').Check} Check */
const exec = promisify(execFile);
const SUITE = 'services/compute/test/interop/qemu-driver.interop.ts';
const REGION = 'Here';
const STAFF = '/staffapi/openstack';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEChrPm4dKJoZ3LdxuqEWwNLn5XoDUJCsd0i0hPnqQ a@b';
const PASSWORD = 'a secret of the guest';

/** @param {import('../lib/private-stack.mjs').PrivateStack} stack */
const clientOf = (stack) => {
  const { token } = stack.credentials.compute.staff;
  /**
   * @param {string} method @param {string} at @param {object} [body]
   * @returns {Promise<{ status: number, body: any, headers: Headers }>}
   */
  const call = async (method, at, body) => {
    for (let attempt = 1; ; attempt += 1) {
      const res = await fetch(stack.gateway + STAFF + at, {
        method,
        headers: { Authorization: `Token ${token}`, 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await res.text();
      // Compute is being started again.
      if ([502, 503].includes(res.status) && attempt < 60) await sleep(500);
      else return { status: res.status, body: text ? JSON.parse(text) : undefined, headers: res.headers };
    }
  };
  /** @param {...string} args */
  const nefos = async (...args) => {
    const env = { PATH: process.env.PATH, NEFOS_START_STATE: stack.state };
    const { stdout } = await exec(process.execPath, ['scripts/nefos.mjs', ...args, '--json'], { cwd: root, env });
    return JSON.parse(stdout);
  };
  /** @param {string} id @param {string} status */
  const comesTo = async (id, status) => {
    let seen;
    for (const end = Date.now() + 120_000; Date.now() < end; await sleep(300)) {
      seen = await call('GET', `/instances/${id}`);
      if (seen.status === (status === 'gone' ? 404 : 200) && status === 'gone') return [true, seen];
      if (seen.body?.status === status && seen.body.task_state === null) return [true, seen.body];
      if (seen.body?.status === 'error') break;
    }
    return [false, seen];
  };
  return { call, nefos, comesTo };
};
/** What the guest says on its serial console, in the directory of its machine. */
const consoleOf = (/** @type {string} */ machines, /** @type {string} */ id) => {
  try {
    return readFileSync(path.join(machines, id, 'console.log'), 'utf8');
  } catch {
    return '';
  }
};
const greetingAt = (/** @type {number} */ port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('data', (data) => resolve(String(data).trim()) ?? socket.destroy());
    socket.on('error', (err) => resolve(err.message));
    socket.on('close', () => resolve('closed'));
  });

/**
 * @param {import('../lib/private-stack.mjs').PrivateStack} stack @param {{ disk: string, iso: string }} guest
 * @param {Check} check
 */
export const useHost = async (stack, guest, check) => {
  const { call, nefos, comesTo } = clientOf(stack);
  const region = path.join(stack.state, 'qemu', `region-${REGION}`);
  const machines = path.join(region, 'machines');
  /** @param {string} id @param {string | RegExp} text @param {number} [from] where in the log */
  const says = async (id, text, from = 0) => {
    for (const end = Date.now() + 120_000; Date.now() < end; await sleep(300)) {
      const seen = consoleOf(machines, id).slice(from);
      if (typeof text === 'string' ? seen.includes(text) : text.test(seen)) return true;
    }
    return consoleOf(machines, id).slice(-3000);
  };
  const flavors = /** @type {Record<string, string>} */ ({});
  let [network, image, iso] = ['', '', ''];
  /** @param {string} kind @param {string} name */
  const idOf = async (kind, name) => {
    const { body } = await call('GET', `/${kind}?page_size=500`);
    return body.objects.find((/** @type {any} */ one) => one.name === name)?.id;
  };
  await check('a region of this host, with flavors, a network, and images that are uploaded', async () => {
    await nefos('region', 'add', REGION, '--driver', 'qemu');
    const driver = { driver: 'qemu', settings: { forward_ports: { first: 21_800, last: 21_899 } } };
    const set = await call('PUT', `/regions/${REGION}/driver`, driver);
    for (const [name, memory, disk] of [
      ['small', '192', '1'],
      ['large', '320', '2'],
    ]) {
      const args = ['--region', REGION, '--vcpus', '1', '--memory', String(memory), '--disk', String(disk)];
      await nefos('flavor', 'add', String(name), ...args);
      flavors[String(name)] = await idOf('flavors', String(name));
    }
    await nefos('network', 'add', 'here', '--region', REGION, '--shared', 'yes');
    network = await idOf('networks', 'here');
    await nefos('subnet', 'add', '10.50.0.0/24', '--network', 'here', '--name', 'here-1');
    await nefos('image', 'add', 'guest', '--region', REGION, '--file', guest.disk, '--format', 'qcow2');
    image = await idOf('images', 'guest');
    await nefos('image', 'add', 'disc', '--region', REGION, '--file', guest.iso, '--format', 'iso');
    iso = await idOf('images', 'disc');
    const all = [network, image, iso, flavors.small, flavors.large].every(Boolean);
    return [
      all && set.status === 200 && /^accelerated: /.test(set.body.health.detail),
      set,
      flavors,
      network,
      image,
      iso,
    ];
  });
  const create = async (/** @type {string} */ name, more = {}) => {
    const made = await call('POST', '/instances', {
      ...{ client: 599151, region: REGION, share_image: false, nics: [network], name, flavor: flavors.small },
      boot_source: { source_type: 'image', source_id: image, delete_on_termination: false, create_new_volume: false },
      ...more,
    });
    if (made.status !== 201) throw new Error(`create answered ${made.status} ${JSON.stringify(made.body)}`);
    return made.body.id;
  };
  /** @param {string} id @param {string} action @param {string} status @param {object} [body] */
  const act = async (id, action, status, body) => {
    const asked = await call('POST', `/instances/${id}/${action}`, body);
    const [there, seen] = await comesTo(id, status);
    return /** @type {[boolean, ...unknown[]]} */ ([asked.status < 300 && there, asked, seen]);
  };
  if (!network || !image) return;
  let id = '';
  await check('an instance boots; key, password and user data are seen inside', async () => {
    const userData = Buffer.from('#!/bin/sh\necho the hostname is $(hostname)\n').toString('base64');
    id = await create('interop-1', { ssh_keys: [KEY], root_password: PASSWORD, user_data: userData });
    const [there, seen] = await comesTo(id, 'active');
    const up = await says(id, 'guest: is up');
    const log = consoleOf(machines, id);
    const digest = createHash('sha256').update(PASSWORD).digest('hex');
    const wanted = [
      `key ${KEY}`,
      `password ${digest}`,
      'script: the hostname is interop-1',
      'address of eth0 10.50.0.',
    ];
    return [there && up === true && wanted.every((text) => log.includes(text)), seen, up, log];
  });
  await check('a port of this host leads to its port 22, and is told with its address', async () => {
    const { body } = await call('GET', `/instances/${id}`);
    const [forward] = body.addresses.here?.[0]?.forwards ?? [];
    return [(await greetingAt(forward?.port)) === 'SSH-2.0-interop-1' && forward.guest_port === 22, body.addresses];
  });
  for (const [action, status, wakes] of [
    ['stop', 'stopped', ''],
    ['start', 'active', 'guest: is up'],
    ['reboot', 'active', 'guest: is up'],
    ['pause', 'paused', ''],
    ['unpause', 'active', 'guest: tick'],
    ['suspend', 'suspended', ''],
    ['resume', 'active', 'guest: tick'],
  ])
    await check(`${action}: the instance becomes ${status}${wakes ? ', and its guest goes on' : ''}`, async () => {
      const from = consoleOf(machines, id).length;
      const done = await act(id, String(action), String(status));
      const goesOn = wakes ? await says(id, String(wakes), from) : true;
      return [done[0] && goesOn === true, ...done, goesOn];
    });
  /** @param {string} volume @param {string} status */
  const volumeComesTo = async (volume, status) => {
    let seen;
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(300)) {
      seen = await call('GET', `/volumes/${volume}`);
      if (status === 'gone' ? seen.status === 404 : seen.body?.status === status) return true;
    }
    return seen;
  };
  await check('a volume comes and goes through the portal, and is seen inside', async () => {
    const from = consoleOf(machines, id).length;
    const made = await call('POST', '/volumes', { region: REGION, name: 'data', client: 599151, size: 1 });
    const volume = made.body?.id ?? '';
    const seen = [made.status === 201, await volumeComesTo(volume, 'available')];
    const attached = await call('POST', `/instances/${id}/attach-volume`, { volume });
    seen.push(await says(id, `has come, serial ${volume.slice(0, 20)}, sectors 2097152`, from));
    seen.push(await volumeComesTo(volume, 'in-use'));
    const { body } = await call('GET', `/instances/${id}`);
    seen.push(JSON.stringify(body.volumes).includes(volume));
    const detached = await call('POST', `/instances/${id}/detach_volume`, { volume });
    seen.push(await says(id, /guest: disk vd. has gone/, from), await volumeComesTo(volume, 'available'));
    const removed = await call('DELETE', `/volumes/${volume}`);
    seen.push(await volumeComesTo(volume, 'gone'));
    return [seen.every((one) => one === true), seen, made, attached, detached, removed, body.volumes];
  });
  await check('an interface comes and goes through the portal, and is seen inside', async () => {
    const from = consoleOf(machines, id).length;
    await nefos('network', 'add', 'there', '--region', REGION, '--shared', 'yes');
    await nefos('subnet', 'add', '10.51.0.0/24', '--network', 'there', '--name', 'there-1');
    const added = await call('POST', `/instances/${id}/add_port`, { network: await idOf('networks', 'there') });
    const seen = [await says(id, 'guest: address of eth1 10.51.0.', from)];
    const port = added.headers.get('x-port-id');
    let removed;
    for (const end = Date.now() + 30_000; removed?.status !== 200 && Date.now() < end; await sleep(500))
      removed = await call('POST', `/instances/${id}/remove_port`, { port });
    seen.push(await says(id, 'guest: interface eth1 has gone', from));
    return [seen.every((one) => one === true), seen, added, removed];
  });
  await check(
    'an instance whose root disk is a new volume boots, grows, sleeps, wakes; the volume goes with it',
    async () => {
      const boot = { source_type: 'image', source_id: image, delete_on_termination: true, create_new_volume: true };
      const one = await create('interop-v', { boot_source: { ...boot, volume_size: 1 } });
      const seen = [(await comesTo(one, 'active'))[0], await says(one, 'guest: is up')];
      const { body } = await call('GET', `/instances/${one}`);
      const [volume] = body.volumes;
      seen.push(body.image === null && volume.boot && volume.status === 'in-use');
      seen.push((await call('POST', `/instances/${one}/detach_volume`, { volume: volume.id })).status === 400);
      seen.push((await call('POST', `/volumes/${volume.id}/extend`, { size: 2 })).status < 300);
      seen.push(await volumeComesTo(volume.id, 'in-use'));
      for (const [action, status] of [
        ['suspend', 'suspended'],
        ['resume', 'active'],
      ]) {
        const asked = await call('POST', `/instances/${one}/${action}`);
        seen.push(asked.status < 300 && (await comesTo(one, String(status)))[0]);
      }
      const from = consoleOf(machines, one).length;
      seen.push(
        (await call('POST', `/instances/${one}/reboot`)).status < 300,
        await says(one, 'boot 2 of its disk', from),
      );
      await comesTo(one, 'active');
      seen.push((await call('DELETE', `/instances/${one}`)).status < 300, (await comesTo(one, 'gone'))[0]);
      seen.push(await volumeComesTo(volume.id, 'gone'));
      return [seen.every((what) => what === true), seen, body.volumes];
    },
  );
  let snapshot = '';
  await check('snapshot, while it runs', async () => {
    const done = await act(id, 'create_snapshot', 'active', { name: 'as it was' });
    const { body } = await call('GET', `/images?filtering=name:as%20it%20was%2Bregion:${REGION}`);
    snapshot = body.objects?.[0]?.id ?? '';
    return [done[0] && body.objects?.[0]?.status === 'active', done, body];
  });
  await check('a larger size is seen inside, and confirmed', async () => {
    const from = consoleOf(machines, id).length;
    const done = await act(id, 'resize', 'resized', { flavor: flavors.large });
    const seen = await says(id, /guest: memory 2[5-9]\d{4}|guest: memory 3\d{5}/, from);
    const confirmed = await act(id, 'confirm-resize', 'active');
    return [done[0] && seen === true && confirmed[0], done, seen, confirmed];
  });
  await check('rebuilt from the snapshot: its disk goes on where that was taken, as another instance', async () => {
    const from = consoleOf(machines, id).length;
    const done = await act(id, 'rebuild', 'active', { image: snapshot, name: 'anew' });
    const boots = await says(id, /guest: boot [2-9] of its disk/, from);
    const seen = await says(id, ' is anew', from);
    return [done[0] && boots === true && seen === true, done, boots, seen];
  });
  await check('an ISO image boots, and then the disk again', async () => {
    const from = consoleOf(machines, id).length;
    const done = await act(id, 'boot_from_iso', 'rescued', { image: iso });
    const seen = await says(id, 'booted from an ISO image', from);
    const back = await act(id, 'unrescue', 'active');
    return [done[0] && seen === true && back[0], done, seen, back];
  });
  await check(
    'compute is killed again and again while instances are built and stopped: each is there once',
    async () => {
      const ids = [await create('interop-2'), await create('interop-3')];
      await call('POST', `/instances/${id}/stop`);
      for (const ms of [50, 400, 900]) {
        await sleep(ms);
        process.kill(Number(readFileSync(path.join(stack.state, 'pids/compute'), 'utf8')), 'SIGKILL');
        await sleep(3000);
      }
      const ends = [await comesTo(id, 'stopped')];
      for (const one of ids) ends.push(await comesTo(one, 'active'));
      const there = [id, ...ids].map((one) => machinesWith(one).length);
      return [ends.every(([ok]) => ok) && there.join() === '0,1,1', ends, there];
    },
  );
  await check('after all are deleted, no process, file, port or lock is left', async () => {
    const { body } = await call('GET', `/instances?filtering=region:${REGION}`);
    const ids = body.objects.map((/** @type {any} */ one) => one.id);
    for (const one of ids) await call('DELETE', `/instances/${one}`);
    let left = ids;
    for (const end = Date.now() + 60_000; left.length && Date.now() < end; await sleep(500))
      left = (await call('GET', `/instances?filtering=region:${REGION}`)).body.objects;
    const gone = await call('DELETE', `/images/${snapshot}`);
    for (const end = Date.now() + 30_000; filesIn(region).length && Date.now() < end;) await sleep(500);
    const files = filesIn(region);

    const running = ids.flatMap(machinesWith);
    const locks = readFileSync('/proc/net/unix', 'utf8').includes('@nefos-qemu-');
    return [!left.length && !files.length && !running.length && !locks, { left, files, running, locks, gone }];
  });
};

/** Machines that a failed test has left. @param {string} dir where they are */
const endMachines = (dir) => {
  for (const pid of machinesWith('-uuid'))
    try {
      if (readlinkSync(`/proc/${pid}/cwd`).startsWith(dir)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it has ended
    }
};
/** @param {import('./reporter.mjs').Reporter} reporter */
export const tryQemuDriver = async (reporter) => {
  const why = process.platform === 'linux' ? whyNoGuest() : 'machines of this kind run on Linux only';
  if (why) {
    reporter.skip('the QEMU driver with real machines', why);
    return;
  }
  const dir = mkdtempSync(path.join(process.getuid?.() === 0 ? '/var/tmp' : os.tmpdir(), 'nefos-qemu-'));
  try {
    const guest = buildGuest(path.join(dir, 'guest'));
    const directory = path.join(dir, 'machines');
    mkdirSync(directory);
    reporter.add(await runConformance(SUITE, { NEFOS_TEST_QEMU: JSON.stringify({ directory, ...guest }) }));
    const kills = path.join(dir, 'kills');
    mkdirSync(kills);
    await killInEveryCall(kills, guest.disk, reporter.check);
    const noBridge = whyNoBridge();
    const bridged = path.join(dir, 'bridged');
    mkdirSync(bridged);
    if (noBridge) reporter.skip('machines on a bridge of this host', noBridge);
    else await tryBridge({ directory: bridged, disk: guest.disk }, reporter.check);
    const stack = await startPrivateStack();
    try {
      await useHost(stack, guest, reporter.check);
    } finally {
      await stack.stop();
      endMachines(stack.state);
    }
  } finally {
    endMachines(dir);
    rmSync(dir, { recursive: true, force: true });
  }
};
