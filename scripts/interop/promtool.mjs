// @ts-check
// What Prometheus' own promtool says of /metrics of every service; Node's own metrics (prom-client's defaults) are not
// ours to name.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { has } from '../lib/provide.mjs';

/**
 * Of Debian's package prometheus the one tool; installing the package would start its server.
 * @returns its path, or why there is none
 */
const findPromtool = (dir) => {
  if (has('promtool')) return { promtool: 'promtool' };
  if (!has('apt-get') || !has('dpkg-deb'))
    return { why: 'promtool is missing, and only Debian or Ubuntu can fetch it here' };
  const fetched = spawnSync('apt-get', ['download', '-qq', 'prometheus'], { cwd: dir });
  const deb = readdirSync(dir).find((name) => name.endsWith('.deb'));
  if (fetched.status !== 0 || !deb) return { why: 'the package prometheus could not be fetched' };
  if (spawnSync('dpkg-deb', ['-x', path.join(dir, deb), dir]).status !== 0)
    return { why: 'the package prometheus could not be unpacked' };
  return { promtool: path.join(dir, 'usr/bin/promtool') };
};

/**
 * @param {Record<string, string>} addresses of /metrics by service
 * @returns {Promise<{ why?: string, results: { name: string, faults: string[] }[] }>}
 */
export const checkMetrics = async (addresses) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-promtool-'));
  try {
    const { promtool, why } = findPromtool(dir);
    if (why) return { why, results: [] };
    const results = [];
    for (const [name, url] of Object.entries(addresses)) {
      const answer = await fetch(url);
      const { status, stdout, stderr } = spawnSync(String(promtool), ['check', 'metrics'], {
        input: await answer.text(),
        encoding: 'utf8',
      });
      const lines = `${stdout}${stderr}`.split('\n').filter(Boolean);
      const faults = lines.filter((line) => !/^(nodejs|process)_/.test(line));
      results.push({
        name,
        faults:
          answer.status === 200 && (status === 0 || lines.length)
            ? faults
            : [`status ${answer.status}, promtool ${status}`, ...lines],
      });
    }
    return { results };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
