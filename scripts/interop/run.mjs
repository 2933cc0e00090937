#!/usr/bin/env node
// @ts-check
// npm run test:interop: the original clients, unmodified, against a Nefos of our own; its drivers against real
// hypervisors; what deploy/ gives operators, with the real programs; a bounded run of npm run test:fuzz.
// What is needed are Debian packages, which are installed here when they are missing (root and apt needed); gophercloud
// needs Go. What can not be had is skipped with its reason.
import '../lib/check-node.cjs';
import { spawnSync } from 'node:child_process';
import { freePort } from '../lib/free-port.mjs';
import { argsOrExit } from '../lib/options.mjs';
import { build, install, root } from '../lib/prepare.mjs';
import { startPrivateStack } from '../lib/private-stack.mjs';
import { bold, step, Trouble } from '../lib/progress.mjs';
import { has, provide } from '../lib/provide.mjs';
import { PART_NAMES } from './faces/steps.mjs';
import { identityClients } from './identity-clients.mjs';
import { openstackCommand } from './openstack-command.mjs';
import { checkMetrics } from './promtool.mjs';
import { createReporter } from './reporter.mjs';

const reporter = createReporter();

const clients = async () => {
  const why = await step('the openstack command', () => provide(['python3-openstackclient'], () => has('openstack')));
  if (why) {
    reporter.skip('the openstack command', why);
    return;
  }
  const { gateway, credentials, stop } = await startPrivateStack();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OS_')));
  try {
    openstackCommand({ gateway, credentials, env }, reporter);
    identityClients({ gateway, credentials, env }, reporter);
  } finally {
    await stop();
  }
};
const metrics = async () => {
  const metricsPort = String(await freePort());
  const { ports, stop } = await startPrivateStack({ NEFOS_GATEWAY_METRICS_PORT: metricsPort });
  /** @type {Record<string, string>} */
  const addresses = { gateway: `http://127.0.0.1:${metricsPort}/metrics` };
  for (const name of ['identity', 'compute', 'metering', 'introspection'])
    addresses[name] = `http://127.0.0.1:${ports[name]}/metrics`;
  const { why, results } = await checkMetrics(addresses).finally(stop);
  console.log(bold('\npromtool check metrics'));
  if (why) reporter.skip('promtool', why);
  for (const { name, faults } of results) reporter.note(!faults.length, name, ...faults);
};
const openstack = async () => {
  console.log(bold('\nthe OpenStack driver'));
  const { tryOpenstackDriver } = await import('./openstack-driver.mjs');
  await tryOpenstackDriver(reporter);
};
const qemu = async () => {
  console.log(bold('\nthe QEMU driver'));
  const { tryQemuDriver } = await import('./qemu.mjs');
  await tryQemuDriver(reporter);
};
const deploy = async () => {
  console.log(bold('\ndeploy/'));
  // Only now: it needs packages, which a fresh clone has after the first step.
  const { tryDeployment } = await import('./deployment.mjs');
  await tryDeployment(reporter);
};
const faces = async () => {
  console.log(bold("\nOpenStack's face"));
  const { tryFaces } = await import('./faces/faces.mjs');
  await tryFaces(reporter, steps);
};
const baremetal = async () => {
  console.log(bold('\nbare metal'));
  const { tryBaremetal } = await import('./baremetal/baremetal.mjs');
  await tryBaremetal(reporter);
};
const bmc = async () => {
  console.log(bold('\ndrivers of BMCs'));
  const { tryBmcDrivers } = await import('./bmc/bmc.mjs');
  await tryBmcDrivers(reporter);
};
/** A bounded run of npm run test:fuzz; its own last line is counted here. */
const fuzz = () => {
  const { stdout } = spawnSync(process.execPath, ['scripts/fuzz/run.mjs', '--requests', '4000', '--minutes', '5'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30 * 60_000,
  });
  console.log(`\n${bold('fuzz')}\n${stdout.trim()}`);
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(stdout.trimEnd().split('\n').at(-1) ?? '') ?? [];
  reporter.add({ passed: Number(passed ?? 0), failed: Number(failed ?? 1) });
};

/** @type {Record<string, () => unknown>} */
const PARTS = { clients, faces, baremetal, bmc, metrics, openstack, qemu, deploy, fuzz };
const { positionals: asked = [], steps } = argsOrExit(
  `npm run test:interop [-- <part> ... [--steps <name> ...]]

The original clients, unmodified, against a Nefos of its own; drivers against real hypervisors.
Installs what is missing where root and apt are there; what can not be had is skipped, with its reason.
Parts, without which everything runs: ${Object.keys(PARTS).join(', ')}.
--steps: of faces only these, with what they need: ${PART_NAMES.join(', ')}.
NEFOS_OPENSTACK_PEER names a real OpenStack to test against (docs/drivers.md).
The last line is "N passed, N failed, N skipped".`,
  { steps: { type: 'string', multiple: true } },
  {
    allowPositionals: true,
    check: (values) => {
      const unknown = values.positionals?.find((one) => !Object.hasOwn(PARTS, one));
      if (unknown !== undefined) throw new Trouble(`no part ${unknown}: there are ${Object.keys(PARTS).join(', ')}`);
      const step = values.steps?.find((/** @type {string} */ one) => !PART_NAMES.includes(one));
      if (step !== undefined) throw new Trouble(`no steps ${step}: there are ${PART_NAMES.join(', ')}`);
      return values;
    },
  },
);
await step('dependencies', install);
await step('build', build);
for (const [name, part] of Object.entries(PARTS)) {
  if (asked.length && !asked.includes(name)) continue;
  try {
    await part();
  } catch (err) {
    // The others run all the same.
    reporter.note(false, name, err instanceof Trouble ? err.message : String(/** @type {Error} */ (err).stack));
  }
}
process.exit(reporter.end() ? 0 : 1);
