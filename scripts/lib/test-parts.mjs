// @ts-check
// Names of parts for `npm test -- <part> ...`: which test files a word means.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Trouble } from './progress.mjs';

/** Short names of packages; services and packages are known by the names of their folders. */
const SHORT = { kit: 'service-kit' };

/**
 * Every test file of the checkout.
 * @param {string} root
 * @returns {string[]} paths from `root`, with slashes
 */
export const testFiles = (root) =>
  ['packages', 'services'].flatMap((top) =>
    readdirSync(path.join(root, top)).flatMap((owner) =>
      ['src', 'test'].flatMap((folder) => below(path.join(root, top, owner, folder), [top, owner, folder].join('/'))),
    ),
  );
/** @param {string} dir @param {string} shown @returns {string[]} */
const below = (dir, shown) => {
  try {
    return readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => `${shown}/${name.split(path.sep).join('/')}`)
      .sort();
  } catch {
    return [];
  }
};

/** Whether `rest` of a path is the area, is in it, or begins with its name: `instances`, `instances.actions`. */
const fitsArea = (/** @type {string} */ rest, /** @type {string} */ area) =>
  rest === area || rest.startsWith(`${area}/`) || rest.startsWith(`${area}.`);

/** What a word means to one file. */
const fits = (/** @type {string} */ word, /** @type {string} */ file) => {
  const [, owner = '', , ...rest] = file.split('/');
  const [first = '', ...area] = word.split('/');
  const name = SHORT[/** @type {keyof typeof SHORT} */ (first)] ?? first;
  return name === owner && (!area.length || fitsArea(rest.join('/'), area.join('/')));
};

/** The areas that a folder's tests are sorted into, for the message that names them. */
const areasOf = (/** @type {string} */ owner, /** @type {string[]} */ files) => [
  ...new Set(
    files
      .map((file) => file.split('/'))
      .filter((parts) => parts[1] === owner)
      .map((parts) => (parts[3] ?? '').replace(/\.test\.ts$/, '').split('.')[0] ?? ''),
  ),
];

/** One line with what there is. */
const unknown = (/** @type {string} */ word, /** @type {string[]} */ files) => {
  const short = Object.fromEntries(Object.entries(SHORT).map(([key, value]) => [value, key]));
  const owners = [...new Set(files.map((file) => file.split('/')[1] ?? ''))];
  const first = word.split('/')[0] ?? '';
  const owner = SHORT[/** @type {keyof typeof SHORT} */ (first)] ?? first;
  const known = owners.includes(owner)
    ? areasOf(owner, files).map((area) => `${first}/${area}`)
    : owners.map((one) => short[one] ?? one);
  return new Trouble(`no test fits ${word}: there are ${known.sort().join(', ')}, and paths of files`);
};

/**
 * The test files that the words mean: a service or package (`compute`, `kit`), an area of one (`compute/instances`), a
 * path or the beginning of one (`services/metering`, `services/metering/test/start.test.ts`), or a part of a path.
 * @param {string[]} words @param {string[]} files all test files
 * @returns {string[]} without duplicates
 * @throws {Trouble} for a word that fits no file: one line with what there is
 */
export const filesOf = (words, files) => [
  ...new Set(
    words.flatMap((given) => {
      const word = given.replace(/^\.\//, '').replace(/\/$/, '');
      const named = files.filter((file) => fits(word, file));
      const found = named.length ? named : files.filter((file) => file.includes(word));
      if (!found.length) throw unknown(word, files);
      return found;
    }),
  ),
];
