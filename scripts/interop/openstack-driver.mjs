// @ts-check
// The OpenStack driver against a real OpenStack: the conformance suite of all drivers, then a whole Nefos whose region
// is that cloud. The cloud and compute are killed in the middle.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from '../lib/prepare.mjs';
import { startPrivateStack } from '../lib/private-stack.mjs';
import { runInteropTest } from './jest-interop.mjs';
import { startPeer, whyNoPeer } from './openstack-peer.mjs';

/** @typedef {(name: string, look: () => Promise<[boolean, ...unknown[]]>) => Promise<void>} Check */
const exec = promisify(execFile);

/** @param {import('./openstack-peer.mjs').Peer} peer */
const runConformance = ({ settings, secrets, restart }) =>
  runInteropTest('openstack-driver', { NEFOS_TEST_OPENSTACK: JSON.stringify({ settings, secrets, restart }) });

const REGION = 'Region1';
const STAFF = '/staffapi/openstack';
/**
 * @param {import('../lib/private-stack.mjs').PrivateStack} stack @param {import('./openstack-peer.mjs').Peer} peer
 * @param {Check} check
 */
export const useCloud = async (stack, peer, check) => {
  const { token } = stack.credentials.compute.staff;
  /**
   * @param {string} method @param {string} at @param {object} [body] @returns {Promise<{ status: number, body: any }>}
   */
  const call = async (method, at, body) => {
    for (let attempt = 1; ; attempt += 1) {
      const res = await fetch(stack.gateway + at, {
        method,
        headers: { Authorization: `Token ${token}`, 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await res.text();
      // Compute is being started again.
      if ([502, 503].includes(res.status) && attempt < 60) await sleep(500);
      else return { status: res.status, body: text ? JSON.parse(text) : undefined };
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
    for (const end = Date.now() + 180_000; Date.now() < end; await sleep(500)) {
      seen = await call('GET', `${STAFF}/instances/${id}`);
      if (seen.body.status === status && seen.body.task_state === null) return [true, seen.body];
      if (seen.body.status === 'error') break;
    }
    return [false, seen];
  };
  const { settings, secrets, restart } = peer;
  await check('a region gets its driver; the password is not answered', async () => {
    const set = await call('PUT', `${STAFF}/regions/${REGION}/driver`, { driver: 'openstack', settings, secrets });
    return [set.status === 200 && set.body.health.ok && !JSON.stringify(set.body).includes(secrets.password), set];
  });
  await check("nefos region sync brings the cloud's flavors, images and networks", async () => {
    const first = await nefos('region', 'sync', REGION);
    const second = await nefos('region', 'sync', REGION);
    const added = (/** @type {any[]} */ rows) => rows.map((row) => row.added);
    return [first.every((row) => row.added > 0) && added(second).every((n) => n === 0), first, second];
  });
  /** @param {string} kind @param {string} name */
  const idOf = async (kind, name) => {
    const { body } = await call('GET', `${STAFF}/${kind}?filtering=name:${name}%2Bregion:${REGION}`);
    return body.objects[0]?.id;
  };
  const [flavor, image, networks] = [
    await idOf('flavors', 'm1.nano'),
    await idOf('images', 'tiny'),
    (await call('GET', `${STAFF}/networks?page_size=500`)).body.objects,
  ];
  // The demo has a network of this name as well: the cloud's has its id in its name.
  const network = networks.find((/** @type {any} */ one) => one.name.startsWith('private ('))?.id;
  /** @param {string} name */
  const create = async (name) => {
    const made = await call('POST', `${STAFF}/instances`, {
      client: 599151,
      region: REGION,
      share_image: false,
      nics: [network],
      name,
      flavor,
      boot_source: { source_type: 'image', source_id: image, delete_on_termination: false, create_new_volume: false },
    });
    if (made.status !== 201) throw new Error(`create answered ${made.status} ${JSON.stringify(made.body)}`);
    return made.body.id;
  };
  const first = await create('interop-1');
  await check('an instance is built in the cloud, with its address and its host', async () => {
    const [there, seen] = await comesTo(first, 'active');
    return [there && /^10\.0\./.test(seen.access_ip ?? '') && seen.hostId !== '', seen];
  });
  for (const [action, status] of [
    ['stop', 'stopped'],
    ['start', 'active'],
    ['reboot', 'active'],
    ['suspend', 'suspended'],
    ['resume', 'active'],
    ['pause', 'paused'],
    ['unpause', 'active'],
  ])
    await check(`${action}: the instance becomes ${status}`, async () => {
      const asked = await call('POST', `${STAFF}/instances/${first}/${action}`);
      const [there, seen] = await comesTo(first, String(status));
      return [asked.status === 200 && there, asked, seen];
    });
  await check('the cloud is killed and started again while an instance is built and another stops', async () => {
    const second = await create('interop-2');
    await call('POST', `${STAFF}/instances/${first}/stop`);
    await exec(String(restart[0]), restart.slice(1), { timeout: 200_000 });
    const [built, one] = await comesTo(second, 'active');
    const [stopped, other] = await comesTo(first, 'stopped');
    return [built && stopped, one, other];
  });
  await check(
    'compute is killed while instances are built: each is there once, none is left after deletion',
    async () => {
      const ids = [await create('interop-3'), await create('interop-4')];
      for (const ms of [50, 400, 900]) {
        await sleep(ms);
        process.kill(Number(readFileSync(path.join(stack.state, 'pids/compute'), 'utf8')), 'SIGKILL');
        await sleep(3000);
      }
      const built = [];
      for (const id of ids) built.push(await comesTo(id, 'active'));
      const { body } = await call('GET', `${STAFF}/instances?filtering=region:${REGION}`);
      const names = body.objects.map((/** @type {any} */ one) => one.name).sort();
      for (const one of body.objects) await call('DELETE', `${STAFF}/instances/${one.id}`);
      let left = [];
      for (const end = Date.now() + 120_000; Date.now() < end; await sleep(1000)) {
        left = (await call('GET', `${STAFF}/instances?filtering=region:${REGION}`)).body.objects;
        if (!left.length) break;
      }
      const servers = await serversOf(peer);
      return [
        built.every(([there]) => there) &&
          names.join() === 'interop-1,interop-2,interop-3,interop-4' &&
          !servers.length,
        built,
        names,
        left.length,
        servers,
      ];
    },
  );
};
/** Servers of all projects, asked without the driver. @param {import('./openstack-peer.mjs').Peer} peer */
const serversOf = async ({ settings, secrets }) => {
  const domain = { name: 'Default' };
  const res = await fetch(`${settings.auth_url}/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: settings.username, domain, password: secrets.password } },
        },
        scope: { project: { name: settings.project, domain } },
      },
    }),
  });
  const { token } = /** @type {any} */ (await res.json());
  const compute = token.catalog
    .find((/** @type {any} */ one) => one.type === 'compute')
    .endpoints.find((/** @type {any} */ one) => one.interface === 'public').url;
  for (const end = Date.now() + 60_000; ; await sleep(1000)) {
    const listed = await fetch(`${compute}/servers?all_tenants=1`, {
      headers: { 'X-Auth-Token': res.headers.get('x-subject-token') ?? '' },
    });
    const { servers } = /** @type {any} */ (await listed.json());
    if (!servers.length || Date.now() > end) return servers;
  }
};

/**
 * @param {Check} check @param {(name: string, why: string) => void} skip
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export const tryOpenstackDriver = async (check, skip) => {
  const why = whyNoPeer();
  if (why) {
    skip('the OpenStack driver against a real OpenStack', why);
    return { passed: 0, failed: 0 };
  }
  const peer = startPeer();
  try {
    const { passed, failed, wrong } = await runConformance(peer);
    if (wrong) console.log(wrong);
    const stack = await startPrivateStack();
    try {
      await useCloud(stack, peer, check);
    } finally {
      await stack.stop();
    }
    return { passed, failed };
  } finally {
    peer.stop();
  }
};
