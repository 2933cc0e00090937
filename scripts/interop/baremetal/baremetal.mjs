// @ts-check
// Introspection's original clients, emulated BMCs and the original itself against a Nefos of its own (contract
// introspection §16, §10.4).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bold, step } from '../../lib/progress.mjs';
import { walkSteps } from '../faces/walk.mjs';
import { provideVirtualEnvironment } from '../virtual-environment.mjs';
import { tryEndToEnd } from './end-to-end.mjs';
import { tryInspectorSuites } from './inspector-suites.mjs';
import { tryInspectorServer } from './inspector-server.mjs';
import { trySdk } from './sdk-suite.mjs';
import { abortSteps, BAD_RULE, ruleSteps, RULES, runSteps } from './steps-introspection.mjs';
import { driverSteps, lifeSteps, nodeSteps, portSteps } from './steps-registry.mjs';
import { startWorld } from './world.mjs';

const CLIENTS = ['python-openstackclient', 'python-ironicclient', 'python-ironic-inspector-client', 'openstacksdk'];
/** What tests of others need besides. */
const TESTS = ['fixtures', 'testtools', 'oslotest'];
/** A simulated machine with two switches beside it. */
const SAMPLE = 'storage';

/**
 * @param {import('../reporter.mjs').Reporter} reporter
 */
export const tryBaremetal = async (reporter) => {
  const { bin, why } = await step('the bare metal commands', async () =>
    provideVirtualEnvironment('baremetal', [...CLIENTS, ...TESTS]),
  );
  if (why) {
    reporter.skip('the bare metal commands', why);
    return;
  }
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-baremetal-'));
  const world = await startWorld();
  try {
    const command = bin('openstack');
    writeFileSync(path.join(dir, 'rules.json'), JSON.stringify(RULES));
    writeFileSync(path.join(dir, 'bad-rule.json'), JSON.stringify(BAD_RULE));
    console.log(bold(`\n${spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout.trim()} baremetal`));
    const memory = { p: 'i-', dir, sample: SAMPLE, project: world.project };
    const steps = [driverSteps, nodeSteps, portSteps, lifeSteps, runSteps, ruleSteps, abortSteps].flat();
    await walkSteps(steps, { client: { command }, envs: world.envs, memory }, reporter);
    await trySdk(world, { python: bin('python'), dir, sample: SAMPLE }, reporter);
    const provideSushy = () => provideVirtualEnvironment('sushy', ['sushy-tools']);
    await tryEndToEnd(world, { command, dir, provideSushy }, reporter);
  } finally {
    await world.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  const original = await step('ironic-inspector', async () =>
    provideVirtualEnvironment('ironic-inspector', ['ironic-inspector', ...CLIENTS, ...TESTS]),
  );
  if (original.why) {
    reporter.skip('ironic-inspector', original.why);
    return;
  }
  await tryInspectorSuites(original.bin, reporter);
  await tryInspectorServer(original.bin, reporter);
};
