// @ts-check
// OpenStack's own clients manage servers, images, networks and volumes: the openstack command in two versions,
// openstacksdk, gophercloud (contract compute §12).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startPrivateStack } from '../../lib/private-stack.mjs';
import { bold, step } from '../../lib/progress.mjs';
import { provideClients } from './clients.mjs';
import { tryPrograms } from './programs.mjs';
import { computeSteps, lastComputeSteps } from './steps-compute.mjs';
import { imageSteps, lastImageSteps } from './steps-images.mjs';
import { lastNetworkSteps, networkSteps } from './steps-networks.mjs';
import { serverSteps } from './steps-servers.mjs';
import { lastVolumeSteps, volumeSteps } from './steps-volumes.mjs';
import { type, walkSteps } from './walk.mjs';

export const ALL_STEPS = [
  ...computeSteps,
  ...imageSteps,
  ...networkSteps,
  ...volumeSteps,
  ...serverSteps,
  ...lastVolumeSteps,
  ...lastImageSteps,
  ...lastNetworkSteps,
  ...lastComputeSteps,
];
const SIZE = 1024 * 1024;
const KEY = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7vbqajDhA';

/** Settings that sign somebody in. @param {string} gateway @param {{ email: string, password: string }} who */
const signIn = (gateway, { email, password }, /** @type {Record<string, string>} */ more) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OS_'))),
  OS_AUTH_URL: `${gateway}/identity`,
  OS_USERNAME: email,
  OS_PASSWORD: password,
  OS_USER_DOMAIN_NAME: 'Default',
  OS_IDENTITY_API_VERSION: '3',
  ...more,
});

/** @param {import('../reporter.mjs').Reporter} reporter */
export const tryFaces = async (reporter) => {
  const { clients, why } = await step('the openstack command, two versions', async () => provideClients());
  if (why) reporter.skip('the openstack command', why);
  const stack = await startPrivateStack();
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-faces-'));
  try {
    const people = await preparePeople(stack);
    writeFileSync(path.join(dir, 'disk.raw'), Buffer.alloc(SIZE, 'nefos'));
    for (const [i, client] of clients.entries()) {
      console.log(bold(`\n${client.version}`));
      const p = client.name === 'old' ? 'o-' : 'n-';
      writeFileSync(path.join(dir, `${p}key.pub`), `${spawnKey(dir, p)}\n`);
      const memory = {
        p,
        dir,
        size: SIZE,
        third: String(100 + i),
        project: people.user.project,
        otherProject: people.stranger.project,
      };
      const envs = {
        user: signIn(stack.gateway, people.user, { OS_PROJECT_ID: people.user.project }),
        stranger: signIn(stack.gateway, people.stranger, { OS_PROJECT_ID: people.stranger.project }),
        staff: signIn(stack.gateway, people.staff, { OS_PROJECT_ID: people.staff.project }),
      };
      await walkSteps(ALL_STEPS, { client, envs, memory }, reporter);
    }
    await tryPrograms({ gateway: stack.gateway, people, clients, dir }, reporter);
  } finally {
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  }
};
