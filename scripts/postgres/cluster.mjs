// @ts-check
// A data directory: making one, and finding out who runs in it.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';

/** What PostgreSQL writes about itself in its data directory. @param {string} data */
export const pidFile = (data) => {
  try {
    const lines = fs
      .readFileSync(path.join(data, 'postmaster.pid'), 'utf8')
      .split('\n')
      .map((l) => l.trim());
    return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7] === 'ready' };
  } catch {
    return undefined;
  }
};
/**
 * Living processes that work in the data directory. A killed server can stay a zombie, and another process can get its
 * pid.
 * @param {string} data
 */
export const holders = (data) =>
  fs.readdirSync('/proc').filter((p) => {
    try {
      return (
        Number(p) &&
        fs.readlinkSync(`/proc/${p}/cwd`) === data &&
        !/\) Z /.test(fs.readFileSync(`/proc/${p}/stat`, 'utf8'))
      );
    } catch {
      return false;
    }
  });
/** Whether a server answers there that serves this directory. @param {pg.ClientConfig} config @param {string} data */
export const serves = async (config, data) => {
  const client = new pg.Client({ ...config, database: 'postgres', connectionTimeoutMillis: 1000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query('show data_directory')).rows[0].data_directory === data;
  } catch {
    return false;
  } finally {
    client.end().catch(() => undefined);
  }
};

/**
 * Makes the directory under another name and renames it, so that a half-made one is never used.
 * @param {string} bin @param {string} data @param {string} secret file for the password
 * @param {import('./binaries.mjs').Ids} ids
 */
export const makeCluster = (bin, data, secret, ids) => {
  const aside = `${data}.${process.pid}`;
  const pw = `${aside}.pw`;
  fs.mkdirSync(aside, { mode: 0o700 });
  fs.writeFileSync(pw, randomBytes(18).toString('base64url'), { mode: 0o600 });
  const { uid, gid } = ids;
  if (uid !== undefined && gid !== undefined) for (const file of [aside, pw]) fs.chownSync(file, uid, gid);
  const result = spawnSync(
    path.join(bin, 'initdb'),
    ['-D', aside, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', pw, '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...ids, cwd: '/', encoding: 'utf8' },
  );
  if (result.status !== 0) {
    fs.rmSync(aside, { recursive: true, force: true });
    fs.rmSync(pw, { force: true });
    throw new Error(`the database could not be made: ${result.error ?? result.stderr}`);
  }
  fs.writeFileSync(secret, fs.readFileSync(pw), { mode: 0o600 });
  fs.rmSync(pw);
  fs.renameSync(aside, data);
};
