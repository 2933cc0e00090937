// @ts-check
// A Redfish BMC of sushy-tools with its fake back end: power takes seconds and shows at the next look, as in life.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopChild } from '../../bench/lib-service.mjs';
import { freePort } from '../../lib/free-port.mjs';
import { Trouble } from '../../lib/progress.mjs';

/**
 * @param {string} command sushy-emulator
 * @param {{ dir: string, notify: string, system: { uuid: string, name: string, mac: string, ip: string } }} site
 */
export const startSushyEmulator = async (command, { dir, notify, system: { uuid, name, mac, ip } }) => {
  const port = await freePort();
  const state = path.join(dir, 'sushy');
  mkdirSync(state, { recursive: true });
  const systems = [{ uuid, name, power_state: 'Off', external_notifier: true, nics: [{ mac, ip }] }];
  const config = {
    SUSHY_EMULATOR_LISTEN_IP: '127.0.0.1',
    SUSHY_EMULATOR_LISTEN_PORT: port,
    SUSHY_EMULATOR_STATE_DIR: state,
    EXTERNAL_NOTIFICATION_URL: notify,
  };
  const file = path.join(dir, 'sushy.conf');
  // Its configuration is Python.
  const lines = Object.entries(config).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const json = JSON.stringify(systems).replaceAll(':true', ':True');
  writeFileSync(
    file,
    [...lines, 'SUSHY_EMULATOR_FAKE_DRIVER = True', `SUSHY_EMULATOR_FAKE_SYSTEMS = ${json}`].join('\n'),
  );
  let output = '';
  const child = spawn(command, ['--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => {
      output = (output + part).slice(-200_000);
    });
  const url = `http://127.0.0.1:${port}`;
  const at = `${url}/redfish/v1/Systems/${uuid}`;
  const system = async () => /** @type {any} */ (await (await fetch(at)).json());
  for (let i = 0; ; i += 1) {
    try {
      await system();
      break;
    } catch (err) {
      if (i < 100 && child.exitCode === null) await sleep(100);
      else throw new Trouble(`sushy-emulator does not answer (${err}):\n${output}`);
    }
  }
  return { url, path: `/redfish/v1/Systems/${uuid}`, system, output: () => output, stop: () => stopChild(child) };
};
