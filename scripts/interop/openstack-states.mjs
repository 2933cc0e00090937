// @ts-check
// Actions that take no task: names, locks, consoles, states.
import { setTimeout as sleep } from 'node:timers/promises';
import { REGION } from './openstack-region.mjs';

/** @typedef {import('./openstack-region.mjs').Region} Region */
const RENAMED_SECONDS = 60;
/**
 * @param {Region} region @param {string} id @param {string} name @param {() => Promise<void>} [disturb]
 * @returns {Promise<import('./reporter.mjs').Look>}
 */
export const renamed = async ({ portal, serversOf }, id, name, disturb) => {
  const asked = await portal.ask(id, 'rename', { name });
  await disturb?.();
  let servers = await serversOf(id);
  for (const end = Date.now() + RENAMED_SECONDS * 1000; Date.now() < end && servers[0]?.name !== name; await sleep(300))
    servers = await serversOf(id);
  const seen = await portal.instance(id);
  return [
    asked.status === 200 && seen.name === name && servers.length === 1 && servers[0].name === name,
    { asked, seen, servers },
  ];
};

/** @param {Region} region @param {string} id @param {import('./reporter.mjs').Reporter} reporter */
export const withoutTask = async (region, id, { check }) => {
  const { portal, serversOf } = region;
  await check('rename: the server has the name as well', () => renamed(region, id, 'another name'));
  await check('lock and unlock', async () => {
    const locked = await portal.ask(id, 'lock', { reason: 'audit' });
    const isLocked = (await portal.instance(id)).locked;
    const unlocked = await portal.ask(id, 'unlock');
    return [
      locked.status === 200 && isLocked && unlocked.status === 200 && !(await portal.instance(id)).locked,
      locked,
      unlocked,
    ];
  });
  await check('console: a cloud that has none is said so', async () => {
    const asked = await portal.ask(id, 'console', { type: 'vnc' });
    return [asked.status === 409 && /console/.test(asked.body.detail), asked];
  });
  await check('console_log and history', async () => {
    const output = await portal.call('GET', `/staffapi/openstack/instances/${id}/console_log?length=10`);
    const history = await portal.call('GET', `/staffapi/openstack/instances/${id}/history`);
    const { objects = [] } = history.body;
    return [
      output.status === 200 &&
        typeof output.body.output === 'string' &&
        history.status === 200 &&
        objects.length > 5 &&
        objects.every((/** @type {any} */ one) => one.primary_object.id === id),
      output,
      history,
    ];
  });
  await check('reset-state: error, and active again; what follows works', async () => {
    const failed = await portal.ask(id, 'reset-state', { state: 'error' });
    const seen = await portal.instance(id);
    const mended = await portal.ask(id, 'reset-state', { state: 'active' });
    const { operation } = await portal.act(id, 'reboot', { type: 'HARD' });
    return [
      failed.status === 200 && seen.status === 'error' && mended.status === 200 && operation?.status === 'completed',
      { failed, seen, mended, operation },
    ];
  });
  await check(
    'reset-state of a resized instance: it is resized still, as in the cloud, and can be confirmed',
    async () => {
      const { flavor } = await portal.instance(id);
      const larger = (await portal.list('flavors', `region:${REGION}`)).find(
        (one) => one.name.startsWith('m1.') && one.memory_mb > flavor.memory_mb,
      );
      await portal.act(id, 'resize', { flavor: larger.id });
      const reset = await portal.ask(id, 'reset-state', { state: 'active' });
      const seen = await portal.instance(id);
      const { operation } = await portal.act(id, 'confirm-resize');
      const [server] = await serversOf(id);
      return [
        reset.status === 200 &&
          seen.status === 'resized' &&
          operation?.status === 'completed' &&
          server.status === 'ACTIVE' &&
          server.flavor.ram === larger.memory_mb,
        { reset, seen, operation, server },
      ];
    },
  );
};
