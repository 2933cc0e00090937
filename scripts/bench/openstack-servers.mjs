// @ts-check
// OpenStack's compute API: a list of 100 servers, whole, and one server, next to a bare node:http server that sends the
// same bytes. The bare one is a process of its own, like compute.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../lib/free-port.mjs';
import { OWN_TOKEN, OWNER, startCompute } from './lib-compute.mjs';
import { load as fill, OWNER_OF_MANY } from './lib-compute-data.mjs';
import { median } from './lib-figures.mjs';
import { alternate, load } from './lib-load.mjs';
import { bodyOf, createCaller, startPeer, tokenAnswer, withClient, withDatabases } from './lib-service.mjs';

const SERVERS = 100;
const FULL = { instances: 20_000, seconds: 2, rounds: 5 };
const SMOKE = { instances: 200, seconds: 0.3, rounds: 1 };
const headers = { 'X-Auth-Token': OWN_TOKEN, 'OpenStack-API-Version': 'compute 2.79' };

/**
 * A server of node:http that answers each path with the bytes that it is given.
 * @param {Record<string, Buffer>} bodies
 */
const startBare = async (bodies) => {
  const port = await freePort();
  const program = `
    import http from 'node:http';
    import { readFileSync } from 'node:fs';
    const bodies = JSON.parse(readFileSync(0, 'utf8'));
    const texts = Object.fromEntries(Object.entries(bodies).map(([path, text]) => [path, Buffer.from(text, 'base64')]));
    http.createServer((req, res) => {
      const body = texts[req.url];
      res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
      res.end(body);
    }).listen(${port}, '127.0.0.1', () => console.log('listening'));`;
  const encoded = Object.fromEntries(Object.entries(bodies).map(([path, body]) => [path, body.toString('base64')]));
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(encoded));
  await once(child.stdout, 'data');
  return { port, stop: () => child.kill('SIGKILL') };
};
/**
 * Stands for identity: every token is the end user's, for the project of the client with many instances.
 * @param {string} url
 */
const startOwner = async (url) => {
  const { rows } = await withClient(url, (db) => db.query('select md5($1::int::text) id', [OWNER_OF_MANY]));
  const answer = JSON.parse(tokenAnswer({ id: OWNER, name: 'owner' }));
  const id = String(rows[0].id).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  answer.token.project = { id, name: 'bench', domain: answer.token.user.domain };
  const text = JSON.stringify(answer);
  return startPeer(() => ({ text }));
};

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const { instances, seconds, rounds } = smoke ? SMOKE : FULL;
  const { ask, close } = createCaller({ connections: 1 });
  try {
    return await withDatabases(['servers'], async ({ urls: { servers: url = '' }, dir }) => {
      const owner = await startOwner(url);
      const compute = await startCompute(dir, url, owner.url, { NEFOS_COMPUTE_WORKER: 'off' });
      try {
        await fill(url, instances, SERVERS);
        await withClient(url, (db) =>
          db.query(
            `insert into client_user (client_id, user_id, is_owner)
            select $1, id, true from portal_user where uuid = $2`,
            [OWNER_OF_MANY, OWNER],
          ),
        );
        /** @param {string} at */
        const read = async (at) => bodyOf(await ask(compute.port, { path: at, headers }), at);
        const list = '/compute/v2.1/servers/detail';
        const all = JSON.parse((await read(list)).toString()).servers;
        if (all.length !== SERVERS) throw new Error(`${all.length} servers are listed`);
        const one = `/compute/v2.1/servers/${all[0].id}`;
        const paths = { 'servers/detail with 100 servers': [list, 0.3], 'server show': [one, 0.4] };
        const bare = await startBare({ [list]: await read(list), [one]: await read(one) });
        try {
          const results = [];
          for (const [name, [at, least]] of Object.entries(paths)) {
            const rate = (/** @type {number} */ port) => async () =>
              (await load({ port, path: String(at), headers, seconds, connections: 8 })).perSecond;
            const rates = await alternate({ nefos: rate(compute.port), bare: rate(bare.port) }, rounds);
            const [mine, theirs] = [median(rates.nefos ?? []), median(rates.bare ?? [])];
            results.push({
              name: `${name}, to a bare node:http server with the same bytes`,
              ratio: mine / theirs,
              target: `>= ${least} x`,
              ok: mine / theirs >= Number(least),
              detail: `${Math.round(mine)}/s to ${Math.round(theirs)}/s`,
            });
          }
          return results;
        } finally {
          bare.stop();
        }
      } finally {
        await compute.stop();
        owner.close();
      }
    });
  } finally {
    close();
  }
};
