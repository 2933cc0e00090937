// @ts-check
// A Python of our own with schemathesis in it: made once, made again when requirements.txt changes.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, runQuietly } from '../lib/prepare.mjs';
import { Trouble } from '../lib/progress.mjs';
import { provide } from '../lib/provide.mjs';

const requirements = path.join(import.meta.dirname, 'requirements.txt');
const home = path.join(root, 'node_modules/.cache/nefos-fuzz');

const version = () => {
  const { status, stdout } = spawnSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
};
const canMakeOne = () => spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0;

/** @returns {Promise<string>} the directory with `python` and `schemathesis`. @throws Trouble with what to install */
export const pythonWithSchemathesis = async () => {
  const bin = path.join(home, 'bin');
  const stamp = path.join(home, 'made-from');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(path.join(bin, 'schemathesis')))
    return bin;
  const why = provide(['python3', 'python3-venv'], () => Boolean(version()) && canMakeOne());
  if (why) throw new Trouble(`test:fuzz needs python3 (>= 3.10) with venv: ${why}`);
  const [major = 0, minor = 0] = (version() ?? '').split('.').map(Number);
  if (major < 3 || (major === 3 && minor < 10))
    throw new Trouble(`test:fuzz needs Python 3.10 or newer, this is ${major}.${minor}`);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  await runQuietly('python3', ['-m', 'venv', home]);
  await runQuietly(path.join(bin, 'python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    requirements,
  ]);
  writeFileSync(stamp, wanted);
  return bin;
};
