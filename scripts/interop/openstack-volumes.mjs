// @ts-check
// Volumes, their snapshots, backups and images through the portal, seen in a real Cinder: once undisturbed, once with
// compute killed while each call runs, and with Cinder itself killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { REGION } from './openstack-region.mjs';

/** @typedef {import('./openstack-region.mjs').Region} Region */
const STAFF = '/staffapi/openstack';
const GONE_SECONDS = 120;

/**
 * @param {Region} region @param {import('./reporter.mjs').Reporter} reporter
 * @param {{ restart: () => Promise<void> }} cinder
 */
export const volumes = async (region, { check }, cinder) => {
  const { portal, cloud, client, parts } = region;
  /** @typedef {'volumes' | 'snapshots' | 'backups'} Kind */
  /** @param {Kind} kind @param {string} id @returns {Promise<any[]>} Cinder's things that bear the portal's id */
  const inCinder = async (kind, id) =>
    (await cloud.ask('volume', `/${kind}/detail?all_tenants=1&name=pcp-${id}`))[kind];
  /** @param {string} at @returns {Promise<any>} */
  const read = async (at) => (await portal.call('GET', `${STAFF}/${at}`)).body;
  /** @param {() => Promise<boolean>} holds */
  const settles = async (holds) => {
    for (const end = Date.now() + GONE_SECONDS * 1000; Date.now() < end; await sleep(300))
      if (await holds()) return true;
    return holds();
  };
  /** @typedef {() => Promise<void>} Disturb */
  /**
   * A call, disturbed, and the end of its operation.
   * @param {Promise<import('./portal.mjs').Answer>} call @param {Disturb} disturb
   */
  const done = async (call, disturb) => {
    const asked = await call;
    await disturb();
    return { asked, operation: asked.operation ? await portal.ended(asked.operation) : undefined };
  };
  /** @param {string} at @param {object} body */
  const post = (at, body) => portal.call('POST', `${STAFF}/${at}`, body);
  /** @param {{ operation?: any }} one */
  const completed = ({ operation }) => operation?.status === 'completed';
  /** @param {object} body @param {Disturb} disturb */
  const makeVolume = (body, disturb) => done(post('volumes', { client, region: REGION, size: 1, ...body }), disturb);
  let turn = 0;
  const kill = async () => {
    await sleep([0, 100, 400, 1000][turn++ % 4]);
    portal.killCompute();
  };
  let machine = '';
  await check('a machine whose root disk is a new volume of an image', async () => {
    machine = await region.create('interop-volumes', {
      boot_source: {
        source_type: 'image',
        source_id: parts.image,
        create_new_volume: true,
        volume_size: 1,
        delete_on_termination: true,
      },
    });
    const seen = await portal.comesTo(machine, (one) => ['active', 'error'].includes(one?.status));
    const [root] = seen.volumes;
    const found = root ? await inCinder('volumes', root.id) : [];
    return [
      seen.status === 'active' && found.length === 1 && found[0].status === 'in-use' && found[0].bootable === 'true',
      seen,
      found,
    ];
  });
  for (const [when, disturb] of /** @type {[string, Disturb][]} */ ([
    ['', async () => undefined],
    ['compute is killed: ', kill],
  ])) {
    let id = '';
    await check(`${when}a volume is made of an image, once`, async () => {
      const made = await makeVolume({ name: 'interop', image: parts.image }, disturb);
      id = made.asked.body.id;
      const found = await inCinder('volumes', id);
      return [completed(made) && found.length === 1 && found[0].status === 'available', made, found];
    });
    await check(`${when}attach-volume, extend while it is attached, detach-volume`, async () => {
      const attached = await done(portal.ask(machine, 'attach-volume', { volume: id }), disturb);
      const [there] = await inCinder('volumes', id);
      const shown = await read(`volumes/${id}`);
      const extended = await done(post(`volumes/${id}/extend`, { size: 2 }), disturb);
      const [larger] = await inCinder('volumes', id);
      const detached = await done(portal.ask(machine, 'detach-volume', { volume: id }), disturb);
      const [free] = await inCinder('volumes', id);
      return [
        [attached, extended, detached].every(completed) &&
          there.attachments.length === 1 &&
          shown.status === 'in-use' &&
          shown.attachments[0]?.instance === machine &&
          larger.size === 2 &&
          larger.status === 'in-use' &&
          free.status === 'available' &&
          !free.attachments.length,
        { attached, there, shown, extended, larger, detached, free },
      ];
    });
    await check(
      `${when}a snapshot, the volume goes back to it, a volume is made of it; all but the first go`,
      async () => {
        const made = await done(post('volumesnapshots', { volume: id, name: 'snap' }), disturb);
        const snapshot = made.asked.body.id;
        const found = await inCinder('snapshots', snapshot);
        const reverted = await done(post(`volumes/${id}/revert_to_snapshot`, { snapshot }), disturb);
        const copied = await makeVolume({ name: 'copy', size: 2, snapshot }, disturb);
        const copy = copied.asked.body.id;
        const both = await inCinder('volumes', copy);
        await done(portal.call('DELETE', `${STAFF}/volumes/${copy}`), disturb);
        await done(portal.call('DELETE', `${STAFF}/volumesnapshots/${snapshot}`), disturb);
        const gone = await settles(
          async () => !(await inCinder('snapshots', snapshot)).length && !(await inCinder('volumes', copy)).length,
        );
        return [
          [made, reverted, copied].every(completed) && found.length === 1 && both.length === 1 && gone,
          { made, found, reverted, copied, both },
        ];
      },
    );
    await check(`${when}a full and an incremental backup, a new volume of that; both backups go`, async () => {
      const full = await done(post('volumebackups', { volume: id, name: 'full' }), disturb);
      const part = await done(post('volumebackups', { volume: id, name: 'part', incremental: true }), disturb);
      const ids = [part, full].map(({ asked }) => asked.body.id);
      const found = await inCinder('backups', ids[0]);
      const restored = await done(post(`volumebackups/${ids[0]}/restore`, { name: 'restored' }), disturb);
      const target = restored.asked.body.id;
      const copies = await inCinder('volumes', target);
      await done(portal.call('DELETE', `${STAFF}/volumes/${target}`), disturb);
      for (const one of ids) await done(portal.call('DELETE', `${STAFF}/volumebackups/${one}`), disturb);
      const gone = await settles(
        async () =>
          !(await inCinder('backups', ids[0])).length &&
          !(await inCinder('backups', ids[1])).length &&
          !(await inCinder('volumes', target)).length,
      );
      return [
        [full, part, restored].every(completed) &&
          found.length === 1 &&
          found[0].is_incremental &&
          copies.length === 1 &&
          copies[0].status === 'available' &&
          gone,
        { full, part, found, restored, copies },
      ];
    });
    await check(`${when}upload_to_image: an image, once; it is deleted`, async () => {
      const uploaded = await done(post(`volumes/${id}/upload_to_image`, { name: 'up', disk_format: 'raw' }), disturb);
      const image = uploaded.operation?.params?.image ?? (await portal.list('images', 'name:up'))[0]?.id;
      const images = await cloud.snapshots();
      const removed = await portal.call('DELETE', `${STAFF}/images/${image}`);
      const gone = await settles(async () => !(await cloud.snapshots()).length);
      return [completed(uploaded) && images.length === 1 && gone, { uploaded, images, removed }];
    });
    await check(`${when}the volume is deleted`, async () => {
      const removed = await done(portal.call('DELETE', `${STAFF}/volumes/${id}`), disturb);
      return [await settles(async () => !(await inCinder('volumes', id)).length), removed];
    });
  }
  await check(
    'Cinder is killed while it makes a volume and gets one attached: each ends, or is said to have failed',
    async () => {
      const first = await makeVolume({ name: 'before' }, async () => undefined);
      const id = first.asked.body.id;
      const making = await post('volumes', { client, region: REGION, size: 1, name: 'killed', image: parts.image });
      const attaching = await portal.ask(machine, 'attach-volume', { volume: id });
      await cinder.restart();
      const ended = [await portal.ended(making.operation), await portal.ended(attaching.operation)];
      const found = await inCinder('volumes', making.body.id);
      await done(portal.ask(machine, 'detach-volume', { volume: id }), async () => undefined);
      for (const one of [id, making.body.id]) await portal.call('DELETE', `${STAFF}/volumes/${one}`);
      const gone = await settles(
        async () => !(await inCinder('volumes', id)).length && !(await inCinder('volumes', making.body.id)).length,
      );
      return [
        ended.every((one) => ['completed', 'failed'].includes(one?.status)) && found.length <= 1 && gone,
        { first, making, attaching, ended, found },
      ];
    },
  );
  await check('the machine is deleted, and its root volume with it: Cinder has nothing left', async () => {
    await portal.call('DELETE', `${STAFF}/instances/${machine}?delete_volumes=true`);
    await portal.comesTo(machine, (one) => one === undefined);
    /** @type {Record<string, any[]>} */ const left = {};
    const gone = await settles(async () => {
      for (const kind of /** @type {Kind[]} */ (['volumes', 'snapshots', 'backups']))
        left[kind] = (await cloud.ask('volume', `/${kind}/detail?all_tenants=1`))[kind];
      return Object.values(left).every((list) => !list.length);
    });
    return [gone, left];
  });
};
