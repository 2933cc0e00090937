// A PostgreSQL of one test's own, which it may kill. `local-postgres.mjs` is an ES module, which Jest does not load:
// so it runs here, and the answer is a line of JSON. The server outlives this process; the test stops it by its pid.
import { startLocalPg } from '../../../scripts/local-postgres.mjs';

const { dir } = JSON.parse(process.argv[2]);
const { pid, port, user, password } = await startLocalPg({ dir });
process.stdout.write(JSON.stringify({ pid, url: `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres` }));
process.exit(0);
