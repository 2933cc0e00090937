#!/usr/bin/env node
// @ts-check
// npm run dev: like npm start; builds when sources change, and restarts the services whose code is another then.
import './lib/check-node.cjs';
import { build } from './lib/prepare.mjs';
import { dim, green, red } from './lib/progress.mjs';
import { readOptions } from './lib/settings.mjs';
import { codeOf, watchSources } from './lib/source-watch.mjs';
import { fail, onLeave, say, startNefos } from './lib/supervisor.mjs';

const HELP = `npm run dev [-- --fixture demo|none]

Starts everything as npm start does and watches packages/*/src and services/*/src: a change is built, and the services
whose code is another then are restarted. After a compile error the last good version keeps running. Ctrl-C ends all.
Options and settings are those of npm start.`;

/** Builds; @returns whether it went well; the compiler's messages are shown when not */
const rebuild = async () => {
  try {
    await build();
    return true;
  } catch (err) {
    const text = /** @type {Error} */ (err).message;
    console.log(`${red(text)}\n${dim('the last good version keeps running')}`);
    return false;
  }
};

const main = async () => {
  const options = readOptions(HELP);
  if (options.help) {
    console.log(HELP);
    return;
  }
  // A restart does not wait for connections that the services keep open among themselves.
  process.env.NEFOS_DRAIN_SECONDS ||= '1';
  const children = await startNefos(options, {
    gaveUp: (err) => say(`${red(err.message)}; it is started again after the next change`),
  });
  const names = children.map(({ name }) => name);
  let running = codeOf(names);
  const stop = watchSources(async () => {
    const started = performance.now();
    if (!(await rebuild())) return;
    const built = codeOf(names);
    const stale = children.filter(({ name }) => built[name] !== running[name]);
    running = built;
    await Promise.all(stale.map((child) => child.restart()));
    const what = stale.length ? `restarted ${stale.map(({ name }) => name).join(', ')}` : 'nothing to restart';
    say(`${green('built')}, ${what} ${dim(`${((performance.now() - started) / 1000).toFixed(1)} s`)}`);
  });
  onLeave(stop);
  console.log(dim('watching the sources'));
};
main().catch(fail);
