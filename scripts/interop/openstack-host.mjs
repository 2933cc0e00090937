// @ts-check
// One more host for the OpenStack peer, whose fake hypervisor takes 5 s for a live migration and can break it off: the
// peer's own has one host, so that nothing could be moved.
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Trouble } from '../lib/progress.mjs';

export const MORE_HOST = 'peer-live';
/** The hosts of the peer: its own, and the one more. */
export const HOSTS = ['peer-compute', MORE_HOST];
const DRIVER = 'fake.FakeLiveMigrateDriver';
const COMMAND = 'import sys; sys.argv[0]="nova-compute"; from nova.cmd.compute import main; main()';

/**
 * @param {string} run the peer's directory with its `etc` and `log`
 * @param {import('./openstack-cloud.mjs').Cloud} cloud
 * @returns {Promise<() => Promise<void>>} ends it
 */
export const startHost = async (run, cloud) => {
  const etc = path.join(run, 'etc/nova');
  const log = path.join(run, 'log', `${MORE_HOST}.log`);
  const state = path.join(run, 'state', MORE_HOST);
  const config = path.join(etc, `${MORE_HOST}.conf`);
  fs.mkdirSync(path.join(state, 'instances'), { recursive: true });
  fs.writeFileSync(
    config,
    fs
      .readFileSync(path.join(etc, 'nova-compute.conf'), 'utf8')
      .replace(/^host = .*$/m, `host = ${MORE_HOST}`)
      .replace(/^compute_driver = .*$/m, `compute_driver = ${DRIVER}`)
      .replace(/^state_path = .*$/m, `state_path = ${state}`),
  );
  const out = fs.openSync(log, 'a');
  const child = spawn('/usr/bin/python3', ['-c', COMMAND, '--config-file', config], { stdio: ['ignore', out, out] });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const began = Date.now();
  /** Whether Nova has heard of it since; a peer that was left running knows it from before. */
  const isUp = async () => {
    const { services } = await cloud.ask('compute', `/os-services?host=${MORE_HOST}`);
    return services.some(
      (/** @type {any} */ one) => one.state === 'up' && Date.parse(`${one.updated_at ?? one.created_at}Z`) > began,
    );
  };
  const nova = path.join(etc, 'nova.conf');
  for (const end = Date.now() + 180_000; Date.now() < end; await sleep(2000)) {
    if (child.exitCode !== null) break;
    if (!(await isUp())) continue;
    spawnSync('/usr/bin/nova-manage', ['--config-file', nova, 'cell_v2', 'discover_hosts'], { timeout: 60_000 });
    const { hypervisors } = await cloud.ask('compute', '/os-hypervisors/detail');
    if (hypervisors.some((/** @type {any} */ one) => one.service.host === MORE_HOST)) return stop;
  }
  await stop();
  throw new Trouble(`the second host of the OpenStack did not start:\n${fs.readFileSync(log, 'utf8').slice(-2000)}`);
};
