import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root, treeFiles } from './docs-tree.js';

const page = readFileSync(path.join(root, 'docs/operations.md'), 'utf8');
const chapter = (title: string): string => page.split(/^## /m).find((one) => one.startsWith(`${title}\n`)) ?? '';
/** The sources, with strings that are continued on the next line put together. */
const sources = treeFiles(['packages', 'services', 'scripts'], /\.(ts|mjs)$/)
  .filter((file) => !/\/test\/|\.test\.ts$/.test(file))
  .map((file) => readFileSync(path.join(root, file), 'utf8').replace(/['"`] \+\s*['"`]/g, ''))
  .join('\n');
/** The parts of a quoted line that stand in it as they are: without `…` and what a program fills in. */
const parts = (line: string): string[] =>
  line
    .split(/…|<[a-z]+>|\b(?:identity|metering|introspection)\b|\b[a-z]+\.[a-z]+\b/)
    .map((part) => part.trim())
    .filter((part) => part.length > 6);

describe('docs/operations.md', () => {
  it('each line of the log that it explains is written by the code', () => {
    const quoted = [...chapter('Faults in the log').matchAll(/^\| (`.+?`) \| /gm)].flatMap((row) =>
      [...(row[1] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
    );
    expect(quoted.length).toBeGreaterThan(20);
    const missing = quoted.filter((line) => parts(line).some((part) => !sources.includes(part)));
    expect(missing).toEqual([]);
  });
  it('each metric that it names is kept by the code', () => {
    const metrics = [...new Set(page.match(/\bnefos_[a-z_]+[a-z]\b/g) ?? [])];
    // Databases have such names, too; a metric of the HTTP server is named after its service.
    const names = metrics.filter((name) => !/^nefos_(identity|compute|metering|introspection)$/.test(name));
    const missing = names.filter((name) => !sources.includes(name));
    expect(missing).toEqual([]);
  });
});
