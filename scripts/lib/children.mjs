// The services as child processes: started, watched, started again when they die, stopped in order.
import { spawn } from 'node:child_process';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rememberService } from './former-services.mjs';
import { root } from './prepare.mjs';
import { Trouble } from './progress.mjs';

export const get = (url) =>
  new Promise((resolve) => {
    const req = http.get(url, { timeout: 2000, agent: false }, (res) => {
      let text = '';
      res.on('data', (p) => {
        text += p;
      });
      res.on('end', () => resolve({ status: res.statusCode, text }));
      res.on('error', () => resolve({ status: 0, text: '' }));
    });
    req.on('timeout', () => req.destroy());
    req.on('error', () => resolve({ status: 0, text: '' }));
  });

/** @param {{name: string, env: object, dir: string, log: ReturnType<import('./logs.mjs').openLog>, say: (line: string) => void, gaveUp: (err: Error) => void}} options */
export const startChild = ({ name, env, dir, log, say, gaveUp }) => {
  let child;
  let stopping = false;
  let ready = false;
  let deaths = [];
  let restarts = 0;
  let tail = '';
  let exited;
  let address;
  let downSince = 0;
  /** One line when it is back, or one when it takes long: not one for every death on the way. */
  const watchReturn = async () => {
    for (let told = false; !stopping; await sleep(200)) {
      const seconds = (Date.now() - downSince) / 1000;
      if ((await get(address)).status === 200) {
        downSince = 0;
        say(`${name} is back after ${seconds.toFixed(1)} s`);
        return;
      }
      if (!told && seconds > 30) {
        told = true;
        say(`${name} does not come back: its log is ${log.where}`);
      }
    }
  };
  const run = () => {
    tail = '';
    child = spawn(process.execPath, ['--enable-source-maps', path.join(root, 'services', name, 'dist/main.js')], {
      cwd: root,
      env: { ...env, NEFOS_START_RESTARTS: String(restarts) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    rememberService(dir, name, child.pid);
    log.take(child.stdout);
    log.take(child.stderr);
    child.stderr.on('data', (part) => {
      tail = (tail + part).slice(-2000);
    });
    child.on('error', () => undefined);
    exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? code));
    });
    exited.then(async (why) => {
      if (stopping || !ready) return;
      deaths = [...deaths.filter((t) => Date.now() - t < 60_000), Date.now()];
      if (deaths.length > 20) {
        gaveUp(new Trouble(`${name} died 20 times within a minute (last: ${why}); its log is ${log.where}`));
        return;
      }
      if (!downSince) {
        downSince = Date.now();
        say(`${name} died (${why}); starting it again`);
        void watchReturn();
      }
      await sleep(Math.min(5000, 100 * 2 ** Math.min(6, deaths.length - 1)));
      if (stopping) return;
      restarts += 1;
      run();
    });
  };
  run();
  return {
    name,
    pid: () => child.pid,
    /** Until `url` answers 200. @throws Trouble with the service's own last words */
    ready: async (url, seconds = 60) => {
      const end = Date.now() + seconds * 1000;
      let last;
      const died = exited.then((why) => {
        throw new Trouble(`${name} could not start (${why}):\n${tail.trim() || `see ${log.where}`}`);
      });
      died.catch(() => undefined);
      while (Date.now() < end) {
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
    /** It is to end, by itself too: its end is no death. */
    leaving: () => {
      stopping = true;
    },
    stop: async (seconds = 15) => {
      stopping = true;
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        const hard = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
        await exited;
        clearTimeout(hard);
      }
      await log.close();
    },
  };
};
