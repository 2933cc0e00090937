#!/usr/bin/env node
// @ts-check
// npm run bench: ratios against baselines of the same run; docs/performance.md keeps the figures.
import '../lib/check-node.cjs';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { argsOrExit } from '../lib/options.mjs';
import { build, install } from '../lib/prepare.mjs';
import { bold, green, red, step, Trouble } from '../lib/progress.mjs';

const here = import.meta.dirname;
const all = readdirSync(here)
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs' && !file.startsWith('lib'))
  .map((file) => file.slice(0, -'.mjs'.length))
  .sort();
const HELP = `npm run bench [-- --smoke] [${all.join(' ')}]

Ratios against baselines of the same run, of the parts that are named (default: all).
docs/performance.md keeps the figures.

  --smoke   tiny data and one short round: shows that every part starts and answers; no target is judged`;
const { positionals = [], smoke = false } = argsOrExit(
  HELP,
  { smoke: { type: 'boolean' } },
  {
    allowPositionals: true,
    check: (given) => {
      const unknown = (given.positionals ?? []).filter((name) => !all.includes(name));
      if (unknown.length) throw new Trouble(`no such part: ${unknown.join(', ')}\n\n${HELP}`);
      return given;
    },
  },
);
/** @param {string} name @returns {Promise<import('./lib-figures.mjs').Result[]>} */
const resultsOf = async (name) => (await import(path.join(here, `${name}.mjs`))).run({ smoke });

await step('dependencies', install);
await step('build', build);
let missed = 0;
for (const name of positionals.length ? positionals : all) {
  if (smoke) {
    await step(name, async () => `${(await resultsOf(name)).length} figures`);
    continue;
  }
  console.log(bold(`\n${name}`));
  for (const { name: what, ratio, value, target, ok, detail } of await resultsOf(name)) {
    if (!ok) missed += 1;
    const figure = ratio !== undefined ? `${ratio.toFixed(2)} x` : value;
    const verdict = ok ? green('ok    ') : red('missed');
    console.log(`  ${verdict} ${what}: ${figure} (target ${target})${detail ? `  ${detail}` : ''}`);
  }
}
if (smoke) console.log('\nevery part starts and answers');
else console.log(`\n${missed ? `${missed} target${missed === 1 ? '' : 's'} missed` : 'every target met'}`);
process.exit(0);
