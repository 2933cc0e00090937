// @ts-check
// Every action of contract compute §6.5 that the cloud offers and that changes a machine: what is asked of the portal,
// and how instance and server are then.

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
/** @param {Region} region @returns {Row[]} */
export const rows = ({ parts }) => {
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
/**
 * Asks for an action, and sees it carried out: once, on one server.
 * @param {Region} region @param {string} id @param {Row} row @param {Disturb} [disturb]
 */
export const carriedOut = async ({ portal, cloud, serversOf }, id, row, disturb) => {
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
export const titleOf = ({ action, title, becomes, fails }) => {
  const end = fails ? 'the operation fails, no image stays' : `the instance becomes ${becomes}`;
  return `${action}${title ? `, ${title}` : ''}: ${end}`;
};
