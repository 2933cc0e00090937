// @ts-check
// An IPMI BMC of OpenIPMI. Its chassis is a program of ours, which keeps the machine in files and tells of changes.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopChild } from '../../bench/lib-service.mjs';
import { freePort } from '../../lib/free-port.mjs';
import { Trouble } from '../../lib/progress.mjs';

/** The chassis, called as `get power`, `set power 1`, `set boot pxe`. @param {string} name @param {string} notify */
const chassisOf = (name, notify) => `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const read = (file, otherwise) => {
  try {
    return readFileSync(__dirname + '/' + file, 'utf8');
  } catch {
    return otherwise;
  }
};
const [verb, what, value] = process.argv.slice(2);
appendFileSync(__dirname + '/commands', [verb, what, value].filter(Boolean).join(' ') + '\\n');
if (!['power', 'boot'].includes(what)) process.exit(1);
if (verb === 'get') console.log(what + ':' + read(what, what === 'power' ? '0' : 'none'));
else {
  writeFileSync(__dirname + '/' + what, value);
  const body = JSON.stringify({
    name: ${JSON.stringify(name)},
    power_state: read('power', '0') === '1' ? 'On' : 'Off',
    boot_device: read('boot', 'none'),
  });
  fetch(${JSON.stringify(notify)}, { method: 'PUT', body, signal: AbortSignal.timeout(2000) }).catch(() => undefined);
}
`;

/** @param {{ dir: string, name: string, notify: string, user: string, password: string }} site */
export const startIpmiSim = async ({ dir, name, notify, user, password }) => {
  const port = await freePort();
  const at = path.join(dir, 'ipmi');
  mkdirSync(path.join(at, 'state'), { recursive: true });
  const chassis = path.join(at, 'chassis');
  writeFileSync(chassis, chassisOf(name, notify));
  chmodSync(chassis, 0o755);
  const auths = ['callback', 'user', 'operator', 'admin'].map((level) => `    allowed_auths_${level} md5`).join('\n');
  writeFileSync(
    path.join(at, 'lan.conf'),
    `name "${name}"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${port}
    priv_limit admin
${auths}
    guid a123456789abcdefa123456789abcdef
  endlan
  chassis_control "${chassis}"
  user 2 true "${user}" "${password}" admin 10 md5
`,
  );
  writeFileSync(
    path.join(at, 'bmc.emu'),
    'mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nmc_enable 0x20\n',
  );
  let output = '';
  const child = spawn(
    'ipmi_sim',
    ['-c', path.join(at, 'lan.conf'), '-f', path.join(at, 'bmc.emu'), '-s', path.join(at, 'state'), '-n'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
  await sleep(500);
  if (child.exitCode !== null) throw new Trouble(`ipmi_sim ended:\n${output}`);
  const read = (/** @type {string} */ file) =>
    existsSync(path.join(at, file)) ? readFileSync(path.join(at, file), 'utf8').trim() : '';
  return {
    port,
    isOn: () => read('power') === '1',
    /** What the chassis was told, in order. */
    commands: () => read('commands').split('\n'),
    stop: () => stopChild(child),
  };
};
