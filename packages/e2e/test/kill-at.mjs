// Preloaded into a service (`--import`): SIGKILL at one line of one request, which is known by the Idempotency-Key that it carries.
// A line is what is said to the database, and the answer. KILL_AT: the number of the line, or a part of its text.
import http from 'node:http';
import pg from 'pg';

const { KILL_KEY: key, KILL_AT: at = '' } = process.env;
let lines = -1;
const before = (text) => {
  if (lines < 0) return;
  lines += 1;
  if (String(lines) === at || (!/^\d+$/.test(at) && text.includes(at))) process.kill(process.pid, 'SIGKILL');
};
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function counted(one, ...more) {
  const values = Array.isArray(more[0]) ? more[0] : (one?.values ?? []);
  if (key !== undefined && lines === -1 && values.includes(key)) lines = 0;
  before(typeof one === 'string' ? one : (one?.text ?? ''));
  return query.call(this, one, ...more);
};
const { end } = http.ServerResponse.prototype;
http.ServerResponse.prototype.end = function counted(...args) {
  before('answer');
  if (lines >= 0) lines = -Infinity; // what comes after the answer is another request's
  return end.apply(this, args);
};
