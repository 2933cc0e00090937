// @ts-check
import { readArgs } from '../lib/options.mjs';
import { Trouble } from '../lib/progress.mjs';
import { WEIGHTS } from './faults.mjs';

export const HELP = `npm run test:chaos [-- options]

Runs a Nefos of its own under mixed load, kills and freezes its processes at random, then proves that nothing was lost.

  --minutes <n>     how long faults and load go on (default 10; hours: --hours)
  --seconds <n>     the same in seconds
  --hours <n>       the same in hours
  --seed <n>        repeats the choices of a run; printed at the start (default: random)
  --workers <n>     requests at a time (default 10)
  --faults <list>   only these: ${Object.keys(WEIGHTS).join(', ')}; "none" for load alone
  --port-base <n>   five free ports from here (default: chosen)
  --keep            keeps the state directory and the logs of a good run too

Needs Linux (/proc). Exit code 0: every proof holds.`;

const number = (values, name, fallback) => {
  if (values[name] === undefined) return fallback;
  const n = Number(values[name]);
  if (!/^\d+(\.\d+)?$/.test(values[name]) || !Number.isFinite(n))
    throw new Trouble(`--${name} ${values[name]}: a number is needed`);
  return n;
};

/** @throws Trouble */
export const readOptions = (args) => {
  const text = /** @type {const} */ ({ type: 'string' });
  /** @type {import('../lib/options.mjs').Options} */
  const options = {
    minutes: text,
    seconds: text,
    hours: text,
    seed: text,
    workers: text,
    faults: text,
    'port-base': text,
    keep: { type: 'boolean' },
  };
  const values = readArgs(HELP, options, { args });
  const chosen =
    values.faults === undefined ? Object.keys(WEIGHTS) : values.faults === 'none' ? [] : values.faults.split(',');
  const unknown = chosen.filter((kind) => !(kind in WEIGHTS));
  if (unknown.length) throw new Trouble(`--faults: no such fault: ${unknown.join(', ')}\n\n${HELP}`);
  return {
    help: values.help,
    keep: values.keep ?? false,
    seconds: number(values, 'seconds') ?? (number(values, 'hours') ?? number(values, 'minutes', 10) / 60) * 3600,
    seed: number(values, 'seed', Math.floor(Math.random() * 1e9)),
    workers: Math.max(1, Math.floor(number(values, 'workers', 10))),
    portBase: number(values, 'port-base'),
    weights: Object.fromEntries(chosen.map((kind) => [kind, WEIGHTS[kind]])),
  };
};
