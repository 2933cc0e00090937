// @ts-check
// A Nefos of its own for a script: free ports, a state directory that goes away, started by `npm start`'s own program.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from './children.mjs';
import { freePort } from './free-port.mjs';
import { root } from './prepare.mjs';
import { Trouble } from './progress.mjs';

/** @typedef {Awaited<ReturnType<typeof startPrivateStack>>} PrivateStack */
/**
 * @param {Record<string, string>} [env] more settings
 * @returns addresses, credentials and their file; `output`: the end of what npm start has printed
 * @throws {Trouble} when npm start ends, or is not ready in time
 */
export const startPrivateStack = async (env = {}) => {
  const base = process.getuid?.() === 0 ? '/var/tmp' : os.tmpdir();
  const state = mkdtempSync(path.join(base, 'nefos-private-'));
  chmodSync(state, 0o755);
  /** Settings. @type {Record<string, string>} */
  const ports = {};
  for (const name of ['GATEWAY', 'IDENTITY', 'COMPUTE', 'METERING', 'INTROSPECTION'])
    ports[`NEFOS_${name}_PORT`] = String(await freePort());
  let output = '';
  // It is for the script that asks; the services refuse settings that they do not know.
  const { NEFOS_OPENSTACK_PEER: _peer, ...inherited } = process.env;
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: root,
    env: { ...inherited, ...ports, ...env, NEFOS_START_STATE: state },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => {
      output = (output + part).slice(-5000);
    });
  let ended = false;
  /** @type {Promise<void>} */
  const exited = new Promise((resolve) => {
    child.once('exit', () => {
      ended = true;
      resolve();
    });
  });
  // A script that is interrupted leaves nothing behind, unless it ends its work itself.
  const interrupted = (/** @type {NodeJS.Signals} */ signal) => {
    if (process.listenerCount(signal) > 1) return;
    void stop().finally(() => process.exit(1));
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, interrupted);
  const stop = async () => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, interrupted);
    if (!ended) {
      child.kill('SIGTERM');
      await exited;
    }
    rmSync(state, { recursive: true, force: true });
  };
  const gateway = `http://127.0.0.1:${ports.NEFOS_GATEWAY_PORT}`;
  for (const end = Date.now() + 180_000; Date.now() < end; await sleep(200)) {
    if (ended) {
      await stop();
      throw new Trouble(`npm start ended:\n${output}`);
    }
    if ((await get(`${gateway}/healthz`)).status === 200) {
      const credentialsFile = path.join(state, 'credentials.json');
      return {
        gateway,
        ports: Object.fromEntries(
          Object.entries(ports).map(([name, port]) => [name.split('_')[1]?.toLowerCase() ?? '', Number(port)]),
        ),
        state,
        credentialsFile,
        /** @type {import('./principals.mjs').DemoCredentials} */
        credentials: JSON.parse(readFileSync(credentialsFile, 'utf8')),
        output: () => output,
        stop,
      };
    }
  }
  await stop();
  throw new Trouble(`npm start was not ready in time:\n${output}`);
};
