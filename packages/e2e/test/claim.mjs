// @ts-check
// Says whose a directory is, for tests: `throw-away.mjs` is an ES module, which Jest does not load.
import { claim } from '../../../scripts/postgres/throw-away.mjs';

/** @type {{ dir: string, owner: number, leader: number }} */
const { dir, owner, leader } = JSON.parse(process.argv[2]);
claim(dir, { pid: owner, leader });
