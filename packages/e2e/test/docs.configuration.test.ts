import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root, treeFiles } from './docs-tree.js';

const page = readFileSync(path.join(root, 'docs/configuration.md'), 'utf8');
/** Rows of the tables: the first cell is the setting. */
const documented = new Set([...page.matchAll(/^\| `(NEFOS_\w+)` \|/gm)].map((match) => match[1] ?? ''));

describe('docs/configuration.md', () => {
  it('has the tables that the configuration schemas give: npm run docs writes them', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/docs.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect([stderr.trim(), status]).toEqual(['', 0]);
  });
  it('has every setting that a service or a script reads', () => {
    const read = treeFiles(['scripts', 'packages', 'services'], /\.(ts|mjs)$/)
      .filter((file) => !/^scripts\/(fuzz|chaos|bench|interop)\/|\/test\/|\.test\.ts$/.test(file))
      // A name in quotes, a property of the environment, a key of a schema; not our own constants.
      .flatMap(
        (file) =>
          readFileSync(path.join(root, file), 'utf8').match(/(?<=['"`.]|^ {2})NEFOS_[A-Z0-9_]*[A-Z0-9]\b/gm) ?? [],
      )
      // A prefix that a name is made of, the file form of a setting, and roles of the database in a generated state.
      .filter((name) => !/_FILE$|^NEFOS_(START|IDENTITY|COMPUTE|METERING|INTROSPECTION|[A-Z]+_PASSWORD)$/.test(name));
    expect([...new Set(read)].filter((name) => !documented.has(name))).toEqual([]);
  });
});
