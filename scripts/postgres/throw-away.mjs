// @ts-check
// Directories of tests and benchmarks with a PostgreSQL in them. Each says in `owner.json` which process it belongs to:
// it goes with that process when a signal ends it, and what a killed one left behind is ended by the next run.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holders, pidFile } from './cluster.mjs';

const OWNER = 'owner.json';
const NAME = /^nefos-[a-z0-9-]+-\w{6}$/;
/** How long a program that was asked to end may take. */
const GRACE_MS = 15_000;
/** @typedef {{ pid: number, started: string }} Process `started`: a pid is given again */
/** @typedef {Process & { machine: string, leader?: Process }} Owner `leader`: ends what it has started by itself */

/** PostgreSQL does not run as root, and its user often can not reach the usual place. */
const base = () => (process.getuid?.() === 0 ? '/var/tmp' : os.tmpdir());
/**
 * When a process began, in ticks since the machine's start; undefined: there is none, or it is a zombie. Without /proc
 * every living process counts.
 * @param {number} pid
 */
const startOf = (pid) => {
  if (process.platform !== 'linux') {
    try {
      process.kill(pid, 0);
      return '';
    } catch {
      return undefined;
    }
  }
  try {
    const fields = fs
      .readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : (fields[19] ?? '');
  } catch {
    return undefined;
  }
};
/** @param {Process} process */
const lives = ({ pid, started }) => startOf(pid) === started;
/** Pids say nothing about another machine, another start of this one, or another container. */
const machine = () => {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${fs.readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return os.hostname();
  }
};

/**
 * Says that a directory is a process's own.
 * @param {string} dir @param {{ pid?: number, leader?: number }} [options] `leader`: started by it; when it is asked to
 *   end it ends all that it has started in the directory
 */
export const claim = (dir, { pid = process.pid, leader } = {}) => {
  const told = (/** @type {number} */ one) => ({ pid: one, started: startOf(one) ?? 'gone' });
  /** @type {Owner} */
  const owner = { ...told(pid), machine: machine(), ...(leader !== undefined && { leader: told(leader) }) };
  const aside = path.join(dir, `${OWNER}.${process.pid}`);
  fs.writeFileSync(aside, JSON.stringify(owner));
  fs.renameSync(aside, path.join(dir, OWNER));
};
/** Makes a directory of this process. @param {string} purpose a word of its name */
export const makeThrowAway = (purpose) => {
  const dir = fs.mkdtempSync(path.join(base(), `nefos-${purpose}-`));
  fs.chmodSync(dir, 0o755); // the user that PostgreSQL runs as must reach it
  claim(dir);
  return dir;
};

/** Data directories in it: its own, or those of an installation. @param {string} dir */
const dataIn = (dir) =>
  [dir, path.join(dir, 'postgres'), path.join(dir, 'state/postgres')].flatMap((at) => {
    try {
      return fs
        .readdirSync(at)
        .filter((name) => /^data-\d+$/.test(name))
        .map((name) => path.join(fs.realpathSync(at), name));
    } catch {
      return [];
    }
  });
/** Processes of PostgreSQL that work in a data directory. @param {string} data @returns {number[]} */
const serversIn = (data) => {
  if (process.platform === 'linux') return holders(data).map(Number);
  const pid = pidFile(data)?.pid;
  if (!pid) return [];
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout?.includes(data) ? [pid] : [];
};
/** @param {number} pid @param {NodeJS.Signals} signal */
const send = (pid, signal) => {
  try {
    process.kill(pid, signal);
  } catch {
    /* it is gone */
  }
};
/** Asks, waits, insists. @param {() => number[]} living @param {NodeJS.Signals} asked */
const end = async (living, asked) => {
  for (const pid of living()) send(pid, asked);
  for (const until = Date.now() + GRACE_MS; living().length; await sleep(50)) {
    if (Date.now() < until) continue;
    for (const pid of living()) send(pid, 'SIGKILL');
    await sleep(200);
    return;
  }
};
/**
 * Ends what runs in a directory, and takes it away.
 * @param {string} dir @param {Process} [leader]
 */
export const endIn = async (dir, leader) => {
  if (leader) await end(() => (lives(leader) ? [leader.pid] : []), 'SIGTERM');
  // Nothing of it is kept, so it need not be written down: an immediate shutdown.
  for (const data of dataIn(dir)) await end(() => serversIn(data), 'SIGQUIT');
  fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
};

/** The owner of a directory that is ours to judge. @param {string} dir @returns {Owner | undefined} */
const ownerOf = (dir) => {
  try {
    const file = path.join(dir, OWNER);
    for (const one of [dir, file]) {
      const { uid } = fs.lstatSync(one);
      if (process.getuid && uid !== process.getuid()) return undefined;
    }
    if (!fs.lstatSync(dir).isDirectory() || !fs.lstatSync(file).isFile()) return undefined;
    const owner = JSON.parse(fs.readFileSync(file, 'utf8'));
    return Number.isInteger(owner.pid) && owner.machine === machine() ? owner : undefined;
  } catch {
    return undefined;
  }
};
/**
 * Ends what runs of this machine left behind whose process is gone. A directory without an owner, or of another user,
 * machine or container, is left alone.
 * @returns {Promise<string[]>} the directories
 */
export const endLeftovers = async () => {
  /** @type {string[]} */
  const ended = [];
  for (const name of fs.readdirSync(base())) {
    if (!NAME.test(name)) continue;
    const dir = path.join(base(), name);
    const owner = ownerOf(dir);
    if (!owner || lives(owner)) continue;
    await endIn(dir, owner.leader);
    ended.push(dir);
  }
  return ended;
};

const SIGNALS = /** @type {const} */ ({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 });
/** What is done when a signal ends this process. @type {Set<() => Promise<unknown>>} */
const works = new Set();
let ending = false;
const endBy = (/** @type {keyof typeof SIGNALS} */ signal) => {
  if (ending) return;
  ending = true;
  const all = [...works].map((work) => work().catch((err) => console.error(err)));
  void Promise.all(all).finally(() => process.exit(128 + SIGNALS[signal]));
};
/**
 * Does `work` when a signal ends this process, which ends when all such work is done.
 * @param {() => Promise<unknown>} work
 * @returns {() => void} takes it back
 */
export const onEnd = (work) => {
  const names = /** @type {(keyof typeof SIGNALS)[]} */ (Object.keys(SIGNALS));
  if (!works.size) for (const signal of names) process.on(signal, endBy);
  works.add(work);
  return () => {
    works.delete(work);
    if (!works.size && !ending) for (const signal of names) process.off(signal, endBy);
  };
};
/** Whether a signal is ending this process. */
export const isEnding = () => ending;
