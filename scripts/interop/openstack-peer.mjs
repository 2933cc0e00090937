// @ts-check
// A real OpenStack for the driver of that name: started, killed and ended by its own scripts.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Trouble } from '../lib/progress.mjs';

/**
 * @typedef {{ settings: Record<string, any>, secrets: { password: string }, restart: string[],
 *   run: string, stop: () => void }} Peer `run`: the directory with its `pids`, `etc` and `log`
 */

/** Why there is none; undefined: there is. */
export const whyNoPeer = () => {
  const dir = process.env.NEFOS_OPENSTACK_PEER;
  if (!dir)
    return (
      'NEFOS_OPENSTACK_PEER is not set: the directory with the `up.sh` and `down.sh` of an OpenStack to test against ' +
      '(docs/drivers.md)'
    );
  if (!existsSync(path.join(dir, 'up.sh'))) return `there is no up.sh in ${dir}`;
  return process.getuid?.() === 0 ? undefined : 'only root can start it';
};
/** What is to be known of the one that runs there. @param {string} home @param {() => void} stop @returns {Peer} */
const peerAt = (home, stop) => {
  const run = path.join(home, 'run');
  const openrc = readFileSync(path.join(run, 'openrc'), 'utf8');
  const value = (/** @type {string} */ name) => new RegExp(`\\bOS_${name}=(\\S+)`).exec(openrc)?.[1] ?? '';
  return {
    settings: {
      auth_url: value('AUTH_URL'),
      username: value('USERNAME'),
      project: value('PROJECT_NAME'),
      region: value('REGION_NAME'),
    },
    secrets: { password: value('PASSWORD') },
    restart: [process.execPath, path.join(import.meta.dirname, 'restart-openstack.mjs'), run],
    run,
    stop,
  };
};
/** Starts one; one that runs at PEER_HOME is used as it is, and is left running. @returns {Peer} */
export const startPeer = () => {
  const running = process.env.PEER_HOME;
  if (running && existsSync(path.join(running, 'run/openrc'))) return peerAt(running, () => undefined);
  const dir = process.env.NEFOS_OPENSTACK_PEER ?? '';
  const home = mkdtempSync('/var/tmp/nefos-openstack-');
  // Its PostgreSQL runs as another user.
  chmodSync(home, 0o755);
  const env = { ...process.env, PEER_HOME: home };
  const stop = () => {
    spawnSync(path.join(dir, 'down.sh'), { env, stdio: 'ignore', timeout: 120_000 });
    rmSync(home, { recursive: true, force: true });
  };
  const { status, stdout, stderr } = spawnSync(path.join(dir, 'up.sh'), { env, encoding: 'utf8', timeout: 900_000 });
  if (status !== 0) {
    stop();
    throw new Trouble(`the OpenStack did not start:\n${String(stdout).slice(-2000)}${String(stderr).slice(-2000)}`);
  }
  return peerAt(home, stop);
};
