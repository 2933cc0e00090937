// @ts-check
// The QEMU driver in a process of its own, which may be killed: calls it and watches until the machine rests.
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { boundedDriver } from '../../services/compute/dist/ports/drivers/bounded-driver.js';
import { qemuKind } from '../../services/compute/dist/ports/drivers/qemu-kind.js';

const none = () => undefined;
/** @typedef {import('../../services/compute/dist/ports/driver.js').ComputeDriver} Driver */
/**
 * @param {string} directory @param {Record<string, string>} images files by their ids @param {object} [settings]
 * @returns {Driver}
 */
export const openDriver = (directory, images, settings = {}) =>
  boundedDriver(
    qemuKind.create({
      region: 'R',
      settings: qemuKind.settings.parse({ forward_ports: { first: 21_700, last: 21_799 }, ...settings }),
      log: /** @type {any} */ ({ warn: none, info: none, error: none, debug: none }),
      process: { NEFOS_COMPUTE_QEMU_DIR: directory },
      imageFile: (/** @type {string} */ id) => Promise.resolve(images[id] ?? null),
    }),
  );
/** @typedef {{ portalId: string, backendId: null }} Ref */
/**
 * A call as the portal makes it: again while it is retryable, then a look now and then until the machine rests.
 * @param {Driver} driver @param {string} name @param {any[]} args
 */
export const callAndWatch = async (driver, name, args) => {
  const [group, call] = name.includes('.') ? name.split('.') : [null, name];
  const target = /** @type {any} */ (group === null ? driver : driver[/** @type {'volumes'} */ (group)]);
  for (const end = Date.now() + 60_000; ; await sleep(200))
    try {
      await target[String(call)](...args);
      break;
    } catch (err) {
      if (!(/** @type {any} */ (err).retryable) || Date.now() > end) throw err;
    }
  const ref = name === 'create' ? { portalId: args[0].portalId, backendId: null } : args[0];
  if (ref.portalId === undefined) return; // no machine's call
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(50)) {
    const view = group === null ? await driver.get(ref).catch(() => ({ taskHint: 'busy' })) : null;
    if (!view || view.taskHint === undefined) return;
  }
  throw new Error(`${name} does not end`);
};
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { directory, images, name, args } = JSON.parse(process.argv[2] ?? '{}');
  const driver = openDriver(directory, images);
  await driver.health(); // how processors are made is found once
  console.log('begin');
  await callAndWatch(driver, name, args);
  await driver.close?.();
}
