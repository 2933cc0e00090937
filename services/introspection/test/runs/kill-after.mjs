// @ts-check
// Preloaded into the service (`--import`): SIGKILL before the so-and-so-many-th statement after a message says so.
import pg from 'pg';

let left = Infinity;
process.on('message', (/** @type {{ killAfter?: number }} */ { killAfter }) => {
  if (killAfter === undefined) return;
  left = killAfter;
  process.send?.({ counting: killAfter });
});
// Any of the many forms of a query goes through, so no type is checked here.
/** @type {any} */
const client = pg.Client.prototype;
const { query } = client;
/** @this {pg.Client} @param {any[]} args */
client.query = function counted(...args) {
  left -= 1;
  if (left < 0) process.kill(process.pid, 'SIGKILL');
  return query.apply(this, args);
};
