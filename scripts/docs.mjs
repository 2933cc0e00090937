#!/usr/bin/env node
// @ts-check
// npm run docs: writes the tables of docs/configuration.md from the settings that the services and the scripts read,
// and that of docs/openstack-clients.md from the commands that the interop test types.
import './lib/check-node.cjs';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commandTable, familyTable } from './interop/faces/commands.mjs';
import { SCRIPT_SETTINGS } from './lib/documented-settings.mjs';
import { argsOrExit } from './lib/options.mjs';
import { build, install, root } from './lib/prepare.mjs';
import { red, step } from './lib/progress.mjs';

const HELP = `npm run docs [-- --check]

Writes the tables of docs/configuration.md from the configuration schemas of the services and the texts in
scripts/lib/documented-settings.mjs, and the table of docs/openstack-clients.md from scripts/interop/faces.
--check  writes nothing; exit code 1 where a file is stale. Needs the built code (npm run build)`;
const { check } = argsOrExit(HELP, { check: { type: 'boolean' } });
/**
 * A setting's schema as JSON Schema.
 * @typedef {{ default?: unknown, description?: string, enum?: string[], minimum?: number, maximum?: number }} Json
 * @typedef {Record<string, import('zod').ZodType>} Shape
 */
const SERVICES = ['gateway', 'identity', 'compute', 'metering', 'introspection'];

if (!check) {
  await step('dependencies', install);
  await step('build', build);
}
/** @param {string} name @returns {Promise<any>} a module of the built code */
const compiled = (name) => import(path.join(root, name));
const { sharedSettings, SECRET } = await compiled('packages/service-kit/dist/index.js');
const { z } = await import('zod');

/** A value as one writes it in the environment. @param {unknown} value */
const written = (value) => {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return Array.isArray(value) ? value.join(',') : String(value);
};
/**
 * What stands in the column "default" for a setting.
 * @param {import('zod').ZodType} schema
 * @param {Json} json
 */
const defaultOf = (schema, json) => {
  if (json.default !== undefined) return json.default === '' ? 'none' : `\`${written(json.default)}\``;
  const found = schema.safeParse(undefined);
  if (!found.success) return 'required';
  if (found.data === undefined) return json.enum?.includes('off') ? '`off`' : 'none';
  return `\`${written(found.data)}\``;
};
/** The values that are allowed, where the schema says so in a word. @param {Json} json */
const allowed = ({ enum: choices, minimum, maximum }) => {
  if (choices?.includes('on')) return ' (`on`, `off`)';
  if (choices) return ` (${choices.map((one) => `\`${one}\``).join(', ')})`;
  if (minimum === undefined) return '';
  return maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
    ? ` (${minimum} to ${maximum})`
    : ` (at least ${minimum})`;
};
/**
 * @typedef {{ name: string, fallback?: string, reads: string, meaning: string, values?: string, secret?: boolean }}
 * Setting
 * @param {Setting} setting
 */
const row = ({ name, fallback, reads, meaning, values = '', secret }) =>
  `| \`${name}\` | ${fallback} | ${reads} | ${meaning}${values}${secret ? '. **secret**' : ''} |`;
const HEAD = '| setting | default | read by | meaning |\n|---|---|---|---|';

/**
 * Rows of settings that are zod schemas.
 * @param {Shape} shape
 * @param {(name: string) => string} reads who reads a setting
 * @throws Error for a setting without a description
 */
const rowsOf = (shape, reads) =>
  Object.entries(shape).map(([name, schema]) => {
    const json = /** @type {Json} */ (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
    if (!json.description) throw new Error(`${name} has no description: add .describe() in its config.ts`);
    return row({
      name,
      fallback: defaultOf(schema, json),
      reads: reads(name),
      meaning: json.description,
      values: allowed(json),
      secret: SECRET.test(name),
    });
  });
/** @type {Record<string, Shape>} */
const shapes = {};
for (const name of SERVICES) shapes[name] = (await compiled(`services/${name}/dist/config.js`)).shape;
/** @param {string} name */
const readers = (name) => SERVICES.filter((service) => name in (shapes[service] ?? {}));
const several = Object.fromEntries(
  SERVICES.flatMap((service) => Object.entries(shapes[service] ?? {})).filter(([name]) => readers(name).length > 1),
);
/** @param {string} title @param {string[]} rows */
const titled = (title, rows) => [`### ${title}`, '', HEAD, ...rows, ''];
const tables = [
  ...titled(
    'npm start and the other scripts',
    Object.entries(SCRIPT_SETTINGS).map(([name, { default: fallback, ...rest }]) => row({ name, fallback, ...rest })),
  ),
  ...titled('Every service', [
    ...rowsOf(sharedSettings, () => 'all'),
    ...rowsOf(several, (name) => readers(name).join(', ')),
  ]),
  ...SERVICES.flatMap((service) =>
    titled(
      `${service.charAt(0).toUpperCase()}${service.slice(1)}`,
      rowsOf(
        Object.fromEntries(Object.entries(shapes[service] ?? {}).filter(([name]) => !(name in several))),
        () => service,
      ),
    ),
  ),
];
const END = '<!-- End of what is made. -->';
/**
 * Puts lines between the two comments of a document.
 * @param {string} name of the file @param {string} from what the lines are made from @param {readonly string[]} lines
 */
const fill = (name, from, lines) => {
  const file = path.join(root, name);
  const begin = `<!-- Made by \`npm run docs\` from ${from}: change those. -->`;
  const before = readFileSync(file, 'utf8');
  const [start, end] = [before.indexOf(begin), before.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`${file}: the two comments between which the tables stand are missing`);
  const after = `${before.slice(0, start + begin.length)}\n\n${lines.join('\n')}\n${before.slice(end)}`;
  if (check && after !== before) {
    console.error(red(`${name} is stale: npm run docs`));
    process.exit(1);
  }
  if (!check) writeFileSync(file, after);
};
fill('docs/configuration.md', 'the configuration schemas and scripts/lib/documented-settings.mjs', tables);
fill('docs/openstack-clients.md', 'scripts/interop/faces/steps-*.mjs', [
  ...commandTable(),
  '',
  'What the clients have besides, with a row above for what was typed of it:',
  '',
  ...familyTable(),
  '',
]);
