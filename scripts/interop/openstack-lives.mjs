// @ts-check
// The actions of contract compute §6.5 that the cloud offers, asked of the portal over HTTP, one after the other on one
// instance: once undisturbed, and once with compute killed while each of them runs.
import { setTimeout as sleep } from 'node:timers/promises';
import { migrations } from './openstack-migrations.mjs';
import { carriedOut, rows, titleOf } from './openstack-rows.mjs';
import { renamed, withoutTask } from './openstack-states.mjs';

/** @param {import('./openstack-region.mjs').Region} region @param {import('./reporter.mjs').Reporter} reporter */
export const lives = async (region, reporter) => {
  const { portal, serversOf, create } = region;
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
  for (const name of ['renamed', 'renamed again'])
    await check(`compute is killed: rename to '${name}'`, () => renamed(region, second, name, kill));
  await check('compute is killed while an instance is deleted: it is gone', async () => {
    await portal.call('DELETE', `/staffapi/openstack/instances/${second}`);
    await kill();
    const seen = await portal.comesTo(second, (one) => one === undefined);
    return [seen === undefined && !(await serversOf(second)).length, seen];
  });
};
