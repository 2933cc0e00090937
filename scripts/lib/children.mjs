// @ts-check
// The services as child processes: started, watched, restarted when they die, stopped in order.
import { spawn } from 'node:child_process';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rememberService } from './former-services.mjs';
import { root } from './prepare.mjs';
import { Trouble } from './progress.mjs';

/** A service that dies this often within a minute is not restarted any more. */
const MOST_DEATHS = 20;
/** After this time one more line says that a service is still down. */
const LONG_DOWN_SECONDS = 30;

/**
 * One GET request.
 * @param {string} url
 * @returns {Promise<{ status: number | undefined, text: string }>} status 0: no answer
 */
export const get = (url) =>
  new Promise((resolve) => {
    const req = http.get(url, { timeout: 2000, agent: false }, (res) => {
      let text = '';
      res.on('data', (part) => {
        text += part;
      });
      res.on('end', () => resolve({ status: res.statusCode, text }));
      res.on('error', () => resolve({ status: 0, text: '' }));
    });
    req.on('timeout', () => req.destroy());
    req.on('error', () => resolve({ status: 0, text: '' }));
  });

/**
 * Starts a service and keeps it running.
 * @param {{ name: string, env: Record<string, string | undefined>, dir: string, say: (line: string) => void,
 *   log: ReturnType<typeof import('./logs.mjs').openLog>, gaveUp: (err: Error) => unknown }} options
 *   `dir`: the state directory; `gaveUp`: called when it dies again and again
 */
export const startChild = ({ name, env, dir, log, say, gaveUp }) => {
  /** @type {ReturnType<typeof launch>} */
  let current;
  let stopping = false;
  let ready = false;
  /** Instants of the deaths of the last minute. @type {number[]} */
  let deaths = [];
  let restarts = 0;
  let address = '';
  let downSince = 0;
  /** Says one line when the service is back, and one when that takes long: not one for every death on the way. */
  const watchReturn = async () => {
    for (let warned = false; !stopping; await sleep(200)) {
      const seconds = (Date.now() - downSince) / 1000;
      if ((await get(address)).status === 200) {
        downSince = 0;
        say(`${name} is back after ${seconds.toFixed(1)} s`);
        return;
      }
      if (!warned && seconds > LONG_DOWN_SECONDS) {
        warned = true;
        say(`${name} does not come back: its log is ${log.where}`);
      }
    }
  };
  const launch = () => {
    const child = spawn(process.execPath, ['--enable-source-maps', path.join(root, 'services', name, 'dist/main.js')], {
      cwd: root,
      env: { ...env, NEFOS_START_RESTARTS: String(restarts) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const { stdout, stderr } = child;
    if (!stdout || !stderr) throw new Error('a piped stream is missing');
    rememberService(dir, name, child.pid);
    log.take(stdout);
    log.take(stderr);
    const run = {
      child,
      /** The end of what it wrote to standard error. */
      tail: '',
      /** Somebody restarts it: its end is no death. */
      replaced: false,
      /** @type {Promise<number | string | null>} exit code or signal */
      exited: new Promise((resolve) => {
        child.once('exit', (code, signal) => resolve(signal ?? code));
      }),
    };
    stderr.on('data', (part) => {
      run.tail = (run.tail + part).slice(-2000);
    });
    child.on('error', () => undefined);
    void run.exited.then(async (reason) => {
      if (!stopping && ready && !run.replaced) await revive(reason);
    });
    return run;
  };
  /** Starts it again after a death, later and later. @param {number | string | null} reason exit code or signal */
  const revive = async (reason) => {
    deaths = [...deaths.filter((t) => Date.now() - t < 60_000), Date.now()];
    if (deaths.length > MOST_DEATHS) {
      gaveUp(
        new Trouble(`${name} died ${MOST_DEATHS} times within a minute (last: ${reason}); its log is ${log.where}`),
      );
      return;
    }
    if (!downSince) {
      downSince = Date.now();
      say(`${name} died (${reason}); starting it again`);
      void watchReturn();
    }
    const dead = current;
    await sleep(Math.min(5000, 100 * 2 ** Math.min(6, deaths.length - 1)));
    if (stopping || current !== dead) return;
    restarts += 1;
    current = launch();
  };
  /** Ends the present process: SIGTERM, and SIGKILL after `seconds`. @param {number} seconds */
  const end = async (seconds) => {
    const { child, exited } = current;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    await exited;
    clearTimeout(hard);
  };
  current = launch();
  return {
    name,
    pid: () => current.child.pid,
    /**
     * Waits until `url` answers 200.
     * @param {string} url @param {number} [seconds]
     * @throws {Trouble} with the service's own last words
     */
    ready: async (url, seconds = 60) => {
      const until = Date.now() + seconds * 1000;
      let last;
      const first = current;
      /** @type {Promise<never>} */
      const died = first.exited.then((reason) => {
        throw new Trouble(`${name} could not start (${reason}):\n${first.tail.trim() || `see ${log.where}`}`);
      });
      died.catch(() => undefined);
      while (Date.now() < until) {
        last = await Promise.race([get(url), died]);
        if (last.status === 200) {
          ready = true;
          address = url;
          return;
        }
        await Promise.race([sleep(50), died]);
      }
      throw new Trouble(
        `${name} is not ready after ${seconds} s: ${last?.text || 'no answer'}; its log is ${log.where}`,
      );
    },
    /** Ends it and starts it anew, and waits until it answers, at most half a minute. @returns {Promise<void>} */
    restart: async () => {
      current.replaced = true;
      deaths = [];
      await end(15);
      if (stopping) return;
      current = launch();
      for (const until = Date.now() + 30_000; !stopping && Date.now() < until; await sleep(50))
        if ((await get(address)).status === 200) return;
    },
    /** Everything is being stopped, and a signal may have reached it too: its end is no death. */
    leaving: () => {
      stopping = true;
    },
    /** @param {number} [seconds] after which it is killed */
    stop: async (seconds = 15) => {
      stopping = true;
      await end(seconds);
      await log.close();
    },
  };
};
