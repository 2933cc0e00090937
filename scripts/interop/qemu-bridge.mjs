// @ts-check
// Machines of the QEMU driver on a bridge of this host, which a test makes and takes away again: needs root and
// /dev/net/tun.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { has } from '../lib/provide.mjs';
import { openDriver } from './qemu-worker.mjs';

/** @typedef {import('./qemu-worker.mjs').Driver} Driver */
/** @typedef {import('./qemu-worker.mjs').Ref} Ref */
const BRIDGE = 'nefos-test0';
const NETWORK = 'bridged';
const PERMISSIONS = '/etc/qemu/bridge.conf';
const ip = (/** @type {string[]} */ ...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });

/** Why there can be no bridge; undefined: there can. */
export const whyNoBridge = () => {
  if (process.getuid?.() !== 0) return 'only root can make a bridge';
  if (!has('ip')) return 'the command ip is missing';
  if (!existsSync('/usr/lib/qemu/qemu-bridge-helper')) return 'qemu-bridge-helper is missing';
  if (existsSync(`/sys/class/net/${BRIDGE}`)) return `there is an interface ${BRIDGE} already`;
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
    ip('link', 'add', BRIDGE, 'type', 'bridge');
    ip('link', 'del', BRIDGE);
  } catch (err) {
    return `the system allows no bridge (${/** @type {Error} */ (err).message.trim()})`;
  }
  return undefined;
};
/** Makes the bridge, and permits it to QEMU's helper. @returns takes all of it away */
const makeBridge = () => {
  const before = existsSync(PERMISSIONS) ? readFileSync(PERMISSIONS, 'utf8') : undefined;
  const directory = path.dirname(PERMISSIONS);
  const made = existsSync(directory) ? undefined : directory;
  const undo = () => {
    if (existsSync(`/sys/class/net/${BRIDGE}`)) ip('link', 'del', BRIDGE);
    if (before !== undefined) writeFileSync(PERMISSIONS, before);
    else rmSync(PERMISSIONS, { force: true });
    if (made) rmSync(made, { recursive: true, force: true });
  };
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(PERMISSIONS, `${before ?? ''}\nallow ${BRIDGE}\n`);
    ip('link', 'add', BRIDGE, 'type', 'bridge');
    ip('address', 'add', '10.77.0.1/24', 'dev', BRIDGE);
    ip('link', 'set', BRIDGE, 'up');
  } catch (err) {
    undo();
    throw err;
  }
  return undo;
};
const ports = () => readdirSync(`/sys/class/net/${BRIDGE}/brif`);
/** @param {string} address @returns {Promise<string>} */
const knockAt = (address) =>
  new Promise((resolve) => {
    const socket = connect(22, address);
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('data', (data) => resolve(String(data).trim()) ?? socket.destroy());
    socket.on('error', (err) => resolve(err.message));
    socket.on('close', () => resolve('closed'));
  });
/** The guest listens for one at a time, and not between two. @param {string} address */
const greetingOf = async (address) => {
  for (const end = Date.now() + 20_000; ; await sleep(200)) {
    const said = await knockAt(address);
    if (said.startsWith('SSH-') || Date.now() > end) return said;
  }
};
/** @param {Driver} driver */
const watching = (driver) => {
  /** @param {Ref} ref */
  const rests = async (ref) => {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
      const view = await driver.get(ref);
      if (!view || view.taskHint === undefined) return view;
    }
    throw new Error('the machine does not come to rest');
  };
  /** @param {Ref} ref @param {RegExp} text @returns {Promise<true | string>} */
  const says = async (ref, text) => {
    for (const end = Date.now() + 120_000; Date.now() < end; await sleep(200))
      if (text.test(await driver.consoleLog(ref, 500))) return true;
    return driver.consoleLog(ref, 100);
  };
  return { rests, says };
};

/**
 * @param {{ directory: string, disk: string }} given where machines may be, and the image of a guest
 * @param {import('./reporter.mjs').Check} check
 */
export const tryBridge = async ({ directory, disk }, check) => {
  const image = randomUUID();
  const driver = openDriver(directory, { [image]: disk }, { bridges: { [NETWORK]: BRIDGE } });
  const { rests, says } = watching(driver);
  /** @param {string} name @param {string} script what it does at its boot */
  const create = async (name, script) => {
    const ref = { portalId: randomUUID(), backendId: null };
    await driver.create({
      ...{ portalId: ref.portalId, name, tags: [], region: 'R', projectId: 'p', imageId: image },
      flavor: { vcpus: 1, memoryMb: 192, rootGb: 1, ephemeralGb: 0, swapMb: 0 },
      image: { id: image, diskFormat: 'qcow2' },
      nics: [{ networkId: NETWORK, networkName: NETWORK, cidr: '10.77.0.0/24', gatewayIp: '10.77.0.1' }],
      guest: { userData: Buffer.from(`#!/bin/sh\n${script}\n`) },
    });
    await rests(ref);
    return ref;
  };
  const address = async (/** @type {Ref} */ ref) => (await driver.get(ref))?.addresses[0]?.addr ?? '';
  const undo = makeBridge();
  try {
    const first = await create('first', 'true');
    const to = await address(first);
    await check('a machine on a bridge has its address from the seed, and is reached there by this host', async () => {
      const up = await says(first, /guest: is up/);
      const found = [await greetingOf(to), ports().length, (await driver.get(first))?.addresses];
      return [up === true && found[0] === 'SSH-2.0-first' && found[1] === 1, up, ...found];
    });
    const ask = `(until nc -w 3 ${to} 22 </dev/null >/tmp/told && [ -s /tmp/told ]; do sleep 1; done
      echo "guest: told $(cat /tmp/told)" >/dev/console) >/dev/null 2>&1 &`;
    const second = await create('second', ask);
    await check('machines on a bridge reach each other, each by its own address', async () => {
      const [told, other] = [await says(second, /guest: told SSH-2\.0-first/), await address(second)];
      return [told === true && other !== to && (await greetingOf(other)) === 'SSH-2.0-second', told, to, other];
    });
    await check('what an interface on a bridge carries is counted, to the machine and from it', async () => {
      const before = await driver.counters?.(first);
      for (let n = 0; n < 20; n += 1) await knockAt(to);
      const [one] = before ?? [];
      const [other] = (await driver.counters?.(first)) ?? [];
      const mac = (await driver.get(first))?.addresses[0]?.mac;
      const [rx, tx] = [Number((other?.rx ?? 0n) - (one?.rx ?? 0n)), Number((other?.tx ?? 0n) - (one?.tx ?? 0n))];
      // Each attempt is a packet there and one back, of 54 bytes and more, or a handful of them.
      const fits = [rx, tx].every((bytes) => bytes > 20 * 50 && bytes < 20 * 4000);
      return [fits && other?.mac === mac && before?.length === 1, mac, rx, tx, String(one?.rx), String(other?.rx)];
    });
    await check('a machine on a bridge is reached after a suspension, and after it was stopped', async () => {
      await driver.suspend(first);
      await rests(first);
      const asleep = ports().length;
      await driver.resume(first);
      await rests(first);
      const awake = await greetingOf(to);
      await driver.stop(first, { graceSeconds: 60 });
      await rests(first);
      await driver.start(first);
      const up = await says(first, /(guest: is up[^]*){2}/);
      const again = await greetingOf(to);
      const seen = [asleep, awake, again];
      return [up === true && seen.join() === '1,SSH-2.0-first,SSH-2.0-first', up, ...seen];
    });
    await check('an interface on a bridge comes and goes while the machine runs', async () => {
      const port = { portId: randomUUID(), networkId: NETWORK, networkName: NETWORK, cidr: '10.77.0.0/24' };
      await driver.attachPort?.(first, port);
      const come = [await says(first, /interface eth1 has come/), ports().length];
      const mac = (await driver.get(first))?.addresses[1]?.mac ?? '';
      const counted = (await driver.counters?.(first))?.map((one) => one.mac) ?? [];
      await driver.detachPort?.(first, { portId: port.portId, portBackendId: null, mac });
      const gone = [await says(first, /interface eth1 has gone/), ports().length];
      const counts = counted.length === 2 && counted[1] === mac;
      return [counts && [...come, ...gone].join() === 'true,3,true,2', come, gone, counted, mac];
    });
    await check('after they are deleted, the bridge has no port, and no address is taken', async () => {
      for (const ref of [first, second]) await driver.destroy(ref);
      for (const end = Date.now() + 5000; ports().length && Date.now() < end;) await sleep(100);
      const taken = readdirSync(path.join(directory, 'region-R', 'addresses'), {
        recursive: true,
        withFileTypes: true,
      });
      const files = taken.filter((one) => one.isFile()).map(({ name }) => name);
      return [!ports().length && !files.length, ports(), files];
    });
  } finally {
    for (const { ref } of await driver.list({ after: null, limit: 100 })) await driver.destroy(ref);
    await driver.close?.();
    undo();
  }
};
