// @ts-check
// The embedded PostgreSQL under the supervisor: restarted when it dies, its log kept small.
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rotateInPlace } from './logs.mjs';
import { Trouble } from './progress.mjs';
import { logSettings } from './settings.mjs';
import { databaseDir, EMBEDDED } from './state.mjs';

/** @param {number} pid */
const runs = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/**
 * @param {string} dir the state directory
 * @param {Record<string, string | undefined>} env @param {Record<string, string>} passwords @param {(line: string) =>
 *   void} say
 * @returns {Promise<import('./database.mjs').Opened>}
 */
export const openEmbedded = async (dir, env, passwords, say) => {
  const { startLocalPg, makeDatabases } = await import('../local-postgres.mjs');
  const data = databaseDir(dir);
  const port = env.NEFOS_START_DATABASE_PORT ? Number(env.NEFOS_START_DATABASE_PORT) : undefined;
  let stopping = false;
  let server = await startLocalPg({ dir: data, port }).catch((err) => {
    throw new Trouble(err.message);
  });
  const urls = await makeDatabases(server, passwords);
  /** An adopted server is no child of this process: only its pid can be looked at. */
  const ended = async () => {
    if (!server.adopted) await server.exited;
    else while (!stopping && runs(server.pid)) await sleep(500);
  };
  const revive = async () => {
    say('PostgreSQL died; starting it again');
    for (let attempt = 0; !stopping; attempt += 1) {
      try {
        server = await startLocalPg({ dir: data, port: server.port });
        say('PostgreSQL is back');
        return;
      } catch (err) {
        if (attempt === 10) say(`PostgreSQL does not come back: ${err.message}`);
        await sleep(Math.min(5000, 200 * 2 ** attempt));
      }
    }
  };
  const watch = async () => {
    while (!stopping) {
      await ended();
      if (!stopping) await revive();
    }
  };
  void watch();
  // The server outlives the supervisor, so it writes its log itself.
  const rotation = setInterval(() => {
    rotateInPlace(path.join(data, 'postgres.log'), logSettings(env)).catch((err) =>
      say(`the log of PostgreSQL can not be put aside (${err.message})`),
    );
  }, 60_000);
  rotation.unref();
  return {
    urls,
    database: EMBEDDED,
    where: `${server.adopted ? 'found running' : 'PostgreSQL'} on port ${server.port}, data in ${data}`,
    stop: async () => {
      stopping = true;
      clearInterval(rotation);
      await server.stop();
    },
  };
};
