// @ts-check
// Which commands the clients have, and whether each is typed by a step or belongs to a family with a reason.
import { readFileSync } from 'node:fs';
import { FAMILIES } from './families.mjs';

/** @typedef {'old' | 'new'} Version */
/** Names of commands by the clients that have them, from `openstack command list` of 6.0.0 and of 10.5.0. */
const listed = readFileSync(new URL('client-commands.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => ({ who: line.slice(0, line.indexOf(' ')), name: line.slice(line.indexOf(' ') + 1) }));
/** @type {ReadonlyMap<string, readonly Version[]>} */
export const COMMANDS = new Map(
  listed.map(({ who, name }) => [name, who === 'both' ? ['old', 'new'] : [/** @type {Version} */ (who)]]),
);

/** The command of a line: the longest name with which it begins. @param {string} line @returns {string | undefined} */
export const commandOf = (line) => {
  const words = line.split(/\s+/);
  for (let n = words.length; n > 0; n -= 1) {
    const name = words.slice(0, n).join(' ');
    if (COMMANDS.has(name)) return name;
  }
  return undefined;
};
/**
 * Whether a client has the command of a step, and is the one that it is meant for.
 * @param {import('./step.mjs').Step} step @param {Version} version
 */
export const typedBy = ({ line, only }, version) =>
  (only === undefined || only === version) && Boolean(COMMANDS.get(commandOf(line) ?? '')?.includes(version));
/** @param {string} name @param {readonly import('./families.mjs').Family[]} [families] */
export const familyOf = (name, families = FAMILIES) =>
  families
    .filter(({ words }) => name === words || name.startsWith(`${words} `))
    .sort((a, b) => b.words.length - a.words.length)[0];

/**
 * What is wrong with what the steps type, in sentences: a command of a client that nothing types and no family takes
 * in; a family with no command, or one that no step tries; a step whose command no client has.
 * @param {readonly { line: string }[]} steps
 * @param {readonly import('./families.mjs').Family[]} [families]
 * @returns {string[]}
 */
export const uncovered = (steps, families = FAMILIES) => {
  const typed = new Set(steps.map(({ line }) => commandOf(line)));
  const names = [...COMMANDS.keys()];
  const tried = new Set(names.filter((name) => typed.has(name)).map((name) => familyOf(name, families)));
  const taken = new Set(names.filter((name) => !typed.has(name)).map((name) => familyOf(name, families)));
  return [
    ...names.filter((name) => !typed.has(name) && !familyOf(name, families)).map((name) => `nobody types: ${name}`),
    ...families.filter((one) => !taken.has(one)).map(({ words }) => `a family without commands: ${words}`),
    ...families
      .filter((one) => !one.elsewhere && !tried.has(one))
      .map(({ words }) => `a family that no step tries: ${words}`),
    ...steps.filter(({ line }) => commandOf(line) === undefined).map(({ line }) => `no client has: ${line}`),
  ];
};
