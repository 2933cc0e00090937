// @ts-check
// Every action of contract compute §6.5 that the cloud offers, asked of the portal over HTTP, one after the other on one
// instance: once undisturbed, and once with compute killed while each of them runs.
import { setTimeout as sleep } from 'node:timers/promises';
import { HOSTS, MORE_HOST } from './openstack-host.mjs';

/** @typedef {import('./openstack-region.mjs').Region} Region */
/**
 * @typedef {object} Row
 * @property {string} action as the path names it
 * @property {object} [body]
 * @property {string} [title] more than the action's name
 * @property {string} becomes status of the instance
 * @property {string} server status of the server
 * @property {string} nova the action's name at Nova
 * @property {(one: any) => boolean} [and] what else holds of the instance
 * @property {(server: any) => boolean} [there] what else holds of the server
 * @property {boolean} [fails] the cloud drops it: the operation fails
 */
/** @param {Region} region @param {string} image of the portal; one that is made anew from for the rebuild @returns {Row[]} */
const rows = ({ parts }) => {
  const active = { becomes: 'active', server: 'ACTIVE' };
  const resized = { becomes: 'resized', server: 'VERIFY_RESIZE' };
  const rescued = { becomes: 'rescued', server: 'RESCUE', nova: 'rescue' };
  const back = { action: 'unrescue', ...active, nova: 'unrescue' };
  const sized = (/** @type {number} */ ram) => (/** @type {any} */ server) => server.flavor.ram === ram;
  return [
    { action: 'stop', becomes: 'stopped', server: 'SHUTOFF', nova: 'stop' },
    { action: 'start', ...active, nova: 'start' },
    { action: 'reboot', body: { type: 'SOFT' }, title: 'soft', ...active, nova: 'reboot' },
    { action: 'reboot', body: { type: 'HARD' }, title: 'hard', ...active, nova: 'reboot' },
    { action: 'pause', becomes: 'paused', server: 'PAUSED', nova: 'pause' },
    { action: 'unpause', ...active, nova: 'unpause' },
    { action: 'suspend', becomes: 'suspended', server: 'SUSPENDED', nova: 'suspend' },
    { action: 'resume', ...active, nova: 'resume' },
    {
      action: 'resize',
      body: { flavor: parts.micro },
      ...resized,
      nova: 'resize',
      and: ({ flavor }) => flavor.id === parts.micro,
    },
    {
      action: 'confirm-resize',
      ...active,
      nova: 'confirmResize',
      and: ({ flavor }) => flavor.id === parts.micro,
      there: sized(128),
    },
    { action: 'resize', body: { flavor: parts.small }, title: 'again', ...resized, nova: 'resize' },
    {
      action: 'revert-resize',
      ...active,
      nova: 'revertResize',
      and: ({ flavor }) => flavor.id === parts.micro,
      there: sized(128),
    },
    { action: 'rescue', body: { root_password: 'rescue pass' }, ...rescued },
    back,
    { action: 'rescue', body: { image: parts.image }, title: 'from an image', ...rescued },
    back,
    { action: 'boot_from_iso', body: { image: parts.iso }, ...rescued, and: (one) => one.booted_from_iso === true },
    { ...back, title: 'from ISO', and: (one) => one.booted_from_iso === false },
    {
      action: 'rebuild',
      body: { image: parts.image, name: 'rebuilt', root_password: 'another pass' },
      ...active,
      nova: 'rebuild',
      and: ({ name }) => name === 'rebuilt',
      there: ({ name }) => name === 'rebuilt',
    },
    { action: 'change-password', body: { password: 'yet another pass' }, ...active, nova: 'changePassword' },
    // The fake hypervisor uploads nothing, and says so by coming to rest.
    { action: 'create_snapshot', body: { name: 'never' }, ...active, nova: 'createImage', fails: true },
    {
      action: 'create_backup',
      body: { backup_type: 'daily', rotation: 1 },
      ...active,
      nova: 'createImage',
      fails: true,
    },
    { action: 'shelve', becomes: 'shelved_offloaded', server: 'SHELVED_OFFLOADED', nova: 'shelve' },
    { action: 'unshelve', ...active, nova: 'unshelve' },
  ];
};

/** @typedef {() => Promise<void>} Disturb what happens while an action runs */
/** @param {Region} region @param {string} id @param {Row} row @param {Disturb} [disturb] */
const carriedOut = async ({ portal, cloud, serversOf }, id, row, disturb) => {
  const [before] = await serversOf(id);
  const counted = before ? await cloud.actions(before.id) : {};
  const asked = await portal.ask(id, row.action, row.body);
  if (asked.status !== 200) return /** @type {[boolean, ...unknown[]]} */ ([false, asked]);
  await disturb?.();
  const operation = await portal.ended(asked.operation);
  const seen = await portal.instance(id);
  const servers = await serversOf(id);
  const [server] = servers;
  const times = server ? ((await cloud.actions(server.id))[row.nova] ?? 0) - (counted[row.nova] ?? 0) : 0;
  const holds =
    operation?.status === (row.fails ? 'failed' : 'completed') &&
    seen?.status === row.becomes &&
    seen.task_state === null &&
    servers.length === 1 &&
    server.status === row.server &&
    times === 1 &&
    row.and?.(seen) !== false &&
    row.there?.(server) !== false &&
    (!row.fails || !(await cloud.snapshots()).length);
  return /** @type {[boolean, ...unknown[]]} */ ([holds, { times, operation, seen, servers }]);
};

/** @param {Row} row */
const titleOf = ({ action, title, becomes, fails }) =>
  `${action}${title ? `, ${title}` : ''}: ${fails ? 'the operation fails, no image stays' : `the instance becomes ${becomes}`}`;

/** Migration to another host: as a resize, while it runs, and broken off. */
/** @param {Region} region @param {string} id @param {import('./reporter.mjs').Reporter} reporter @param {Disturb} [disturb] @param {string} [when] */
const migrations = async (region, id, { check }, disturb, when = '') => {
  const { portal, cloud, serversOf } = region;
  const hostOf = async () => (await serversOf(id))[0]?.['OS-EXT-SRV-ATTR:host'];
  const away = async () => {
    if ((await hostOf()) === MORE_HOST) return;
    await portal.act(id, 'migrate', { live: false, host: MORE_HOST });
    await portal.act(id, 'confirm-resize');
  };
  await check(`migrate, cold, to a host and confirmed${when}`, async () => {
    if ((await hostOf()) === MORE_HOST) {
      await portal.act(id, 'migrate', { live: false, host: HOSTS[0] });
      await portal.act(id, 'confirm-resize');
    }
    const row = { becomes: 'resized', server: 'VERIFY_RESIZE', nova: 'migrate' };
    const moved = await carriedOut(
      region,
      id,
      { action: 'migrate', body: { live: false, host: MORE_HOST }, ...row },
      disturb,
    );
    const end = { becomes: 'active', server: 'ACTIVE', nova: 'confirmResize' };
    const confirmed = await carriedOut(region, id, { action: 'confirm-resize', ...end }, disturb);
    return [moved[0] && confirmed[0] && (await hostOf()) === MORE_HOST, moved, confirmed];
  });
  await check(`migrate, live: it runs on another host${when}`, async () => {
    await away();
    const [held, ...seen] = await carriedOut(
      region,
      id,
      { action: 'migrate', body: { live: true }, becomes: 'active', server: 'ACTIVE', nova: 'live-migration' },
      disturb,
    );
    const host = await hostOf();
    const { host_name: shown } = await portal.instance(id);
    return [held && host !== MORE_HOST && shown === host, host, shown, ...seen];
  });
  for (const ms of [0, 1500])
    await check(
      `abort-migrate, ${ms} ms after the start: it stays on its host, the migration is canceled${when}`,
      async () => {
        await away();
        const asked = await portal.ask(id, 'migrate', { live: true });
        await sleep(ms);
        const stopped = await portal.ask(id, 'abort-migrate');
        await disturb?.();
        const [migration, abort] = [await portal.ended(asked.operation), await portal.ended(stopped.operation)];
        const seen = await portal.comesTo(id, (one) => one?.task_state === null);
        const [server] = await serversOf(id);
        const running = (await cloud.ask('compute', `/servers/${server.id}/migrations`)).migrations;
        return [
          migration?.status === 'canceled' &&
            abort?.status === 'completed' &&
            seen.status === 'active' &&
            server['OS-EXT-SRV-ATTR:host'] === MORE_HOST &&
            seen.host_name === MORE_HOST &&
            !running.length,
          { asked, stopped, migration, abort, seen, server, running },
        ];
      },
    );
};

/** What needs no task: names, locks, consoles, states. */
/** @param {Region} region @param {string} id @param {import('./reporter.mjs').Reporter} reporter */
const withoutTask = async ({ portal, serversOf }, id, { check }) => {
  await check('rename', async () => {
    const asked = await portal.ask(id, 'rename', { name: 'another name' });
    return [asked.status === 200 && (await portal.instance(id)).name === 'another name', asked];
  });
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
  await check('reset-state of a resized instance: it keeps its new size, in the cloud too', async () => {
    const { flavor } = await portal.instance(id);
    const { parts, other } = { parts: await portal.list('flavors', 'region:Region1'), other: flavor.id };
    const larger = parts.find((one) => one.name === 'm1.small' && one.id !== other);
    await portal.act(id, 'resize', { flavor: larger.id });
    const reset = await portal.ask(id, 'reset-state', { state: 'active' });
    const seen = await portal.comesTo(id, (one) => one.status === 'active' && one.task_state === null);
    const { operation } = await portal.act(id, 'stop');
    const [server] = await serversOf(id);
    await portal.act(id, 'start');
    return [
      reset.status === 200 &&
        seen.flavor.id === larger.id &&
        operation?.status === 'completed' &&
        server.status === 'SHUTOFF' &&
        server.flavor.ram === larger.memory_mb,
      { reset, seen, operation, server },
    ];
  });
};

/** @param {Region} region @param {import('./reporter.mjs').Reporter} reporter */
export const lives = async (region, reporter) => {
  const { portal, serversOf, parts, create } = region;
  const { check } = reporter;
  const ssh = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEChrPm4dKJoZ3LdxuqEWwNLn5XoDUJCsd0i0hPnqQ a@b';
  const first = await create('interop-1', {
    ssh_keys: [ssh],
    root_password: 'first pass',
    user_data: 'IyEvYmluL3NoCg==',
  });
  await check('create: the instance is built in the cloud, with its address, host, key and user data', async () => {
    const seen = await portal.comesTo(first, (one) => one?.status === 'active' || one?.status === 'error');
    const servers = await serversOf(first);
    return [
      seen.status === 'active' &&
        /^10\.0\./.test(seen.access_ip ?? '') &&
        seen.host_name === servers[0]['OS-EXT-SRV-ATTR:host'] &&
        servers.length === 1 &&
        servers[0].key_name !== null,
      seen,
      servers,
    ];
  });
  for (const row of rows(region)) await check(titleOf(row), () => carriedOut(region, first, row));
  await migrations(region, first, reporter);
  await withoutTask(region, first, reporter);

  let turn = 0;
  const kill = async () => {
    // Each time somewhere else: before the call of the cloud, in it, behind it.
    await sleep([0, 60, 150, 400, 900][turn++ % 5]);
    portal.killCompute();
  };
  /** @type {string} */
  let second = '';
  await check('compute is killed while an instance is built: it is there once', async () => {
    second = await create('interop-2', { ssh_keys: [ssh] });
    await kill();
    const seen = await portal.comesTo(second, (one) => one?.status === 'active' || one?.status === 'error');
    const servers = await serversOf(second);
    return [seen?.status === 'active' && servers.length === 1, seen, servers];
  });
  for (const row of rows(region))
    await check(`compute is killed: ${titleOf(row)}`, () => carriedOut(region, second, row, kill));
  await migrations(region, second, reporter, kill, ', compute is killed');
  await check('compute is killed while an instance is deleted: it is gone', async () => {
    await portal.call('DELETE', `/staffapi/openstack/instances/${second}`);
    await kill();
    const seen = await portal.comesTo(second, (one) => one === undefined);
    return [seen === undefined && !(await serversOf(second)).length, seen];
  });
};
