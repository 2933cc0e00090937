// @ts-check
// Types the steps of one client, one after the other, and looks at each answer.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { wordsOf } from './step.mjs';

const LIMIT_MS = 120_000;
/** The command fell over instead of telling what is wrong. */
const TRACE = /Traceback \(most recent call last\)/;
/**
 * @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ status: number | null, out: string, text: string }>}
 */
export const type = (command, args, env) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let text = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    child.stdout.on('data', (part) => {
      out += part;
      text += part;
    });
    child.stderr.on('data', (part) => (text += part));
    child.once('close', (status) => {
      clearTimeout(timer);
      resolve({ status, out, text });
    });
  });
const parsed = (/** @type {string} */ text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * @param {readonly import('./step.mjs').Step[]} steps
 * @param {{ client: { command: string }, envs: Partial<Record<import('./step.mjs').Step['as'], NodeJS.ProcessEnv>>,
 *   memory: import('./step.mjs').Memory }} walk
 * @param {import('../reporter.mjs').Reporter} reporter
 */
export const walkSteps = async (steps, { client, envs, memory }, { note }) => {
  for (const step of steps) {
    const { UNTIL, ...more } = step.env;
    const words = wordsOf(step.line, memory);
    const env = { ...envs[step.as], ...more };
    const look = async () => {
      const answer = await type(client.command, [...words, ...(step.json ? ['-f', 'json'] : [])], env);
      const out = step.json ? parsed(answer.out) : answer.out;
      const ended = step.refused ? answer.status !== 0 : answer.status === 0 && (!step.json || out !== undefined);
      let ok = false;
      try {
        ok = ended && !TRACE.test(answer.text) && Boolean(step.holds(out, memory, answer.text));
      } catch {
        // An answer of another form does not hold.
      }
      return { ok, ...answer };
    };
    let seen = await look();
    // Work goes on after the answer: what is waited for is asked for again.
    for (let i = 0; UNTIL !== undefined && !seen.ok && i < 30; i += 1) {
      await sleep(1000);
      seen = await look();
    }
    note(seen.ok, `${step.as === 'user' ? '' : `(${step.as}) `}${words.join(' ')}`, `${seen.status}: ${seen.text}`);
  }
};
