// @ts-check
// The supervisor's own modules for a test stack. They are ES modules, which Jest does not load: so they run in this
// process, which answers with a line of JSON. PostgreSQL outlives this process; the stack stops it by its pid.
import { startLocalPg, makeDatabases } from '../../../scripts/local-postgres.mjs';
import { claim } from '../../../scripts/postgres/throw-away.mjs';
import { makePrincipals } from '../../../scripts/lib/principals.mjs';

/**
 * @type {{ dir: string, owner: number, port?: number, gateway: string, services: string[] }} `owner`: the test's
 *   process; when it is gone the server may be ended
 */
const { dir, owner, port, gateway, services } = JSON.parse(process.argv[2]);
claim(dir, { pid: owner });
const server = await startLocalPg({ dir, ...(port && { port }) });
// Passwords are of no use to anybody else here, and the same after a restart.
const urls = await makeDatabases(server, Object.fromEntries(services.map((name) => [name, `e2e-${name}`])));
process.stdout.write(
  JSON.stringify({ pid: server.pid, port: server.port, urls, ...makePrincipals({ fixture: 'demo', gateway }) }),
);
process.exit(0);
