import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root, treeFiles } from './docs-tree.js';

const pages = treeFiles(['docs', 'deploy', 'packages', 'services'], /\.md$/).concat([
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
]);
/** Files that the example of the guides makes. */
const EXAMPLE = 'client-notes';
const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8');
/** The text without blocks of code. */
const prose = (page: string): string => textOf(page).replace(/^```[^]*?^```/gm, '');
/** Anchors of a page's headings, as GitHub makes them. */
const anchors = (page: string): string[] =>
  [...prose(page).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('the documents', () => {
  it('each link to a file or heading of the tree leads somewhere', () => {
    const broken = pages.flatMap((page) =>
      [
        ...prose(page)
          .replace(/`[^`]*`/g, '')
          .matchAll(/\]\(([^)\s]+)\)/g),
      ]
        .map((match) => match[1] ?? '')
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => {
          const [file = '', anchor] = link.split('#');
          const target = file ? path.posix.join(path.posix.dirname(page), file) : page;
          if (!existsSync(path.join(root, target))) return true;
          return anchor !== undefined && !anchors(target).includes(anchor);
        })
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
  it('each path of the tree that a document names is there', () => {
    const missing = pages.flatMap((page) =>
      [...prose(page).matchAll(/`((?:services|packages|scripts|docs|deploy)\/[\w./-]+)`/g)]
        .map((match) => match[1] ?? '')
        .filter((name) => !name.includes(EXAMPLE) && !existsSync(path.join(root, name)))
        .map((name) => `${page}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
  it('each file that the README of a service or package names is there', () => {
    const missing = pages.flatMap((page) => {
      const [own] = /^(?:services|packages)\/[^/]+/.exec(page) ?? [];
      if (own === undefined) return [];
      const files = treeFiles([own], /./);
      const isThere = (name: string): boolean =>
        existsSync(path.join(root, name)) ||
        (name.includes('/')
          ? [own, `${own}/src`].some((folder) => existsSync(path.join(root, folder, name)))
          : files.some((file) => path.posix.basename(file) === name));
      return [...prose(page).matchAll(/`([\w.-]+(?:\/[\w.-]+)*\.(?:ts|mjs|md|sql|py|conf))`/g)]
        .map((match) => match[1] ?? '')
        .filter((name) => !isThere(name))
        .map((name) => `${page}: ${name}`);
    });
    expect(missing).toEqual([]);
  });
  it("each file of compute that the table of a create's way names is there", () => {
    const table = /^### What happens between[^]*?^The files are in `([^`]+)`/m.exec(textOf('docs/architecture.md'));
    const names = [...(table?.[0] ?? '').matchAll(/`([a-z-]+\/[\w./-]+\.ts)`/g)].map((match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !existsSync(path.join(root, table?.[1] ?? '', name)))).toEqual([]);
  });
  it('lines of prose have at most 120 columns', () => {
    const long = pages
      .filter((page) => !/^(packages|services)\//.test(page))
      .flatMap((page) =>
        prose(page)
          .split('\n')
          // A table's row, a heading or a long span of code can not be broken.
          .filter((line) => line.length > 120 && !/^\s*\||^#|`[^`]{60,}/.test(line))
          .map((line) => `${page}: ${line.slice(0, 80)}`),
      );
    expect(long).toEqual([]);
  });
  it('no document names a path of the machine where it was written', () => {
    expect(pages.filter((page) => /\/work\/|\/home\/[a-z]+\//.test(textOf(page)))).toEqual([]);
  });
});
