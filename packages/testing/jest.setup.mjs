import { chmodSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startLocalPg } from '../../scripts/local-postgres.mjs';

/** One throw-away PostgreSQL for the whole run. */
export default async () => {
  if (process.env.NEFOS_TEST_DATABASE_URL) return; // somebody else's, e.g. `npm test` with several Jest runs
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-test-'));
  chmodSync(dir, 0o755); // the user that PostgreSQL runs as must reach it
  const server = await startLocalPg({ dir, ephemeral: true });
  process.env.NEFOS_TEST_DATABASE_URL = `postgres://${server.user}:${encodeURIComponent(server.password)}@${server.host}:${server.port}/postgres`;
  globalThis.nefosTestServer = { stop: server.stop, dir };
};
