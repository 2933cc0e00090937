import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root, treeFiles } from './docs-tree.js';

const SERVICES = ['identity', 'compute', 'metering'] as const;
const sources = (folder: string): string[] =>
  treeFiles([folder], /\.ts$/)
    .filter((file) => !/\.test\.ts$|\/migrations\//.test(file))
    .map((file) => readFileSync(path.join(root, file), 'utf8'));

const MAKERS = '(?:conflict|forbidden|notFound|unavailable|unauthenticated)\\(';
const CODE = "'([a-z_]+(?:\\.[a-z_]+)*)'";
const MADE = new RegExp(`\\b(?:new Fault\\(\\s*'\\w+',|${MAKERS})\\s*${CODE}`, 'g');
/** Entries of the lists of codes in `errors.ts` and `words.ts`: of a union, a constant, a record of sentences. */
const LISTED = [
  /^ *\| '([a-z_]+(?:\.[a-z_]+)*)'/gm,
  /^export const [A-Z_]+ = '([a-z_.]+)'/gm,
  /^ {2}'?([a-z_]+(?:\.[a-z_]+)*)'?: /gm,
];
/** Codes of faults that the sources make, and those of the service's lists of codes. */
const codesIn = (folder: string): string[] => {
  const made = sources(folder).flatMap((text) => [...text.matchAll(MADE)]);
  const listed = treeFiles([folder], /(^|\/)(errors|words)\.ts$/).flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    return LISTED.flatMap((pattern) => [...text.matchAll(pattern)]);
  });
  return [...new Set([...made, ...listed].map((match) => match[1] ?? ''))].sort();
};
const page = readFileSync(path.join(root, 'docs/errors.md'), 'utf8');
/** Codes of a chapter: what stands in the first cells of its table. */
const documented = (title: string): string[] => {
  const chapter = page.split(/^### /m).find((one) => one.startsWith(`${title}\n`)) ?? '';
  return [...chapter.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap((row) => row[1]?.match(/[a-z_]+(\.[a-z_]+)*/g) ?? []);
};
const everywhere = documented('Codes of every service');

describe('docs/errors.md', () => {
  it.each(SERVICES)('has a row for every code of %s', (service) => {
    const known = new Set([...everywhere, ...documented(`Codes of ${service}`)]);
    const codes = codesIn(`services/${service}/src`);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !known.has(code))).toEqual([]);
  });
  it('has a row for every code of the kit and of the token check', () => {
    const codes = [...codesIn('packages/service-kit/src'), ...codesIn('packages/auth/src')];
    expect(codes.filter((code) => !everywhere.includes(code))).toEqual([]);
  });
  it.each(SERVICES)('has no row for a code that %s does not have', (service) => {
    const all = sources(`services/${service}/src`).join('\n');
    expect(documented(`Codes of ${service}`).filter((code) => !new RegExp(`['\`. ]${code}\\b`).test(all))).toEqual([]);
  });
});
