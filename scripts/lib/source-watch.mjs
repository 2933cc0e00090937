// @ts-check
// For `npm run dev`: tells when sources change, and which built services differ from what runs.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { root } from './prepare.mjs';

/** An editor writes several files at once: they make one build. */
const SETTLE_MS = 150;

/** The folders of the checkout that have sources: `packages/client`, `services/compute`. */
const projects = () =>
  ['packages', 'services'].flatMap((top) =>
    fs
      .readdirSync(path.join(root, top))
      .map((name) => `${top}/${name}`)
      .filter((project) => fs.existsSync(path.join(root, project, 'src'))),
  );

/**
 * Calls `changed` after sources were changed, one call at a time.
 * @param {() => Promise<void>} changed
 * @returns {() => void} ends it
 */
export const watchSources = (changed) => {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let running = false;
  let pending = false;
  const run = async () => {
    if (running) {
      pending = true;
      return;
    }
    running = true;
    do {
      pending = false;
      await changed();
    } while (pending);
    running = false;
  };
  const watchers = projects().map((project) =>
    fs.watch(path.join(root, project, 'src'), { recursive: true }, (_event, file) => {
      if (!file || !file.endsWith('.ts') || file.endsWith('.test.ts')) return;
      clearTimeout(timer);
      timer = setTimeout(() => void run(), SETTLE_MS);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
};

/** A hash of all JavaScript that a project was built to. @param {string} project */
const hashOf = (project) => {
  const dist = path.join(root, project, 'dist');
  const hash = createHash('sha256');
  for (const file of fs.readdirSync(dist, { recursive: true, encoding: 'utf8' }).sort())
    if (file.endsWith('.js')) hash.update(file).update(fs.readFileSync(path.join(dist, file)));
  return hash.digest('hex');
};
/**
 * The packages of the house that a project is built on, itself included.
 * @param {string} project
 * @returns {string[]}
 */
const needs = (project) => {
  const about = JSON.parse(fs.readFileSync(path.join(root, project, 'package.json'), 'utf8'));
  const own = Object.keys(about.dependencies ?? {}).filter((name) => name.startsWith('@nefos/'));
  return [...new Set([project, ...own.flatMap((name) => needs(`packages/${name.slice('@nefos/'.length)}`))])];
};
/**
 * What each service is built of now.
 * @param {string[]} names of services
 * @returns {Record<string, string>} a service's name to a hash of its code and of the packages that it uses
 */
export const codeOf = (names) =>
  Object.fromEntries(names.map((name) => [name, needs(`services/${name}`).map(hashOf).join()]));
