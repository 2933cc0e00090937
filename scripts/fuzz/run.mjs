#!/usr/bin/env node
// @ts-check
// npm run test:fuzz: requests nobody should send and requests anybody may send, by the thousand, against a Nefos of our
// own.
import '../lib/check-node.cjs';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { get } from '../lib/children.mjs';
import { argsOrExit } from '../lib/options.mjs';
import { build, install, root } from '../lib/prepare.mjs';
import { startPrivateStack } from '../lib/private-stack.mjs';
import { bold, dim, green, red, step, Trouble } from '../lib/progress.mjs';
import { runDocument } from './legs.mjs';
import { rawCases } from './raw.mjs';
import { Report } from './report.mjs';
import { pythonWithSchemathesis } from './venv.mjs';
import { deathsIn, searchLogs, watchDoors } from './watch.mjs';

const HELP = `npm run test:fuzz [-- options]

  --requests <n>      about so many by schemathesis (default 20000)
  --seed <n>          the same plan again (default: random)
  --minutes <n>       the end, whatever was sent until then (default 30)
  --only <regex>      only operations whose "METHOD /path" fits; or raw cases, with --requests 0
  --min-success <r>   what part of the operations must have succeeded at least once (default 0.6; 0 below
                      10,000 requests)

The report is in node_modules/.cache/nefos-fuzz-report/. The last line is "N passed, N failed".`;
const SHARES = { identity: 0.25, compute: 0.5, metering: 0.1, introspection: 0.07, baremetal: 0.08 };
/** The service that has a document of another name, and where. */
const PLACES = { baremetal: ['introspection', '/openapi-baremetal.json'] };
// What protects the product from guessing would stop the run; a lock after 1000 failures and a second of it is as good
// as none.
const ENVIRONMENT = {
  NEFOS_COMPUTE_AUTH_FAILURES: '1000000',
  NEFOS_COMPUTE_SIM_LATENCY_MS: '0',
  NEFOS_IDENTITY_ADDRESS_FAILURES: '1000000',
  NEFOS_IDENTITY_LOGIN_FAILURES: '1000',
  NEFOS_IDENTITY_LOGIN_LOCK_MINUTES: '1',
  NEFOS_IDENTITY_FEEDBACK_PER_HOUR: '1000000',
  NEFOS_IDENTITY_CATALOGS_PER_MINUTE: '1000000',
};
const values = argsOrExit(HELP, {
  requests: { type: 'string', default: '20000' },
  seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
  minutes: { type: 'string', default: '30' },
  only: { type: 'string' },
  'min-success': { type: 'string' },
});
const number = (name, least = 0) => {
  const value = Number(values[name]);
  if (!/^\d+(\.\d+)?$/.test(values[name]) || !(value >= least))
    throw new Trouble(`--${name} must be a number from ${least}`);
  return value;
};
let passed = 0;
let failed = 0;
const note = (name, wrong) => {
  if (wrong) {
    failed += 1;
    console.log(`  ${red('not ok')} ${name}: ${wrong}`);
  } else {
    passed += 1;
    if (process.stdout.isTTY) console.log(`  ${green('ok')} ${name}`);
  }
};

/** One after another; after each its door must answer again and nobody may have died. */
const runRaw = async (cases, stack) => {
  let deaths = deathsIn(stack.output());
  for (const [name, run] of cases) {
    let wrong = await run();
    const port = stack.ports[name.split(':')[0]];
    let up = false;
    for (const end = Date.now() + 30_000; !up && Date.now() < end;)
      up = (await get(`http://127.0.0.1:${port}/healthz`)).status === 200;
    const now = deathsIn(stack.output());
    if (now > deaths) wrong = `a process died${wrong ? ` (${wrong})` : ''}`;
    if (!up) wrong = `its door does not answer any more${wrong ? ` (${wrong})` : ''}`;
    deaths = now;
    note(name, wrong);
  }
};

/** The documents as both the gateway and the service serve them. */
const loadDocuments = async (stack, only) => {
  const documents = {};
  for (const name of Object.keys(SHARES)) {
    const [service, at] = PLACES[name] ?? [name, '/openapi.json'];
    const outside = await get(`${stack.gateway}/openapi/${name}.json`);
    const inside = await get(`http://127.0.0.1:${stack.ports[service]}${at}`);
    note(
      `${name}'s document is the same at the gateway and at the service`,
      outside.status !== 200 || outside.text !== inside.text ? 'it is not' : undefined,
    );
    const document = JSON.parse(outside.text);
    const kept = Object.entries(document.paths)
      // What is not for clients is not served by the gateway, whatever a document says of it.
      .filter(([path_]) => !path_.startsWith('/internal/'))
      .map(([path_, item]) => [
        path_,
        Object.fromEntries(
          Object.entries(item).filter(([m]) => m === 'parameters' || only.test(`${m.toUpperCase()} ${path_}`)),
        ),
      ])
      .filter(([, item]) => Object.keys(item).some((m) => m !== 'parameters'));
    if (kept.length) documents[name] = { ...document, paths: Object.fromEntries(kept) };
  }
  return documents;
};

const main = async () => {
  const [requests, seed, minutes] = [number('requests'), number('seed'), number('minutes', 1)];
  const only = new RegExp(values.only ?? '');
  const same = values.only ? ` --only '${values.only}'` : '';
  const command = `npm run test:fuzz -- --seed ${seed} --requests ${requests}${same}`;
  const least =
    values['min-success'] === undefined ? (requests >= 10_000 && !values.only ? 0.6 : 0) : number('min-success');
  await step('dependencies', install);
  await step('build', build);
  const bin = requests > 0 ? await step('schemathesis', async () => pythonWithSchemathesis()) : '';
  const stack = await step('a Nefos of our own', async () => startPrivateStack(ENVIRONMENT));
  const dir = path.join(root, 'node_modules/.cache/nefos-fuzz-report');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const running = new Set();
  let stopped = false;
  const interrupt = () => {
    stopped = true;
    for (const child of running) child.kill('SIGINT');
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    const until = Date.now() + minutes * 60_000;
    const components = JSON.parse(readFileSync(path.join(stack.state, 'bootstrap.json'), 'utf8')).identity.components;
    const raw = rawCases({ ...stack, eventsToken: components.find(({ name }) => name === 'nefos-compute').token });
    const wanted = (list) => (values.only ? list.filter(([name]) => only.test(name)) : list);
    const documents = await loadDocuments(stack, only);
    console.log(bold(`\nRaw requests`));
    const slow = wanted(raw.slow).map(async ([name, run]) => [name, await run()]);
    await runRaw(wanted(raw.cases), stack);

    console.log(bold(`\n${requests} requests by schemathesis, seed ${seed}`));
    const report = new Report(documents);
    const deaths = deathsIn(stack.output());
    const watch = watchDoors(stack.ports);
    const whole = Object.keys(documents).reduce((n, name) => n + SHARES[name], 0);
    const legs = Object.entries(documents).map(([name, document]) =>
      runDocument({
        bin,
        dir,
        name,
        document,
        seed: (seed + Object.keys(SHARES).indexOf(name)) >>> 0,
        requests: Math.ceil((requests * SHARES[name]) / whole),
        until: () => (stopped ? 0 : until),
        stack,
        running,
        onResult: (result) => {
          report.take(result);
          console.log(dim(`  ${report.sent} requests, ${report.failures.size} kinds of failure`));
        },
      }),
    );
    for (const fault of requests > 0 ? (await Promise.all(legs)).flat() : []) note('a leg', fault);
    for (const [name, wrong] of await Promise.all(slow)) note(name, wrong);
    const silence = await watch.stop();

    console.log(bold('\nWhat it came to'));
    for (const name of requests > 0 ? report.operations.keys() : []) {
      const mine = [...report.failures.values()].filter((one) => one.operation === name);
      note(
        name,
        mine
          .map((one) => `${one.count} x ${one.check} ${one.status} (${one.message.split('\n')[0].slice(0, 160)})`)
          .join('; '),
      );
    }
    note('every door answers all the time', silence.join('; '));
    const died = deathsIn(stack.output()) - deaths;
    note('no process died', died ? `${died} times: ${stack.output().slice(-500)}` : undefined);
    const secrets = [
      ...report.secrets,
      ...components.map(({ token }) => token),
      ...Object.values(stack.credentials.identity).map(({ token }) => token),
    ];
    const people = [stack.credentials.identity.admin.password, stack.credentials.identity.user.password];
    const found = searchLogs(stack.state, [...secrets, ...people]);
    note('no secret and no crash in the logs', found.slice(0, 5).join('; '));
    const { all, good, notOffered, never } = report.ratio();
    const part = all ? (good + notOffered.length) / all : 1;
    note(
      'operations succeeded at least once',
      part < least ? `${good} of ${all}, and ${notOffered.length} are not offered` : undefined,
    );
    writeFileSync(path.join(dir, 'report.txt'), report.text({ seed, command }));
    writeFileSync(path.join(dir, 'failures.json'), JSON.stringify([...report.failures.values()], null, 2));
    if (never.length && requests > 0) console.log(`\nnever succeeded:\n${never.map((one) => `  ${one}`).join('\n')}`);
    console.log(
      `\n${report.sent} requests; ${good} of ${all} operations succeeded, ` +
        `${notOffered.length} more are not offered by this installation`,
    );
    console.log(
      `slowest: ${report.slowest[0]} s, ${report.slowest[1]}; credentials lost and made again: ${report.heals}`,
    );
    console.log(`report: ${path.relative(process.cwd(), path.join(dir, 'report.txt'))}`);
    console.log(`again: ${command}`);
  } finally {
    await stack.stop();
  }
};
await main().catch((err) => {
  failed += 1;
  console.error(red(err instanceof Trouble ? err.message : err.stack));
});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
