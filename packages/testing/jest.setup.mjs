// @ts-check
import { startThrowAwayPg } from '../../scripts/local-postgres.mjs';

/**
 * Where the teardown finds the server.
 * @type {typeof globalThis & { nefosTestServer?: { stop: () => Promise<void> } }}
 */
const running = globalThis;
/** One throw-away PostgreSQL for the whole run. */
export default async () => {
  // Somebody else's, for instance of several runs of Jest.
  if (process.env.NEFOS_TEST_DATABASE_URL) return;
  const server = await startThrowAwayPg('test');
  const who = `${server.user}:${encodeURIComponent(server.password)}`;
  process.env.NEFOS_TEST_DATABASE_URL = `postgres://${who}@${server.host}:${server.port}/postgres`;
  running.nefosTestServer = server;
};
