// @ts-check
// Services of a supervisor that was killed: who they are, and that none lives on beside the new ones.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './prepare.mjs';
import { alive } from './state.mjs';

/** @param {string} dir the state directory */
const folder = (dir) => path.join(dir, 'pids');

/**
 * Writes down which process is a service of this state directory.
 * @param {string} dir @param {string} name @param {number | undefined} pid
 */
export const rememberService = (dir, name, pid) => {
  if (!pid) return;
  fs.mkdirSync(folder(dir), { recursive: true });
  fs.writeFileSync(path.join(folder(dir), name), String(pid));
};

/**
 * Whether the process is what was written down: the system gives a pid to another process later. When unsure: no.
 * @param {string} dir @param {string} name @param {number} pid
 */
const isOurs = (dir, name, pid) => {
  const program = path.join(root, 'services', name, 'dist/main.js');
  try {
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const environment = fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return (
      command.includes(program) && environment.includes(`NEFOS_BOOTSTRAP_FILE=${path.join(dir, 'bootstrap.json')}`)
    );
  } catch {
    if (process.platform === 'linux') return false;
    return (spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '').includes(
      program,
    );
  }
};

/**
 * The services of this state directory that were written down and still live.
 * @param {string} dir
 */
const living = (dir) => {
  const names = fs.existsSync(folder(dir)) ? fs.readdirSync(folder(dir)) : [];
  const known = names.map((name) => ({ name, pid: Number(fs.readFileSync(path.join(folder(dir), name), 'utf8')) }));
  return known.filter(({ name, pid }) => pid > 1 && alive(pid) && isOurs(dir, name, pid));
};
/**
 * Whether a former supervisor has left services behind. A start that was cut short may have taken its lock over without
 * ending them.
 * @param {string} dir
 */
export const hasFormerServices = (dir) => living(dir).length > 0;
/**
 * Waits until the services of the former supervisor have ended by themselves, and ends by force those that do not, such
 * as stopped ones.
 * @param {string} dir @param {number} [seconds]
 * @returns {Promise<string | undefined>} what was done by force, if anything
 */
export const endFormerServices = async (dir, seconds = 10) => {
  const until = async (/** @type {number} */ end) => {
    while (hasFormerServices(dir) && Date.now() < end) await sleep(100);
  };
  await until(Date.now() + seconds * 1000);
  const forced = living(dir);
  for (const { pid } of forced)
    try {
      process.kill(pid, 'SIGKILL');
    } catch (err) {
      if (err.code !== 'ESRCH') throw err;
    }
  await until(Date.now() + 2000);
  return forced.length ? `ended by force: ${forced.map(({ name }) => name).join(', ')}` : undefined;
};
