import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root, treeFiles } from './docs-tree.js';

const SERVICES = ['identity', 'compute', 'metering', 'introspection', 'clusters'];
const texts = treeFiles(['packages', 'services', 'scripts', 'docs', 'deploy'], /\.(ts|mjs|cjs|md|py|sql)$/).concat([
  'README.md',
  'CONTRIBUTING.md',
]);

interface Places {
  /** Numbers of headings: `7`, `7.9`. */
  sections: Set<string>;
  /** Numbers of list items and of first cells of table rows, behind their section: `9.3#6`, and rows such as `T10`. */
  rows: Set<string>;
}
/** Sections and rows of a numbered document. */
const placesOf = (file: string): Places => {
  const places: Places = { sections: new Set(), rows: new Set() };
  let section = '';
  for (const line of readFileSync(path.join(root, file), 'utf8').split('\n')) {
    const heading = /^#{2,4} (\d[\d. /]*)/.exec(line)?.[1];
    if (heading) {
      const numbers = heading.match(/\d+(\.\d+)*/g) ?? [];
      for (const one of numbers) places.sections.add(one);
      section = numbers[0] ?? '';
    }
    for (const item of line.matchAll(/(?:^|\. |\| )(\d+)(?:\.| \|) /g)) places.rows.add(`${section}#${item[1]}`);
    const row = /^\| ([A-Z]\d+) \|/.exec(line)?.[1];
    if (row) places.rows.add(row);
  }
  return places;
};
const documents = new Map(SERVICES.map((name) => [name, placesOf(`docs/contracts/${name}.md`)]));
documents.set('architecture', placesOf('docs/architecture.md'));

/** `§5, §7.2`, `§§1, 3, 5 to 7`, `§2 A4-A6`, `T10`: the numbers of sections and the names of rows. */
const namesIn = (words: string): string[] => {
  const names: string[] = [];
  for (const many of words.matchAll(/§§ ?([\d., ]+(?:(?:to|and) [\d., ]+)*)/g))
    names.push(...(many[1]?.match(/\d+(\.\d+)*/g) ?? []));
  for (const one of words.matchAll(/(?<!§)§ ?(\d+(?:\.\d+)*)/g)) names.push(one[1] ?? '');
  for (const row of words.matchAll(/\b([TAC]\d+)\b/g)) names.push(row[1] ?? '');
  return names;
};
const isThere = (places: Places, name: string): boolean => {
  if (places.sections.has(name) || places.rows.has(name)) return true;
  const [, section, item] = /^(.+)\.(\d+)$/.exec(name) ?? [];
  return places.rows.has(`${section}#${item}`);
};

/** Each reference of a file: to which document, and to what in it. Line ends in comments do not matter. */
const referencesIn = (file: string): { words: string; document: string; names: string[] }[] => {
  const text = readFileSync(path.join(root, file), 'utf8').replace(/\n[ \t]*(\*|\/\/|#)?[ \t]*/g, ' ');
  const found = [];
  const start =
    /\b(?:contract (?:(identity|compute|metering|introspection|clusters) )?|(architecture) )(?=§|[TAC]\d)/gi;
  for (const match of text.matchAll(start)) {
    const rest = text.slice(match.index + match[0].length, match.index + match[0].length + 120);
    const words = /^.*?(?=[);'"`]|: |\. |\bcontract\b|\barchitecture\b|$)/.exec(rest)?.[0] ?? '';
    const own = /^(?:services|scripts\/bench)\/([a-z]+)/.exec(file)?.[1] ?? '';
    const document = (match[1] ?? match[2] ?? own).toLowerCase();
    found.push({ words: match[0] + words, document, names: namesIn(words) });
  }
  return found;
};

describe('references to the contracts and to the architecture', () => {
  it('each names a document, and a section or row that is in it', () => {
    const wrong = texts.flatMap((file) =>
      referencesIn(file).flatMap(({ words, document, names }) => {
        const places = documents.get(document);
        if (!places || !names.length) return [`${file}: "${words}" names no document or no section`];
        return names
          .filter((name) => !isThere(places, name))
          .map((name) => `${file}: "${words}": ${document} has no ${name}`);
      }),
    );
    expect(wrong).toEqual([]);
  });
  it('there are references to each contract that is served', () => {
    const all = texts.flatMap(referencesIn);
    for (const name of ['identity', 'compute', 'metering', 'introspection'])
      expect(all.filter(({ document }) => document === name).length).toBeGreaterThan(20);
  });
  it('sections that a contract names in its own text are there', () => {
    const wrong = SERVICES.flatMap((name) => {
      const text = readFileSync(path.join(root, `docs/contracts/${name}.md`), 'utf8');
      const places = documents.get(name);
      return [...text.matchAll(/§ ?(\d+(?:\.\d+)*)/g)]
        .map((match) => match[1] ?? '')
        .filter((section) => places && !isThere(places, section))
        .map((section) => `${name} §${section}`);
    });
    expect(wrong).toEqual([]);
  });
});
