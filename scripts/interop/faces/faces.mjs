// @ts-check
// OpenStack's own clients manage servers, images, networks and volumes: the openstack command in two versions,
// openstacksdk, gophercloud (contract compute §12).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startPrivateStack } from '../../lib/private-stack.mjs';
import { bold, step } from '../../lib/progress.mjs';
import { openPortal } from '../portal.mjs';
import { provideClients } from './clients.mjs';
import { typedBy } from './coverage.mjs';
import { preparePeople, prepareThings } from './people.mjs';
import { tryGophercloud, trySdk, tryTwice } from './programs.mjs';
import { PART_NAMES, stepsOf } from './steps.mjs';
import { walkSteps } from './walk.mjs';

const SIZE = 1024 * 1024;

/** Settings that sign somebody in. @param {string} gateway @param {import('./people.mjs').Person} who */
const signIn = (gateway, { email, password, project }) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OS_'))),
  OS_AUTH_URL: `${gateway}/identity`,
  OS_USERNAME: email,
  OS_PASSWORD: password,
  OS_PROJECT_ID: project,
  OS_USER_DOMAIN_NAME: 'Default',
  OS_IDENTITY_API_VERSION: '3',
});

/**
 * @param {import('../reporter.mjs').Reporter} reporter
 * @param {readonly string[]} [parts] of the steps: only these, and no programs
 */
export const tryFaces = async (reporter, parts) => {
  const { clients, why } = await step('the openstack command, two versions', async () => provideClients());
  if (why) reporter.skip('the openstack command', why);
  const stack = await startPrivateStack();
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-faces-'));
  try {
    const people = await preparePeople(stack, openPortal(stack));
    const { user, stranger, staff } = people;
    writeFileSync(path.join(dir, 'disk.raw'), Buffer.alloc(SIZE, 'nefos'));
    const envs = {
      user: signIn(stack.gateway, user),
      stranger: signIn(stack.gateway, stranger),
      staff: signIn(stack.gateway, staff),
    };
    for (const [i, client] of clients.entries()) {
      console.log(bold(`\n${client.version}`));
      const p = client.name === 'old' ? 'o-' : 'n-';
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(dir, `${p}key`)]);
      const memory = {
        p,
        dir,
        size: SIZE,
        third: String(100 + i),
        project: user.project,
        otherProject: stranger.project,
      };
      const steps = stepsOf(parts ?? PART_NAMES).filter((one) => typedBy(one, client.name));
      await walkSteps(steps, { client, envs, memory }, reporter);
    }
    if (parts) return;
    const [newest] = clients.slice(-1);
    const programs = {
      gateway: stack.gateway,
      env: envs.user,
      python: newest?.python ?? '',
      token: await people.tokenOf(user),
      ...(await prepareThings(stack.gateway, await people.staffToken())),
    };
    if (newest) trySdk(programs, reporter);
    tryGophercloud(programs, reporter);
    await tryTwice(programs, reporter);
  } finally {
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  }
};
