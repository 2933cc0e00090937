// @ts-check
// The table of docs/openstack-clients.md: every command that the interop test types, with what is to be said of it.
import { commandOf } from './step.mjs';
import { ALL_STEPS } from './steps.mjs';

/** What a command does in a version. @param {import('./step.mjs').Step[]} steps @param {'old' | 'new'} version */
const worksIn = (steps, version) => {
  const typed = steps.filter(({ only }) => only === undefined || only === version);
  if (!typed.length) return 'no';
  return typed.every(({ refused }) => refused) ? 'refused' : 'works';
};
/** @returns {string[]} lines of Markdown */
export const commandTable = () => {
  /** @type {Map<string, import('./step.mjs').Step[]>} */
  const byCommand = new Map();
  for (const step of ALL_STEPS) {
    const command = commandOf(step.line);
    byCommand.set(command, [...(byCommand.get(command) ?? []), step]);
  }
  const rows = [...byCommand].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '| command | 6.0.0 | newest | who | |',
    '|---|---|---|---|---|',
    ...rows.map(([command, steps]) => {
      const said = [...new Set(steps.map(({ doc }) => doc).filter(Boolean))].join('; ');
      const staff = steps.filter(({ refused }) => !refused).every(({ as }) => as === 'staff');
      const who = staff ? 'administrators' : 'users';
      return `| \`${command}\` | ${worksIn(steps, 'old')} | ${worksIn(steps, 'new')} | ${who} | ${said} |`;
    }),
  ];
};
