#!/usr/bin/env node
// @ts-check
// npm run test:chaos: mixed load with a journal of what was acknowledged, random faults, then the proof
// (packages/e2e/README.md).
import '../lib/check-node.cjs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, install } from '../lib/prepare.mjs';
import { bold, dim, red, step, Trouble } from '../lib/progress.mjs';
import { askerOf } from './ask-once.mjs';
import { createFaults } from './faults.mjs';
import { openJournal } from './journal.mjs';
import { createLoad } from './load.mjs';
import { HELP, readOptions } from './options.mjs';
import { signal } from './processes.mjs';
import { proveAll } from './proofs.mjs';
import { connectionsOf } from './proofs-system.mjs';
import { chance } from './random.mjs';
import { report } from './report.mjs';
import { createStack } from './stack.mjs';
import { createWatch } from './watch.mjs';
import { createWire } from './wire.mjs';
import { createWorld } from './world.mjs';

const STORM_SECONDS = { min: 15, max: 40 };
const undo = [];
let cut = false;
const clock = () => new Date().toISOString().slice(11, 19);
const say = (line) => console.log(`${dim(clock())} ${line}`);

/** What an instance is made of in the demo data. */
const partsOf = async (wire, staff) => {
  const first = async (what) =>
    (await wire.ask('GET', `/staffapi/openstack/${what}`, { headers: { Authorization: `Token ${staff}` } })).json()
      .objects[0];
  const [flavor, image, network] = await Promise.all(['flavors', 'images', 'networks'].map(first));
  return { region: flavor.region, flavor: flavor.id, image: image.id, network: network.id };
};

/**
 * `npm start` after its supervisor was killed. What stands in its way is a failed proof, and is cleared away so that
 * the run goes on.
 */
const startAgain = async (stack, failed, before) => {
  for (let attempt = 0; attempt < 5 && !cut; attempt += 1)
    try {
      await stack.start(90);
      const orphans = stack.processes.services().filter(({ pid }) => before.some((one) => one.pid === pid));
      for (const { pid, name } of orphans) {
        failed('start', `${name} (${pid}) of the killed supervisor lives on beside the new one`);
        signal(pid, 'SIGKILL');
      }
      return;
    } catch (err) {
      const left = stack.processes.services();
      failed(
        'start',
        `${clock()} attempt ${attempt + 1}: ${err.message.replace(/\s+/g, ' ').slice(-300)}; ` +
          `living: ${left.map((one) => `${one.name} ${one.pid}`).join(',')}`,
      );
      for (const { pid } of [...left, ...stack.processes.supervisors()]) {
        signal(pid, 'SIGCONT');
        signal(pid, 'SIGKILL');
      }
      await sleep(500);
    }
};

/** Storms of faults, and pauses in which everything must recover, until the time is over. */
const storms = async ({ options, world, faults, faultCounts, journal, watch, calms, progress }) => {
  const random = chance(options.seed, 'faults');
  const end = Date.now() + options.seconds * 1000;
  const left = () => end - Date.now();
  const kinds = Object.keys(options.weights);
  while (left() > 0 && !cut) {
    const storm = Date.now() + Math.min(left(), random.whole(STORM_SECONDS.min, STORM_SECONDS.max) * 1000);
    while (Date.now() < storm && !cut) {
      for (
        const until = Date.now() + random.whole(200, 5000);
        Date.now() < Math.min(until, storm) && !cut;
        await sleep(100)
      )
        progress(left());
      if (!kinds.length || cut || Date.now() >= storm) continue;
      const kind = random.weighted(options.weights);
      const done = await faults.inflict(kind);
      world.disturbedAt = Date.now();
      if (done) faultCounts.set(kind, (faultCounts.get(kind) ?? 0) + 1);
      if (done) journal.say(done);
    }
    if (!cut) calms.push(await watch.calm(() => cut));
    progress(left());
  }
};

const main = async () => {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(HELP);
  if (process.platform !== 'linux') throw new Trouble('test:chaos finds its processes in /proc: it needs Linux');
  console.log(
    `${bold('Chaos')} ${dim(`seed ${options.seed}, ${Math.round(options.seconds)} s, ${options.workers} workers`)}`,
  );
  await step('dependencies', install);
  await step('build', build);
  const stack = await createStack({ portBase: options.portBase });
  undo.push(
    () => (stack.kept ? undefined : stack.remove()),
    () => stack.clear(),
  );
  await step('npm start', async () => {
    await stack.start(180);
    return `${stack.gateway}, ${stack.dir}`;
  });
  const { compute, identity } = stack.credentials();
  const wire = createWire(stack.gateway);
  const journal = openJournal(path.join(stack.dir, 'journal.ndjson'));
  undo.push(
    () => journal.close(),
    () => wire.close(),
  );
  const world = createWorld(options.seed);
  const failures = new Map();
  const failed = (what, line) => {
    failures.set(what, [...(failures.get(what) ?? []), line]);
    say(red(line));
  };
  const [staff, admin] = [compute.staff.token, identity.admin.token];
  let givenUp = false;
  const ask = askerOf({ wire, journal, over: () => givenUp || cut });
  const parts = await partsOf(wire, staff);
  const baseline = (await connectionsOf(stack)).length;
  const watch = createWatch({ stack, failed });
  undo.push(() => watch.stop());
  const load = createLoad({
    world,
    wire,
    journal,
    ask,
    staff,
    admin,
    parts,
    seed: options.seed,
    workers: options.workers,
    pauseMs: 120,
  });
  const faults = createFaults({
    stack,
    random: chance(options.seed, 'details of faults'),
    say,
    proof: { start: (before) => startAgain(stack, failed, before) },
  });
  undo.push(() => faults.undo());

  let lastShown = 0;
  const progress = (left) => {
    if (Date.now() - lastShown < 5000) return;
    lastShown = Date.now();
    say(
      dim(
        `${Math.max(0, Math.ceil(left / 1000))} s left: ${wire.counts.requests} requests, ` +
          `${journal.total('acknowledged')} writes, ${[...faultCounts.values()].reduce((a, b) => a + b, 0)} faults`,
      ),
    );
  };
  const faultCounts = new Map();
  const calms = [];
  void load.start();
  undo.push(() => load.stop());
  await storms({ options, world, faults, faultCounts, journal, watch, calms, progress });
  if (cut) return;

  say('the load ends; open questions are asked again');
  faults.undo();
  const patience = setTimeout(() => (givenUp = true), 90_000);
  await load.stop();
  clearTimeout(patience);
  await load.settle();
  const results = await proveAll({ world, stack, wire, journal, staff, admin, watch, load, failures, baseline, say });
  report({ wire, journal, faultCounts, results, watch, calms });
  const bad = results.filter((one) => one.wrong.length).length;
  if (bad) stack.kept = true;
  if (options.keep) stack.kept = true;
  if (stack.kept)
    console.log(
      `\n  state, logs and journal are kept in ${stack.dir}; again with: ` +
        `npm run test:chaos -- --seconds ${options.seconds} --seed ${options.seed}`,
    );
  process.exitCode = bad ? 1 : 0;
  return `${results.length - bad} passed, ${bad} failed`;
};

let leaving;
const leave = () =>
  (leaving ??= (async () => {
    for (const one of undo.reverse()) await Promise.resolve(one()).catch((err) => console.error(red(err.message)));
  })());
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(name, () => {
    if (cut) return;
    cut = true;
    process.exitCode = 130;
    console.log(dim('\nstopping ...'));
  });
let summary;
try {
  summary = await main();
} catch (err) {
  console.error(`\n${red(err instanceof Trouble ? err.message : err.stack)}`);
  process.exitCode = 1;
}
await leave();
if (summary) console.log(summary);
process.exit();
