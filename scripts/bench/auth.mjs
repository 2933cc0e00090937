// @ts-check
// What the token middleware costs: one handler with and without it, cached tokens, against an identity over HTTP.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { median } from './lib-figures.mjs';
import { alternate, load } from './lib-load.mjs';
import { startPeer, tokenAnswer } from './lib-service.mjs';

const ROUTES = ['plain/open', 'plain/closed', 'kit/open', 'kit/closed'];
const KINDS = {
  kit: "a service's endpoint with a cached token, to the same endpoint without authentication",
  plain: 'a bare handler behind requireToken, to the same handler alone',
};

/** Stands for identity in the one call that the middleware makes. */
const startIdentity = () => {
  const text = tokenAnswer({
    id: 'c18088be-16b1-4263-8180-043c54e22903',
    name: 'user@example.com',
    roles: ['default'],
  });
  return startPeer((req) => ({ status: req.headers['x-subject-token'] ? 200 : 400, text }));
};

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const { rounds, seconds } = smoke ? { rounds: 1, seconds: 0.2 } : { rounds: 7, seconds: 1.5 };
  const identity = await startIdentity();
  const child = fork(path.join(import.meta.dirname, 'lib-auth-server.mjs'), [identity.url]);
  const exited = once(child, 'exit').then(() => {
    throw new Error('the server under test ended');
  });
  exited.catch(() => undefined);
  /** What the server under test says next. @returns {Promise<any>} */
  const message = async () => (await Promise.race([once(child, 'message'), exited]))[0];
  try {
    const { port } = await message();
    const state = () => {
      child.send('state');
      return message();
    };
    const headers = { Authorization: 'Token 4e93e9b8e5072259856249e7ad5a7a1f2222cfa9' };
    /** CPU time of a request, by route. @type {Record<string, number[]>} */
    const microseconds = {};
    /** @param {string} route @returns {() => Promise<number>} */
    const contestant = (route) => async () => {
      const before = await state();
      const { perSecond, answers } = await load({ port, path: `/${route}`, headers, seconds });
      const { cpu } = await state();
      (microseconds[route] ??= []).push((cpu.user + cpu.system - before.cpu.user - before.cpu.system) / answers);
      return perSecond;
    };
    const rates = await alternate(Object.fromEntries(ROUTES.map((route) => [route, contestant(route)])), rounds);
    const { stats } = await state();
    if (stats.misses > Math.max(1, stats.hits / 1000))
      throw new Error(`the tokens were not cached: ${JSON.stringify(stats)}`);
    return Object.entries(KINDS).map(([kind, name]) => {
      const of = (/** @type {'open' | 'closed'} */ which) => ({
        rates: rates[`${kind}/${which}`] ?? [],
        cpu: median(microseconds[`${kind}/${which}`] ?? []).toFixed(1),
      });
      const [closed, open] = [of('closed'), of('open')];
      const ratio = median(closed.rates.map((rate, i) => rate / (open.rates[i] ?? NaN)));
      const perSecond = `${Math.round(median(closed.rates))}/s of ${Math.round(median(open.rates))}/s`;
      const detail = `${perSecond}; CPU of a request ${closed.cpu} us, without ${open.cpu} us`;
      return { name, ratio, target: '>= 0.85 x', ok: ratio >= 0.85, detail };
    });
  } finally {
    child.kill();
    identity.close();
  }
};
