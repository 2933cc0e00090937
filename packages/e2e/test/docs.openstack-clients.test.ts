import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './docs-tree.js';

const page = readFileSync(path.join(root, 'docs/openstack-clients.md'), 'utf8');
const lines = readFileSync(path.join(root, 'scripts/interop/faces/client-commands.txt'), 'utf8').trim().split('\n');
const commands = lines.map((line) => line.replace(/^(both|old|new) /, ''));
/** First cells of the tables' rows. */
const rows = [...page.matchAll(/^\| `([a-z0-9 ]+)` \|/gm)].map((match) => match[1] ?? '');

/** What the interop test says of its own steps: each sentence is a command that is missing, or one too many. */
const uncovered = (steps: string, families = 'FAMILIES'): unknown => {
  const program = `
    import { uncovered } from './scripts/interop/faces/coverage.mjs';
    import { FAMILIES } from './scripts/interop/faces/families.mjs';
    import { ALL_STEPS } from './scripts/interop/faces/steps.mjs';
    console.log(JSON.stringify(uncovered(${steps}, ${families})));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
};

describe('commands of OpenStack clients', () => {
  it('are typed by the interop test, or belong to a family with a reason', () => {
    expect(commands.length).toBeGreaterThan(800);
    expect(uncovered('ALL_STEPS')).toEqual([]);
  });
  it.each(['server migration list', 'keypair show', 'volume snapshot unset', 'security group rule create'])(
    'are missed when nobody types them any more: %s',
    (command) => {
      expect(uncovered(`ALL_STEPS.filter(({ line }) => !line.startsWith('${command}'))`)).toEqual([
        `nobody types: ${command}`,
      ]);
    },
  );
  it('are no others than those that a client has', () => {
    expect(uncovered("[...ALL_STEPS, { line: 'server frobnicate {p}vm' }]")).toEqual([
      'no client has: server frobnicate {p}vm',
    ]);
  });
  it('have no family that no step tries, and none that takes in nothing', () => {
    const more = "[...FAMILIES, { words: 'keypair', why: '' }, { words: 'nothing', why: '' }]";
    expect(uncovered('ALL_STEPS', more)).toEqual([
      'a family without commands: keypair',
      'a family without commands: nothing',
      'a family that no step tries: nothing',
    ]);
    const untried = "ALL_STEPS.filter(({ line }) => !line.startsWith('subnet pool'))";
    expect(uncovered(untried)).toEqual(['a family that no step tries: subnet pool']);
  });
  it('have a row in docs/openstack-clients.md, of their own or of their family', () => {
    const covered = (name: string) => rows.some((row) => name === row || name.startsWith(`${row} `));
    expect(commands.filter((name) => !covered(name))).toEqual([]);
  });
  it('have a row of their own where they belong to no family', () => {
    const own = commands.filter((name) => /^(flavor|port|keypair|usage|limits|hypervisor|extension) /.test(name));
    expect(own.length).toBeGreaterThan(15);
    expect(own.filter((name) => !rows.includes(name))).toEqual([]);
  });
});
