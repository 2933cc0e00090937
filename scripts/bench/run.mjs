#!/usr/bin/env node
// npm run bench [-- identity auth compute metering]: ratios against baselines of the same run; docs/performance.md keeps the figures.
import '../lib/check-node.cjs';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { argsOrExit } from '../lib/options.mjs';
import { build, install } from '../lib/prepare.mjs';
import { bold, green, red, step, Trouble } from '../lib/progress.mjs';

const here = import.meta.dirname;
const all = readdirSync(here)
  .filter((f) => f.endsWith('.mjs') && f !== 'run.mjs')
  .map((f) => f.slice(0, -4))
  .filter((f) => !f.startsWith('lib'))
  .sort();
const HELP = `npm run bench [-- ${all.join(' ')}]

Ratios against baselines of the same run, of the parts that are named (default: all). docs/performance.md keeps the figures.`;
const { positionals } = argsOrExit(
  HELP,
  {},
  {
    allowPositionals: true,
    check: (given) => {
      const unknown = given.positionals.filter((name) => !all.includes(name));
      if (unknown.length) throw new Trouble(`no such part: ${unknown.join(', ')}\n\n${HELP}`);
      return given;
    },
  },
);
const wanted = positionals.length ? positionals : all;
await step('dependencies', install);
await step('build', build);
let missed = 0;
for (const name of wanted) {
  console.log(bold(`\n${name}`));
  const { run } = await import(path.join(here, `${name}.mjs`));
  for (const { name: what, ratio, value, target, ok, detail } of await run()) {
    if (!ok) missed += 1;
    console.log(
      `  ${ok ? green('ok    ') : red('missed')} ${what}: ${ratio !== undefined ? `${Number(ratio).toFixed(2)} x` : value} (target ${target})${detail ? `  ${detail}` : ''}`,
    );
  }
}
console.log(`\n${missed ? `${missed} target${missed === 1 ? '' : 's'} missed` : 'every target met'}`);
process.exit(0);
