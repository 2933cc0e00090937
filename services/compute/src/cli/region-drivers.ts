import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { getRegionDriver, setRegionDriver, type WantedDriver } from '../catalog/domain/region-drivers.js';
import { syncRegion } from '../catalog/domain/region-sync.js';
import type { ComputeRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import type { Row } from './output.js';
import { fileAt } from './values.js';

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
/** @throws Error that says what is wrong with the file */
const readWanted = (file: string): WantedDriver => {
  const text = readFileSync(file === '-' ? 0 : fileAt(file), 'utf8');
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Error(`${file} is no JSON`);
  }
  const { driver, settings = {}, secrets } = (found ?? {}) as Partial<WantedDriver>;
  if (typeof driver !== 'string' || !isObject(settings) || (secrets !== undefined && !isObject(secrets)))
    throw new Error(`${file} is {"driver": "...", "settings": {...}, "secrets": {...}}`);
  return { driver, settings, secrets };
};
const driver = async (ctx: ComputeRequest, region: string, file: string | undefined): Promise<Row[]> => {
  if (file !== undefined) await setRegionDriver(ctx, region, readWanted(file));
  const found = await getRegionDriver(ctx, region);
  const { settings, hasSecrets, health } = found;
  return [
    { region, driver: found.driver, settings, has_secrets: hasSecrets, ok: health.ok, detail: health.detail ?? '' },
  ];
};
const sync = async (ctx: ComputeRequest, region: string): Promise<Row[]> =>
  Object.entries(await syncRegion(ctx, region)).map(([what, one]) => ({ what, ...one }));

/** What manages a region's machines: `region driver`, `region sync`. */
export const addRegionDriverCommands = (region: Command, action: MakeAction): void => {
  region
    .command('driver')
    .description('what manages its machines, its settings, and whether it works; no secrets')
    .argument('<region>')
    .argument('[file]', 'sets them: {"driver", "settings", "secrets"} as JSON, "-" is standard input')
    .action(action(driver));
  region
    .command('sync')
    .description("brings flavors, images, networks and subnets of the region's cloud into the catalog")
    .argument('<region>')
    .action(action(sync));
};
