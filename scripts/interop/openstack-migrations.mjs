// @ts-check
// Migration to another host: as a resize, while the machine runs, and broken off.
import { setTimeout as sleep } from 'node:timers/promises';
import { HOSTS, MORE_HOST } from './openstack-host.mjs';
import { carriedOut } from './openstack-rows.mjs';

/** @typedef {import('./openstack-region.mjs').Region} Region */
/**
 * @param {Region} region @param {string} id @param {import('./reporter.mjs').Reporter} reporter
 * @param {import('./openstack-rows.mjs').Disturb} [disturb] @param {string} [when] for the titles
 */
export const migrations = async (region, id, { check }, disturb, when = '') => {
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
  for (const ms of [0, 1500]) {
    const end = disturb ? 'it is broken off, or said to have come too late' : 'it stays on its host';
    await check(`abort-migrate, ${ms} ms after the start: ${end}${when}`, async () => {
      await away();
      const asked = await portal.ask(id, 'migrate', { live: true });
      await sleep(ms);
      const stopped = await portal.ask(id, 'abort-migrate');
      await disturb?.();
      const [migration, abort] = [await portal.ended(asked.operation), await portal.ended(stopped.operation)];
      const seen = await portal.comesTo(id, (one) => one?.task_state === null);
      const host = await hostOf();
      const [server] = await serversOf(id);
      const running = (await cloud.ask('compute', `/servers/${server.id}/migrations`)).migrations;
      // The migration takes 5 s, which compute may need to come again.
      const late = disturb && abort?.status === 'failed' && abort.error.code === 'invalid_state' && host !== MORE_HOST;
      return [
        migration?.status === 'canceled' &&
          (late || (abort?.status === 'completed' && host === MORE_HOST)) &&
          seen.status === 'active' &&
          seen.host_name === host &&
          !running.length,
        { asked, stopped, migration, abort, seen, server, running },
      ];
    });
  }
};
