// What the token middleware costs: one handler with and without it, cached tokens, against an identity over HTTP.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { alternate, load, median } from './lib-load.mjs';

/** The one call of identity that the middleware makes. */
const startIdentity = async () => {
  const server = http.createServer((req, res) => {
    const body = JSON.stringify({
      token: {
        methods: ['token'],
        issued_at: '2026-01-01T00:00:00.000000Z',
        expires_at: null,
        audit_ids: ['bench'],
        user: {
          id: 'c18088be-16b1-4263-8180-043c54e22903',
          name: 'user@example.com',
          domain: { id: 'default', name: 'Default' },
        },
        roles: [{ id: '1', name: 'default' }],
      },
    });
    res
      .writeHead(req.headers['x-subject-token'] ? 200 : 400, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      })
      .end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

/** @returns {Promise<{name: string, ratio: number, target: string, ok: boolean, detail: string}[]>} */
export const run = async ({ rounds = 7, seconds = 1.5 } = {}) => {
  const identity = await startIdentity();
  const child = fork(path.join(import.meta.dirname, 'lib-auth-server.mjs'), [
    `http://127.0.0.1:${identity.address().port}`,
  ]);
  try {
    const [{ port }] = await once(child, 'message');
    const state = async () => {
      child.send('state');
      return (await once(child, 'message'))[0];
    };
    const headers = { Authorization: 'Token 4e93e9b8e5072259856249e7ad5a7a1f2222cfa9' };
    const microseconds = {};
    const contestant = (route) => async () => {
      const before = await state();
      const { perSecond, answers } = await load({ port, path: `/${route}`, headers, seconds });
      const { cpu } = await state();
      (microseconds[route] ??= []).push((cpu.user + cpu.system - before.cpu.user - before.cpu.system) / answers);
      return perSecond;
    };
    const rates = await alternate(
      Object.fromEntries(
        ['plain/open', 'plain/closed', 'kit/open', 'kit/closed'].map((route) => [route, contestant(route)]),
      ),
      rounds,
    );
    const { stats } = await state();
    if (stats.misses > stats.hits / 1000) throw new Error(`the tokens were not cached: ${JSON.stringify(stats)}`);
    return [
      ['kit', "a service's endpoint with a cached token, to the same endpoint without authentication"],
      ['plain', 'a bare handler behind requireToken, to the same handler alone'],
    ].map(([kind, name]) => {
      const [closed, open] = [`${kind}/closed`, `${kind}/open`];
      const ratio = median(rates[closed].map((rate, i) => rate / rates[open][i]));
      return {
        name,
        ratio,
        target: '>= 0.85 x',
        ok: ratio >= 0.85,
        detail: `${Math.round(median(rates[closed]))}/s of ${Math.round(median(rates[open]))}/s; CPU of a request ${median(microseconds[closed]).toFixed(1)} us, without ${median(microseconds[open]).toFixed(1)} us`,
      };
    });
  } finally {
    child.kill();
    identity.close();
    identity.closeAllConnections();
  }
};
