// @ts-check
// The requests of one document in legs: each a run of schemathesis with a phase, a seed and a budget of its own.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A small generator of numbers, so that a seed gives the same plan. */
const numbers = (seed) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
// Coverage has a fixed number of cases for an operation, about this many.
const CASES_OF_COVERAGE = 30;
const SHARES = { fuzzing: 0.5, stateful: 0.2, coverage: 0.3 };

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/**
 * Operations that take nothing get a parameter that nobody knows: else each would be sent once, with one credential.
 */
const withSomething = (item) => {
  const common = item.parameters ?? [];
  const one = ([method, operation]) => {
    if (!METHODS.includes(method) || common.length || operation.parameters?.length || operation.requestBody)
      return [method, operation];
    return [method, { ...operation, parameters: [{ in: 'query', name: 'fuzz', schema: { type: 'integer' } }] }];
  };
  return Object.fromEntries(Object.entries(item).map(one));
};

/** A part of the document, in another order, so that a leg that ends early has seen other operations each time. */
const partOf = (document, share, next, phase) => {
  const change = phase === 'fuzzing' ? withSomething : (item) => item;
  const paths = Object.entries(document.paths).map(([at, item]) => [next(), [at, change(item)]]);
  paths.sort((a, b) => a[0] - b[0]);
  const kept = paths.slice(0, Math.max(1, Math.ceil(paths.length * share))).map(([, one]) => one);
  return { ...document, paths: Object.fromEntries(kept) };
};
const operationsOf = (document) =>
  Object.values(document.paths).reduce((n, item) => n + Object.keys(item).filter((m) => m !== 'parameters').length, 0);

const runLeg = ({ bin, dir, name, document, phase, seed, examples, budget, stack, until, running }) =>
  new Promise((resolve) => {
    const leg = path.join(dir, `${name}-${phase}-${seed}`);
    writeFileSync(`${leg}.openapi.json`, JSON.stringify(document));
    const log = createWriteStream(`${leg}.log`);
    const args = [
      'run',
      `${leg}.openapi.json`,
      '-u',
      stack.gateway,
      '--phases',
      phase,
      '-n',
      String(examples),
      '--seed',
      String(seed),
    ];
    args.push(
      '--continue-on-failure',
      '--no-shrink',
      '--generation-database',
      'none',
      '--checks',
      'not_a_server_error',
      '--no-color',
    );
    args.push(
      '--warnings',
      'off',
      '--generation-with-security-parameters',
      'false',
      '--suppress-health-check',
      'all',
      '--request-timeout',
      '30',
    );
    const child = spawn(path.join(bin, 'schemathesis'), args, {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: dir,
        LANG: 'C.UTF-8',
        PYTHONPATH: import.meta.dirname,
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONHASHSEED: '0',
        SCHEMATHESIS_HOOKS: 'hooks',
        NEFOS_FUZZ_CREDENTIALS: stack.credentialsFile,
        NEFOS_FUZZ_GATEWAY: stack.gateway,
        NEFOS_FUZZ_DOCUMENT: name,
        NEFOS_FUZZ_BUDGET: String(budget),
        NEFOS_FUZZ_SEED: String(seed),
        NEFOS_FUZZ_OUT: `${leg}.result.json`,
      },
    });
    running.add(child);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const soft = setTimeout(() => child.kill('SIGINT'), Math.max(1000, until - Date.now()));
    const hard = setTimeout(() => child.kill('SIGKILL'), Math.max(1000, until - Date.now()) + 60_000);
    child.once('error', () => resolve(undefined));
    child.once('exit', () => {
      clearTimeout(soft);
      clearTimeout(hard);
      running.delete(child);
      log.end();
      resolve(existsSync(`${leg}.result.json`) ? JSON.parse(readFileSync(`${leg}.result.json`, 'utf8')) : undefined);
    });
  });

/**
 * @param {{bin: string, dir: string, name: string, document: object, seed: number, requests: number, until: () =>
 *   number,
 *   stack: object, running: Set<object>, onResult: (result: any) => void}} options
 * @returns {Promise<string[]>} what went wrong with the legs themselves
 */
export const runDocument = async ({ document, seed, requests, until, onResult, ...rest }) => {
  const next = numbers(seed);
  const spent = { fuzzing: 0, stateful: 0, coverage: 0 };
  const faults = [];
  let left = requests;
  for (let leg = 0; left > 0 && Date.now() < until() && leg < 400; leg += 1) {
    // The phase that is furthest behind its share.
    const phase = Object.keys(SHARES).sort((a, b) => spent[a] / SHARES[a] - spent[b] / SHARES[b])[0];
    const budget = Math.min(left, Math.max(200, Math.ceil(requests * SHARES[phase] * 0.5)));
    const all = operationsOf(document);
    const share = phase === 'coverage' ? Math.min(1, budget / (all * CASES_OF_COVERAGE)) : 1;
    const part = partOf(document, share, next, phase);
    const examples = phase === 'stateful' ? Math.ceil(budget / 6) : Math.max(3, Math.ceil((budget * 1.3) / all));
    const result = await runLeg({
      ...rest,
      document: part,
      phase,
      seed: Math.floor(next() * 2 ** 31),
      examples,
      budget,
      until: until(),
    });
    if (Date.now() >= until() && !result) break;
    if (!result || result.sent === 0) {
      spent[phase] += budget;
      faults.push(`leg ${leg} of ${rest.name} (${phase}) ended without a result: its log is in ${rest.dir}`);
      if (faults.length > 3) break;
      continue;
    }
    spent[phase] += Math.max(result.sent, budget * 0.3);
    left -= result.sent;
    onResult(result);
  }
  return faults;
};
