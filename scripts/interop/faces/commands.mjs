// @ts-check
// The tables of docs/openstack-clients.md: every command that the interop test types, with what is to be said of it;
// and the families of commands for which there is nothing here.
import { COMMANDS, commandOf, familyOf } from './coverage.mjs';
import { FAMILIES } from './families.mjs';
import { ALL_STEPS } from './steps.mjs';

/**
 * What a command does in a version.
 * @param {string} command @param {import('./step.mjs').Step[]} steps @param {'old' | 'new'} version
 */
const worksIn = (command, steps, version) => {
  if (!COMMANDS.get(command)?.includes(version)) return 'no command';
  const typed = steps.filter(({ only }) => only === undefined || only === version);
  if (!typed.length) return 'no';
  return typed.every(({ refused }) => refused) ? 'refused' : 'works';
};
/** @returns {string[]} lines of Markdown */
export const commandTable = () => {
  /** @type {Map<string, import('./step.mjs').Step[]>} */
  const byCommand = new Map();
  for (const step of ALL_STEPS) {
    const command = commandOf(step.line) ?? step.line;
    byCommand.set(command, [...(byCommand.get(command) ?? []), step]);
  }
  const rows = [...byCommand].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '| command | 6.0.0 | newest | who | |',
    '|---|---|---|---|---|',
    ...rows.map(([command, steps]) => {
      const told = steps.map(({ doc }) => doc).filter(Boolean);
      const refused = steps.every((one) => one.refused);
      const why = refused && !told.length ? [familyOf(command)?.why] : [];
      const said = [...new Set([...told, ...why])].join('; ');
      const staff = steps.filter((one) => refused || !one.refused).every(({ as }) => as === 'staff');
      const who = staff ? 'administrators' : 'users';
      const [old, newest] = [worksIn(command, steps, 'old'), worksIn(command, steps, 'new')];
      return `| \`${command}\` | ${old} | ${newest} | ${who} | ${said} |`;
    }),
  ];
};
/** A longer list of commands is counted only. */
const MOST = 24;
/** @returns {string[]} lines of Markdown: what the clients have beside that, by family */
export const familyTable = () => {
  const typed = new Set(ALL_STEPS.map(({ line }) => commandOf(line)));
  return [
    '| commands | of these | |',
    '|---|---|---|',
    ...[...FAMILIES]
      .sort((a, b) => (a.words < b.words ? -1 : 1))
      .map((family) => {
        const rest = [...COMMANDS.keys()].filter((name) => !typed.has(name) && familyOf(name) === family);
        const verbs = rest.map((name) => name.slice(family.words.length + 1)).join(', ');
        return `| \`${family.words}\` | ${rest.length > MOST ? `${rest.length} commands` : verbs} | ${family.why} |`;
      }),
  ];
};
