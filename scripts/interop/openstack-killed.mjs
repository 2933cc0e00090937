// @ts-check
// The cloud is killed and started again while it carries out what the portal has asked of it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';

const exec = promisify(execFile);
/** @typedef {import('./openstack-region.mjs').Region} Region */
/**
 * @typedef {{ id: string, action: string, body?: object, becomes: string | null }} Change `becomes` null: it is gone
 */

/**
 * @param {Region} region @param {import('./openstack-peer.mjs').Peer} peer @param {Change[]} changes
 * @param {string[]} building instances that are being built at that time
 */
const changedWhileKilled = async ({ portal, serversOf }, { restart }, changes, building) => {
  const asked = [];
  for (const { id, action, body } of changes)
    asked.push(
      action === 'delete'
        ? await portal.call('DELETE', `/staffapi/openstack/instances/${id}`)
        : await portal.ask(id, action, body),
    );
  await sleep(200);
  await exec(String(restart[0]), restart.slice(1), { timeout: 200_000 });
  const wrong = [];
  for (const { id, becomes } of [...changes, ...building.map((one) => ({ id: one, becomes: 'active' }))]) {
    const seen = await portal.comesTo(id, (one) =>
      becomes === null
        ? one === undefined
        : [becomes, 'error'].includes(one?.status) && one.task_state === null && one.status !== 'building',
    );
    const servers = await serversOf(id);
    const reached = (seen?.status ?? null) === becomes && servers.length === (becomes === null ? 0 : 1);
    // Nova gives up what fails because a service that it needs is away; the portal says what Nova says.
    const givenUp = seen?.status === 'error' && seen.fault && servers.length === 1 && servers[0].status === 'ERROR';
    if (!reached && !givenUp) wrong.push({ becomes, seen, servers });
  }
  return /** @type {[boolean, ...unknown[]]} */ ([
    asked.every(({ status }) => status === 200) && !wrong.length,
    wrong,
    asked,
  ]);
};

/**
 * @param {Region} region @param {import('./openstack-peer.mjs').Peer} peer
 * @param {import('./reporter.mjs').Reporter} reporter
 */
export const killedCloud = async (region, peer, { check }) => {
  const { portal, cloud, parts, create } = region;
  const names = ['stop', 'resize', 'rebuild', 'rescue', 'shelve', 'suspend', 'reboot', 'delete'];
  /** @type {Record<string, string>} */
  const ids = {};
  for (const name of names) ids[name] = await create(`interop-${name}`);
  await check('several instances are built at once', async () => {
    const seen = [];
    for (const id of Object.values(ids)) seen.push(await portal.comesTo(id, (one) => one?.status === 'active'));
    return [seen.every((one) => one?.status === 'active'), seen];
  });
  const id = (/** @type {string} */ name) => ids[name] ?? '';
  await check(
    'the cloud is killed while it stops, resizes, rebuilds, rescues, shelves, suspends, reboots, deletes, builds',
    async () =>
      changedWhileKilled(
        region,
        peer,
        [
          { id: id('stop'), action: 'stop', becomes: 'stopped' },
          { id: id('resize'), action: 'resize', body: { flavor: parts.micro }, becomes: 'resized' },
          { id: id('rebuild'), action: 'rebuild', body: { image: parts.image }, becomes: 'active' },
          { id: id('rescue'), action: 'rescue', becomes: 'rescued' },
          { id: id('shelve'), action: 'shelve', becomes: 'shelved_offloaded' },
          { id: id('suspend'), action: 'suspend', becomes: 'suspended' },
          { id: id('reboot'), action: 'reboot', body: { type: 'HARD' }, becomes: 'active' },
          { id: id('delete'), action: 'delete', becomes: null },
        ],
        [await create('interop-built')],
      ),
  );
  await check(
    'it is killed while it starts, confirms, unrescues, unshelves, resumes, migrates, pauses, makes an image',
    async () =>
      changedWhileKilled(
        region,
        peer,
        [
          { id: id('stop'), action: 'start', becomes: 'active' },
          { id: id('resize'), action: 'confirm-resize', becomes: 'active' },
          { id: id('rescue'), action: 'unrescue', becomes: 'active' },
          { id: id('shelve'), action: 'unshelve', becomes: 'active' },
          { id: id('suspend'), action: 'resume', becomes: 'active' },
          { id: id('reboot'), action: 'pause', becomes: 'paused' },
          { id: id('rebuild'), action: 'create_snapshot', body: { name: 'never' }, becomes: 'active' },
        ],
        [],
      ),
  );
  await check('no image is left of what the cloud dropped, and each resize was one migration', async () => {
    const images = await cloud.snapshots();
    const [server] = await region.serversOf(id('resize'));
    const { migrations } = await cloud.ask('compute', `/os-migrations?instance_uuid=${server.id}`);
    return [!images.length && migrations.length === 1, images, migrations];
  });
};
