// @ts-check
// A real Cinder beside the OpenStack peer, which has none: Debian's own packages, a database of its own in the peer's
// PostgreSQL, volumes that are files of a directory (openstack_cinder_driver.py).
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../lib/free-port.mjs';
import { Trouble } from '../lib/progress.mjs';
import { has, provide } from '../lib/provide.mjs';

// dmidecode: os-brick falls over without.
const PACKAGES = ['cinder-api', 'cinder-scheduler', 'cinder-volume', 'cinder-backup', 'qemu-utils', 'dmidecode'];
const SERVICES = ['cinder-api', 'cinder-scheduler', 'cinder-volume', 'cinder-backup'];
const DATABASE = 'cinder';
/** Of the service in Keystone's catalog: what Nova looks for. */
const TYPE = 'volumev3';

/** Why there is none; undefined: there is. */
export const whyNoCinder = () => provide(PACKAGES, () => [...SERVICES, 'qemu-img', 'dmidecode'].every(has));

/** The section of a configuration file, with its heading. @param {string} text @param {string} name */
const section = (text, name) => new RegExp(`^\\[${name}\\]\\n(?:(?!\\[).*\\n)*`, 'm').exec(text)?.[0] ?? '';
/** @param {string} text @param {string} name */
const option = (text, name) => new RegExp(`^${name} = (.+)$`, 'm').exec(text)?.[1] ?? '';
/** @param {string} command @param {string[]} args @param {Record<string, string>} [env] */
const run = (command, args, env = {}) => {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 300_000,
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Trouble(`${path.basename(command)} failed:\n${`${stdout}${stderr}`.slice(-2000)}`);
  return stdout;
};

/**
 * @param {string} nova text of nova.conf @param {{ state: string, port: number }} own
 * @returns text of cinder.conf
 */
const configuration = (nova, { state, port }) => `[DEFAULT]
host = nefos-cinder
my_ip = 127.0.0.1
state_path = ${state}
transport_url = ${option(nova, 'transport_url')}
auth_strategy = keystone
api_paste_config = /etc/cinder/api-paste.ini
rootwrap_config = /etc/cinder/rootwrap.conf
resource_query_filters_file = /etc/cinder/resource_filters.json
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = ${port}
osapi_volume_workers = 1
glance_api_servers = ${option(nova, 'api_servers')}
enabled_backends = directory
volume_clear = none
backup_driver = cinder.backup.drivers.posix.PosixBackupDriver
backup_posix_path = ${state}/backups
backup_file_size = 32768000
backup_workers = 1
quota_volumes = -1
quota_snapshots = -1
quota_gigabytes = -1
quota_backups = -1
quota_backup_gigabytes = -1
[directory]
volume_driver = openstack_cinder_driver.DirectoryDriver
volume_backend_name = directory
[database]
connection = ${option(section(nova, 'database'), 'connection').replace(/\/[^/]*$/, `/${DATABASE}`)}
[oslo_concurrency]
lock_path = ${state}/lock
[oslo_messaging_rabbit]
heartbeat_timeout_threshold = 0
[oslo_messaging_notifications]
driver = noop
${section(nova, 'keystone_authtoken')}${section(nova, 'service_user')}
${section(nova, 'neutron')
  .replace('[neutron]', '[nova]')
  .replace(/^service_metadata_proxy.*\n/m, '')}`;

/**
 * Where Keystone says that it is; one of an earlier run is told anew.
 * @param {import('./openstack-cloud.mjs').Cloud} cloud @param {string} url
 */
const register = async ({ ask }, url) => {
  const { services } = await ask('identity', `/services?type=${TYPE}`);
  for (const { id } of services) await ask('identity', `/services/${id}`, { method: 'DELETE' });
  const body = { service: { name: 'cinderv3', type: TYPE } };
  const { service } = await ask('identity', '/services', { method: 'POST', body });
  for (const kind of ['public', 'internal', 'admin'])
    await ask('identity', '/endpoints', {
      method: 'POST',
      body: { endpoint: { service_id: service.id, interface: kind, region_id: 'RegionOne', url } },
    });
};

/**
 * @param {string} home the peer's directory with its `etc`, `log` and `state`
 * @param {import('./openstack-cloud.mjs').Cloud} cloud
 * @returns {Promise<{ stop: () => Promise<void>, restart: () => Promise<void> }>}
 */
export const startCinder = async (home, cloud) => {
  const nova = fs.readFileSync(path.join(home, 'etc/nova/nova.conf'), 'utf8');
  const state = path.join(home, 'state/cinder');
  const config = path.join(home, 'etc/cinder.conf');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}/v3`;
  fs.rmSync(state, { recursive: true, force: true });
  for (const part of ['lock', 'volumes', 'backups']) fs.mkdirSync(path.join(state, part), { recursive: true });
  fs.writeFileSync(config, configuration(nova, { state, port }));
  const [, host = '', database = ''] = /@([\d.]+):(\d+)\//.exec(option(section(nova, 'database'), 'connection')) ?? [];
  const psql = (/** @type {string} */ text) => run('psql', ['-qh', host, '-p', database, '-U', 'postgres', '-c', text]);
  psql(`drop database if exists ${DATABASE} with (force)`);
  psql(`create database ${DATABASE} owner os`);
  run('/usr/bin/cinder-manage', ['--config-file', config, 'db', 'sync']);

  /** @type {import('node:child_process').ChildProcess[]} */
  let children = [];
  const stop = async () => {
    const ending = children
      .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      .map(
        (child) =>
          new Promise((resolve) => {
            child.once('exit', resolve);
          }),
      );
    // Each has children of its own, and its own process group.
    for (const { pid } of children)
      try {
        process.kill(-Number(pid), 'SIGKILL');
      } catch {
        // it has ended
      }
    await Promise.all(ending);
    children = [];
  };
  const start = async () => {
    children = SERVICES.map((name) => {
      const out = fs.openSync(path.join(home, 'log', `${name}.log`), 'a');
      const child = spawn(`/usr/bin/${name}`, ['--config-file', config], {
        detached: true,
        stdio: ['ignore', out, out],
        env: { ...process.env, PYTHONPATH: import.meta.dirname, PYTHONDONTWRITEBYTECODE: '1' },
      });
      fs.closeSync(out);
      return child;
    });
    for (const end = Date.now() + 120_000; Date.now() < end; await sleep(1000)) {
      const ended = children.find(({ exitCode }) => exitCode !== null);
      if (ended) break;
      const up = await cloud.ask('volume', '/os-services').catch(() => undefined);
      if (up?.services.filter((/** @type {any} */ one) => one.state === 'up').length === SERVICES.length - 1) return;
    }
    await stop();
    const logs = SERVICES.map((name) => fs.readFileSync(path.join(home, 'log', `${name}.log`), 'utf8').slice(-1000));
    throw new Trouble(`Cinder did not start:\n${logs.join('\n')}`);
  };
  await register(cloud, `${endpoint}/%(project_id)s`);
  await cloud.signIn();
  await start();
  return {
    stop,
    restart: async () => {
      await stop();
      await start();
    },
  };
};
