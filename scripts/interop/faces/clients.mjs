// @ts-check
// The openstack command as its makers publish it, in two versions, each in a virtual environment of its own.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { provide } from '../../lib/provide.mjs';

/** @typedef {{ name: 'old' | 'new', command: string, python: string, version: string }} Client */

const VERSIONS = /** @type {const} */ ([
  // With libraries of its time: with newer ones it fails by itself, whatever the cloud answers.
  ['old', ['python-openstackclient==6.0.0', 'osc-lib<3', 'openstacksdk<2']],
  ['new', ['python-openstackclient']],
]);
const run = (/** @type {string} */ command, /** @type {string[]} */ args) =>
  spawnSync(command, args, { encoding: 'utf8', timeout: 600_000 });

/**
 * Installs both versions, or finds them from the run before.
 * @returns {{ clients: Client[], why: string | undefined }} `why`: what could not be had
 */
export const provideClients = () => {
  const canMake = () => run('python3', ['-c', 'import venv, ensurepip']).status === 0;
  const missing = provide(['python3', 'python3-venv'], canMake);
  if (missing) return { clients: [], why: missing };
  /** @type {Client[]} */
  const clients = [];
  for (const [name, wanted] of VERSIONS) {
    const dir = path.join(os.tmpdir(), `nefos-interop-openstackclient-${name}`);
    const command = path.join(dir, 'bin/openstack');
    const python = path.join(dir, 'bin/python');
    if (!existsSync(command)) {
      run('python3', ['-m', 'venv', dir]);
      // Its plug-ins look for pkg_resources, which newer Pythons do not bring.
      const { status, stderr } = run(python, ['-m', 'pip', 'install', '-q', ...wanted, 'setuptools<81']);
      if (status !== 0)
        return { clients, why: `${wanted.join(' ')} could not be installed (${stderr.trim().split('\n').at(-1)})` };
    }
    const version = run(command, ['--version']).stdout.trim();
    if (version) clients.push({ name, command, python, version });
  }
  return { clients, why: undefined };
};
