// @ts-check
// Python programs as their makers publish them, each set of them in a virtual environment of its own.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { provide } from '../lib/provide.mjs';

const run = (/** @type {string} */ command, /** @type {string[]} */ args) =>
  spawnSync(command, args, { encoding: 'utf8', timeout: 600_000 });

/**
 * Installs packages, or finds them from the run before: one that has been left half made is made again.
 * @param {string} name of the environment
 * @param {readonly string[]} wanted as pip takes them
 * @returns {{ bin: (command: string) => string, why: string | undefined }} `why`: what could not be had
 */
export const provideVirtualEnvironment = (name, wanted) => {
  const dir = path.join(os.tmpdir(), `nefos-interop-${name}`);
  const bin = (/** @type {string} */ command) => path.join(dir, 'bin', command);
  const complete = path.join(dir, 'complete');
  if (existsSync(complete)) return { bin, why: undefined };
  const canMake = () => run('python3', ['-c', 'import venv, ensurepip']).status === 0;
  const missing = provide(['python3', 'python3-venv'], canMake);
  if (missing) return { bin, why: missing };
  rmSync(dir, { recursive: true, force: true });
  run('python3', ['-m', 'venv', dir]);
  // Plug-ins of the openstack command look for pkg_resources, which newer Pythons do not bring.
  const { status, stderr } = run(bin('python'), ['-m', 'pip', 'install', '-q', ...wanted, 'setuptools<81']);
  if (status !== 0)
    return { bin, why: `${wanted.join(' ')} could not be installed (${stderr.trim().split('\n').at(-1)})` };
  writeFileSync(complete, '');
  return { bin, why: undefined };
};
