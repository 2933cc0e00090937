// @ts-check
// Tests that others have written, as they are: run by Python's own runner, counted one by one.
import { spawn } from 'node:child_process';

const LIMIT_MS = 900_000;

/**
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<{ status: number | null, out: string, text: string }>} `text`: with what went to stderr
 */
export const runProgram = (command, args, options) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let text = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    child.stdout?.on('data', (part) => {
      out += part;
      text += part;
    });
    child.stderr?.on('data', (part) => (text += part));
    child.once('error', (err) => (text += err.message));
    child.once('close', (status) => {
      clearTimeout(timer);
      resolve({ status, out, text });
    });
  });

/** A program of ours that prints "ok <what>" or "not ok <what>". @param {string} python @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options @param {import('../reporter.mjs').Reporter} reporter */
export const runNotes = async (python, args, options, { note }) => {
  const { status, out, text } = await runProgram(python, args, options);
  for (const line of out.trim().split('\n'))
    if (/^(not )?ok /.test(line)) note(line.startsWith('ok '), line.replace(/^(not )?ok /, ''));
  if (status !== 0) note(false, 'the program ends well', text.slice(-2000));
};

/** What the runner says of each test, after its name: it may print warnings between the two. */
const VERDICT = /^(test\w+) \((\S+)\)(?:\n\S+)? \.\.\. ((?:.|\n)*?)\b(ok|FAIL|ERROR|skipped '.*')$/gm;
/**
 * @param {string} python @param {string[]} names modules, classes or tests @param {import('node:child_process')
 *   .SpawnOptions} options
 * @param {import('../reporter.mjs').Reporter} reporter
 * @param {Record<string, string>} [absent] tests of what there is not, by class and name, with the reason
 */
export const runPythonTests = async (python, names, options, { note, skip }, absent = {}) => {
  const { text } = await runProgram(python, ['-m', 'unittest', '-v', ...names], options);
  let seen = 0;
  for (const [, name = '', of = '', , verdict = ''] of text.matchAll(VERDICT)) {
    seen += 1;
    const test = of.endsWith(`.${name}`) ? of : `${of}.${name}`;
    const why = absent[test.split('.').slice(-2).join('.')];
    if (why !== undefined) skip(test, why);
    else if (verdict.startsWith('skipped')) skip(test, verdict.slice('skipped '.length));
    else note(verdict === 'ok', test, detailOf(text, name, of));
  }
  if (!seen) note(false, names.join(' '), text.slice(-2000));
};
/** What the runner prints of a failed test at its end. @param {string} text @param {string} name @param {string} of */
const detailOf = (text, name, of) => {
  const at = Math.max(...['ERROR', 'FAIL'].map((word) => text.lastIndexOf(`\n${word}: ${name} (${of})`)));
  return at < 0 ? '' : text.slice(at + 1, text.indexOf(`\n${'='.repeat(70)}`, at + 1)).slice(-2500);
};
