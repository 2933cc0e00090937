// @ts-check
// Debian packages that a script needs: installed where root and apt are there, else the reason why not.
import { execFileSync, spawnSync } from 'node:child_process';

/** Whether there is such a command. @param {string} command */
export const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/**
 * @param {string[]} packages
 * @param {() => boolean} there whether what they bring is there
 * @returns {string | undefined} why it is not there
 */
export const provide = (packages, there) => {
  if (there()) return undefined;
  const names = packages.join(' ');
  if (process.getuid?.() !== 0 || !has('apt-get'))
    return `it is missing, and only root on Debian or Ubuntu can install ${names} here`;
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch (err) {
    return `${names} could not be installed (${err.message})`;
  }
  return there() ? undefined : `${names} did not bring it`;
};
