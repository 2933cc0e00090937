#!/usr/bin/env node
// @ts-check
// Kills the services of the OpenStack peer, as a power cut would, and starts them again as they were:
// restart-openstack.mjs <directory with the peer's `pids` and `log`>. Its databases and its queue stay; so does
// nova-compute, since the fake hypervisor is a part of that process and would forget its machines.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SERVICES = ['keystone', 'glance', 'neutron', 'nova-api', 'nova-conductor', 'nova-scheduler'];
const [, , run = ''] = process.argv;

/** An argument may be empty; the last one ends with a NUL, too. */
const parts = (/** @type {number} */ pid, /** @type {string} */ what) =>
  fs.readFileSync(`/proc/${pid}/${what}`, 'utf8').split('\0').slice(0, -1);
const pidFile = (/** @type {string} */ name) => path.join(run, 'pids', name);
const neutron = {
  argv0: 'neutron-server',
  args: ['--config-file', path.join(run, 'etc/neutron/neutron.conf')],
  env: { PATH: process.env.PATH, PYTHONPATH: path.join(run, 'etc/py') },
};
/** What is needed to start a service again. */
const remember = (/** @type {string} */ name) => {
  const pid = Number(fs.readFileSync(pidFile(name), 'utf8'));
  // It writes a title over its command line.
  if (name === 'neutron') return { name, pid, command: '/usr/bin/neutron-server', ...neutron };
  const [argv0 = '', ...args] = parts(pid, 'cmdline');
  const env = Object.fromEntries(
    parts(pid, 'environ').map((one) => [one.split('=', 1)[0], one.slice(one.indexOf('=') + 1)]),
  );
  return { name, pid, command: fs.readlinkSync(`/proc/${pid}/exe`), argv0, args, env };
};
const services = SERVICES.map(remember);
for (const { pid } of services) process.kill(-pid, 'SIGKILL');
await sleep(3000);
for (const { name, command, argv0, args, env } of services) {
  const log = fs.openSync(path.join(run, 'log', `${name}.log`), 'a');
  const child = spawn(command, args, { argv0, env, detached: true, stdio: ['ignore', log, log] });
  fs.writeFileSync(pidFile(name), `${child.pid}\n`);
  child.unref();
}
console.log('restarted');
