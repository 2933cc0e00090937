#!/usr/bin/env node
// npm run bench [-- identity auth compute metering]: ratios against baselines of the same run; docs/performance.md keeps the figures.
import '../lib/check-node.cjs';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { build, install } from '../lib/prepare.mjs';
import { bold, green, red, step } from '../lib/progress.mjs';

const here = import.meta.dirname;
const all = readdirSync(here)
  .filter((f) => f.endsWith('.mjs') && f !== 'run.mjs')
  .map((f) => f.slice(0, -4))
  .filter((f) => !f.startsWith('lib'))
  .sort();
const wanted = process.argv.slice(2).length ? process.argv.slice(2) : all;
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
