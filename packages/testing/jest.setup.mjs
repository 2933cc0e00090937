// @ts-check
import { chmodSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startLocalPg } from '../../scripts/local-postgres.mjs';

/**
 * Where the teardown finds the server.
 * @type {typeof globalThis & { nefosTestServer?: { stop: () => Promise<void>, dir: string } }}
 */
const running = globalThis;
/** One throw-away PostgreSQL for the whole run. */
export default async () => {
  // Somebody else's, for instance of several runs of Jest.
  if (process.env.NEFOS_TEST_DATABASE_URL) return;
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-test-'));
  chmodSync(dir, 0o755); // the user that PostgreSQL runs as must reach it
  const server = await startLocalPg({ dir, ephemeral: true });
  const who = `${server.user}:${encodeURIComponent(server.password)}`;
  process.env.NEFOS_TEST_DATABASE_URL = `postgres://${who}@${server.host}:${server.port}/postgres`;
  running.nefosTestServer = { stop: server.stop, dir };
};
