// A PostgreSQL of one test's own, which it may kill. `local-postgres.mjs` is an ES module, which Jest does not load:
// so it runs here, and the answer is a line of JSON. The server outlives this process; the test stops it by its pid.
import { startLocalPg } from '../../../scripts/local-postgres.mjs';
import { claim } from '../../../scripts/postgres/throw-away.mjs';

/** @type {{ dir: string, owner: number }} `owner`: the test's process; when it is gone the server may be ended */
const { dir, owner } = JSON.parse(process.argv[2]);
claim(dir, { pid: owner });
const { pid, port, user, password } = await startLocalPg({ dir });
process.stdout.write(JSON.stringify({ pid, url: `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres` }));
process.exit(0);
