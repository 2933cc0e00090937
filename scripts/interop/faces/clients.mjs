// @ts-check
// The openstack command as its makers publish it, in two versions, each in a virtual environment of its own.
import { spawnSync } from 'node:child_process';
import { provideVirtualEnvironment } from '../virtual-environment.mjs';

/** @typedef {{ name: 'old' | 'new', command: string, python: string, version: string }} Client */

const VERSIONS = /** @type {const} */ ([
  // With libraries of its time: with newer ones it fails by itself, whatever the cloud answers.
  ['old', ['python-openstackclient==6.0.0', 'osc-lib<3', 'openstacksdk<2']],
  ['new', ['python-openstackclient']],
]);

/**
 * Installs both versions, or finds them from the run before.
 * @returns {{ clients: Client[], why: string | undefined }} `why`: what could not be had
 */
export const provideClients = () => {
  /** @type {Client[]} */
  const clients = [];
  for (const [name, wanted] of VERSIONS) {
    const { bin, why } = provideVirtualEnvironment(`openstackclient-${name}`, wanted);
    if (why) return { clients, why };
    const command = bin('openstack');
    const version = spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout.trim();
    if (version) clients.push({ name, command, python: bin('python'), version });
  }
  return { clients, why: undefined };
};
