// The operator's commands on secrets and on regions' drivers: `npm run nefos -- secrets rotate`, `region sync`.
// scripts/nefos.mjs starts it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  countSealed,
  createLog,
  createSecretBox,
  databaseAway,
  Fault,
  newSecretKey,
  openDatabase,
  parseSecretKeys,
  readSetting,
  refuseUnfinishedRestore,
  reseal,
  type Db,
  type SecretBox,
} from '@nefos/service-kit';
import { getRegionDriver, setRegionDriver, type WantedDriver } from '../catalog/domain/region-drivers.js';
import { syncRegion } from '../catalog/domain/region-sync.js';
import { shape } from '../config.js';
import { entities } from '../entities.js';
import { createDrivers } from '../ports/drivers.js';
import { sentenceOf, wordingOf } from '../refusals.js';
import { sealedColumns } from '../sealed.js';

const HELP = `secrets key                    prints a new key for NEFOS_SECRET_KEYS
secrets status                 which keys have sealed how many secrets
secrets rotate                 seals anew with the first key what others have sealed
region driver <region>         the region's driver, its settings, and whether it works; no secrets
region driver <region> <file>  sets them: {"driver", "settings", "secrets"} as JSON, "-" is standard input
region sync <region>           brings flavors, images, networks and subnets of the region's cloud into the catalog

  --json                       for scripts`;
interface Tools {
  db: Db;
  secrets: SecretBox;
}
type Row = Record<string, unknown>;
type Command = (tools: Tools, args: readonly string[]) => Promise<Row[]>;

const driversOf = ({ db, secrets }: Tools) => {
  const read = (name: keyof typeof shape): unknown => shape[name].parse(readSetting(name));
  return createDrivers(
    db,
    {
      NEFOS_COMPUTE_SIM_LATENCY_MS: read('NEFOS_COMPUTE_SIM_LATENCY_MS') as { min: number; max: number },
      NEFOS_COMPUTE_SIM_HOSTS: read('NEFOS_COMPUTE_SIM_HOSTS') as string[],
      NEFOS_COMPUTE_SIM_HOST_MEMORY_MB: read('NEFOS_COMPUTE_SIM_HOST_MEMORY_MB') as number,
    },
    // What is wrong is answered.
    { secrets, log: createLog('compute-cli', 'silent') },
  );
};
/** @throws Error that says what is wrong with the file */
const readWanted = (file: string): WantedDriver => {
  // As one types it: npm runs scripts in the root of the project, wherever it was called.
  const text = readFileSync(file === '-' ? 0 : path.resolve(process.env.INIT_CWD ?? process.cwd(), file), 'utf8');
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Error(`${file} is no JSON`);
  }
  const { driver, settings = {}, secrets } = (found ?? {}) as Partial<WantedDriver>;
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (typeof driver !== 'string' || !isObject(settings) || (secrets !== undefined && !isObject(secrets)))
    throw new Error(`${file} is {"driver": "...", "settings": {...}, "secrets": {...}}`);
  return { driver, settings, secrets };
};
const COMMANDS: Record<string, { args: [least: number, most: number]; run: Command }> = {
  'secrets status': {
    args: [0, 0],
    run: async ({ db, secrets }) =>
      (await countSealed(db, sealedColumns)).map((one) => ({ ...one, first: one.sealed_with === secrets.keyId })),
  },
  'secrets rotate': {
    args: [0, 0],
    run: async ({ db, secrets }) => [
      { sealed_anew: await reseal(db, secrets, sealedColumns), sealed_with: secrets.keyId },
    ],
  },
  'region driver': {
    args: [1, 2],
    run: async (tools, [region = '', file]) => {
      const drivers = driversOf(tools);
      try {
        const ctx = { ...tools, drivers };
        if (file !== undefined) await setRegionDriver(ctx, region, readWanted(file));
        const { driver, settings, hasSecrets, health } = await getRegionDriver(ctx, region);
        return [{ region, driver, settings, has_secrets: hasSecrets, ok: health.ok, detail: health.detail ?? '' }];
      } finally {
        await drivers.close();
      }
    },
  },
  'region sync': {
    args: [1, 1],
    run: async (tools, [region = '']) => {
      const drivers = driversOf(tools);
      try {
        return Object.entries(await syncRegion({ ...tools, drivers }, region)).map(([what, one]) => ({ what, ...one }));
      } finally {
        await drivers.close();
      }
    },
  },
};

/** A refusal of the domain in words. */
const messageOf = (err: unknown): string => {
  if (!(err instanceof Fault)) return (err as Error).message;
  const { issues = [], reason } = err.params as {
    issues?: { path: PropertyKey[]; rule: string; values?: Row }[];
    reason?: string;
  };
  if (issues.length)
    return issues
      .map(({ path: at, rule, values = {} }) => {
        const wording = wordingOf(rule);
        const text = typeof values.text === 'string' ? values.text : rule;
        return `${at.join('.')}: ${wording ? sentenceOf(wording, values) : text}`;
      })
      .join('\n');
  const wording = wordingOf(err.code);
  const said =
    err.kind === 'not_found' ? 'there is no such region' : wording ? sentenceOf(wording, err.params) : err.code;
  return typeof reason === 'string' && !said.includes(reason) ? `${said} (${reason})` : said;
};
const print = (rows: readonly Row[], json: boolean): void => {
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (rows.length)
    console.table(
      rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [key, typeof value === 'object' ? JSON.stringify(value) : value]),
        ),
      ),
    );
  else process.stdout.write('(none)\n');
};
const DATABASE = 'NEFOS_COMPUTE_DATABASE_URL';
const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
  });
  const [topic = '', verb = '', ...args] = positionals;
  if (topic === 'secrets' && verb === 'key' && !values.help && !args.length) {
    process.stdout.write(`${newSecretKey()}\n`);
    return;
  }
  const command = COMMANDS[`${topic} ${verb}`];
  if (values.help || !command || args.length < command.args[0] || args.length > command.args[1]) {
    process.stdout.write(`${HELP}\n`);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  const url = readSetting(DATABASE);
  if (url === undefined) throw new Error(`${DATABASE} is not set`);
  const secrets = createSecretBox(parseSecretKeys(readSetting('NEFOS_SECRET_KEYS') ?? ''));
  const db = await openDatabase({
    url,
    entities,
    poolSize: 2,
    applicationName: 'nefos-cli',
    log: createLog('compute-cli', 'error'),
  });
  try {
    await refuseUnfinishedRestore(db.pool);
    print(await command.run({ db, secrets }, args), values.json);
  } finally {
    await db.close();
  }
};
try {
  await main();
} catch (err) {
  process.stderr.write(
    databaseAway(err)
      ? `the database can not be used (${(err as Error).message}): is Nefos running, is ${DATABASE} right?\n`
      : `${messageOf(err)}\n`,
  );
  process.exitCode = 1;
}
