import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root, treeFiles } from './docs-tree.js';

const SERVICES = ['identity', 'compute', 'metering', 'introspection'] as const;
const sources = (folder: string): string[] =>
  treeFiles([folder], /\.ts$/)
    .filter((file) => !/\.test\.ts$|\/migrations\//.test(file))
    .map((file) => readFileSync(path.join(root, file), 'utf8'));

const MAKERS = '(?:conflict|forbidden|notFound|unavailable|unauthenticated)\\(';
const CODE = "'([a-z_]+(?:\\.[a-z_]+)*)'";
/** What makes a refusal, up to its code: a fault, a refusal in words of the service's own, a refused field. */
const MAKING = [
  `new Fault\\(\\s*'\\w+',`,
  MAKERS,
  `refusal\\(\\s*'\\w+',`,
  `(?:invalidValue|refusedValue)\\(\\s*(?:\\[[^\\]]*\\]|\\w+),`,
  `invalid\\(\\s*\\[[^;]*?[})]\\],`,
];
const MADE = MAKING.map((making) => new RegExp(`\\b${making}\\s*${CODE}`, 'g'));
/** Files that list codes. */
const LISTS = /(^|\/)(errors|refusals|words[a-z-]*)\.ts$/;
/** Their entries: of a union, a constant, a record of sentences or wordings. */
const LISTED = [
  /^ *\| '([a-z_]+(?:\.[a-z_]+)*)'/gm,
  /^export const [A-Z_]+ = '([a-z_.]+)'/gm,
  /^ {2}'?([a-z_]+(?:\.[a-z_]+)*)'?:\s+(?=['"`({])/gm,
];
/** Codes of faults that the sources make, and those of the service's lists of codes. */
const codesIn = (folder: string): string[] => {
  const made = sources(folder).flatMap((text) => MADE.flatMap((pattern) => [...text.matchAll(pattern)]));
  const listed = treeFiles([folder], LISTS).flatMap((file) => {
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
  it('codes are found where compute makes and words them', () => {
    const codes = codesIn('services/compute/src');
    for (const code of [
      'client.suspended',
      'idempotency.key',
      'create.out_of_stock',
      'instance.state',
      'login',
      'page',
    ])
      expect(codes).toContain(code);
  });
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
