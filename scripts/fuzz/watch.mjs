// @ts-check
// What is watched beside the answers: the doors answer, nobody died, no secret got into a log.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from '../lib/children.mjs';

const DIED = /(?:died|ended) \([^)]*\); starting it again/g;
const GAP_MS = 20_000;

/** Asks every door's healthz each second. A door that is silent for 20 s in a row is a failure. */
export const watchDoors = (ports) => {
  const worst = {};
  const silent = {};
  const since = Object.fromEntries(Object.keys(ports).map((name) => [name, Date.now()]));
  let watching = true;
  const loop = async () => {
    while (watching) {
      for (const [name, port] of Object.entries(ports)) {
        if ((await get(`http://127.0.0.1:${port}/healthz`)).status === 200) since[name] = Date.now();
        const gap = Date.now() - since[name];
        worst[name] = Math.max(worst[name] ?? 0, gap);
        if (gap > GAP_MS) silent[name] = Math.round(worst[name] / 1000);
      }
      await sleep(1000);
    }
  };
  const ended = loop();
  return {
    stop: async () => {
      watching = false;
      await ended;
      return Object.entries(silent).map(([name, seconds]) => `${name} did not answer healthz for ${seconds} s`);
    },
  };
};

/** How often npm start had to start something again. */
export const deathsIn = (output) => (output.match(DIED) ?? []).length;

/** Secrets of the run that stand in a log, and lines that only a crash writes. */
export const searchLogs = (dir, secrets) => {
  const faults = [];
  const long = [...new Set(secrets)].filter((one) => one.length >= 12);
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(
    (f) => f.isFile() && /\.log(?:\.\d+)?$/.test(f.name),
  );
  for (const file of files) {
    const text = readFileSync(path.join(file.parentPath ?? file.path, file.name), 'utf8');
    for (const secret of long)
      for (const form of new Set([secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]))
        if (text.includes(form))
          faults.push(`${file.name} holds a secret: ${secret.slice(0, 4)}... (${around(text, form)})`);
    const crash = /^.*(?:uncaughtException|unhandledRejection|"level":60|FATAL ERROR).*$/m.exec(text);
    if (crash) faults.push(`${file.name}: ${crash[0].slice(0, 300)}`);
  }
  return faults;
};
/** The line it stands in, without the secret. */
const around = (text, form) => {
  const at = text.indexOf(form);
  const line = text.slice(text.lastIndexOf('\n', at) + 1, text.indexOf('\n', at)).replaceAll(form, '***');
  return line.slice(0, 300);
};
