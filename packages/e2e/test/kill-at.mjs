// @ts-check
// Preloaded into a service (`--import`): SIGKILL at one line of one request, named by its Idempotency-Key.
// A line is a statement to the database, or the answer. KILL_AT: the number of the line, or a part of its text.
import http from 'node:http';
import pg from 'pg';

const { KILL_KEY: key, KILL_AT: at = '' } = process.env;
let lines = -1;
const before = (/** @type {string} */ text) => {
  if (lines < 0) return;
  lines += 1;
  if (String(lines) === at || (!/^\d+$/.test(at) && text.includes(at))) process.kill(process.pid, 'SIGKILL');
};
// Any of the many forms of a query goes through, so no type is checked here.
/** @type {any} */
const client = pg.Client.prototype;
const { query } = client;
/** @this {pg.Client} @param {any} one @param {any[]} more */
client.query = function counted(one, ...more) {
  const values = Array.isArray(more[0]) ? more[0] : (one?.values ?? []);
  if (key !== undefined && lines === -1 && values.includes(key)) lines = 0;
  before(typeof one === 'string' ? one : (one?.text ?? ''));
  return query.call(this, one, ...more);
};
/** @type {any} */
const response = http.ServerResponse.prototype;
const { end } = response;
/** @this {http.ServerResponse} @param {any[]} args */
response.end = function counted(...args) {
  before('answer');
  // What comes after the answer belongs to another request.
  if (lines >= 0) lines = -Infinity;
  return end.apply(this, args);
};
