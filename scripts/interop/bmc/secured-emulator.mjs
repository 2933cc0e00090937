// @ts-check
// sushy-emulator as an operator would run it: over TLS, for users of a file.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashSync } from 'bcryptjs';
import { stopChild } from '../../bench/lib-service.mjs';
import { freePort } from '../../lib/free-port.mjs';
import { Trouble } from '../../lib/progress.mjs';

/** Whether somebody listens. @param {number} port @returns {Promise<boolean>} */
const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/**
 * @param {string} command sushy-emulator
 * @param {{ dir: string, uuid: string, user: string, password: string }} site
 */
export const startSecuredEmulator = async (command, { dir, uuid, user, password }) => {
  const port = await freePort();
  const at = (/** @type {string} */ name) => path.join(dir, 'secured', name);
  mkdirSync(at('state'), { recursive: true });
  const names = ['-subj', '/CN=an emulated BMC', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', at('key.pem'), '-out', at('bmc.pem'), '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...made, ...names], { stdio: 'ignore' });
  writeFileSync(at('users'), `${user}:${hashSync(password, 4)}\n`);
  const systems = `[{"uuid": ${JSON.stringify(uuid)}, "name": "secured", "power_state": "Off", "nics": []}]`;
  const lines = {
    SUSHY_EMULATOR_LISTEN_IP: '127.0.0.1',
    SUSHY_EMULATOR_LISTEN_PORT: port,
    SUSHY_EMULATOR_STATE_DIR: at('state'),
    SUSHY_EMULATOR_SSL_CERT: at('bmc.pem'),
    SUSHY_EMULATOR_SSL_KEY: at('key.pem'),
    SUSHY_EMULATOR_AUTH_FILE: at('users'),
  };
  // Its configuration is Python.
  const text = Object.entries(lines).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  const last = `SUSHY_EMULATOR_FAKE_DRIVER = True\nSUSHY_EMULATOR_FAKE_SYSTEMS = ${systems}\n`;
  writeFileSync(at('sushy.conf'), text.join('') + last);
  let output = '';
  const child = spawn(command, ['--config', at('sushy.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => {
      output = (output + part).slice(-100_000);
    });
  for (let i = 0; !(await answers(port)); i += 1)
    if (i < 100 && child.exitCode === null) await sleep(100);
    else throw new Trouble(`sushy-emulator does not listen:\n${output}`);
  return { url: `https://127.0.0.1:${port}`, certificate: at('bmc.pem'), stop: () => stopChild(child) };
};
