import { invalid, notFound, type SecretError } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { afterCommit, dbOf } from '../../access/domain/claim.js';
import { invalidValue, refusal } from '../../refusals.js';
import { placeOf, seal, SEALED } from '../../sealed.js';
import { hasInstances } from '../store/regions.js';
import {
  findRegionDriver,
  lockRegionDriver,
  updateRegionDriver,
  type DriverKind,
  type RegionDriver,
} from '../store/region-drivers.js';

/** An empty object is no secret. */
const isNothing = (secrets: object): boolean => Object.keys(secrets).length === 0;
const isSecretError = (err: unknown): err is SecretError => err instanceof Error && err.name === 'SecretError';

/** What it takes to read and set a region's driver. */
export type DriverCtx = Pick<ComputeCtx, 'db' | 'claim' | 'drivers' | 'secrets'>;
export interface WantedDriver {
  driver: string;
  /** All of them: what is not named has its default. */
  settings: Record<string, unknown>;
  /** All of them; absent: those that are stored stay. */
  secrets?: Record<string, unknown> | undefined;
}
/** The driver of a region, as staff see it: no secret is ever answered. */
export interface DriverState {
  driver: DriverKind;
  settings: Record<string, unknown>;
  hasSecrets: boolean;
  actions: readonly string[];
  createFields: readonly string[];
  health: { ok: boolean; detail?: string };
}

/** What is stored, in clear. @throws Fault conflict/secrets.not_opened */
const storedSecrets = (ctx: Pick<ComputeCtx, 'secrets'>, { id, driverSecrets }: RegionDriver): object => {
  if (driverSecrets === null) return {};
  try {
    return JSON.parse(ctx.secrets.open(driverSecrets, placeOf(SEALED.regionDriver, id))) as object;
  } catch (err) {
    if (isSecretError(err)) throw refusal('conflict', 'secrets.not_opened', { reason: err.message });
    throw err;
  }
};
/**
 * The secrets that are to be stored: those of the request, else those that are stored already, unless they would be
 * shown to somebody else.
 */
const wantedSecrets = (ctx: DriverCtx, before: RegionDriver, wanted: WantedDriver): object => {
  if (wanted.secrets) return wanted.secrets;
  if (before.driverSecrets === null || before.driver !== wanted.driver) return {};
  const moved = ctx.drivers
    .audienceOf(wanted.driver)
    .find((name) => JSON.stringify(before.driverSettings[name]) !== JSON.stringify(wanted.settings[name]));
  if (moved !== undefined) throw invalidValue(['secrets'], 'region.secrets_anew', { setting: moved });
  return storedSecrets(ctx, before);
};
const sealAll = (ctx: Pick<ComputeCtx, 'secrets'>, region: string, secrets: object): string | null =>
  isNothing(secrets) ? null : seal(ctx, SEALED.regionDriver, region, JSON.stringify(secrets));

/**
 * Sets which driver manages a region's machines, and what it needs to know. Every process goes by it within a moment.
 * The kind stays while the region has instances: another driver would not know their machines.
 * @throws Fault not_found, invalid with paths that begin with `driver`, `settings` or `secrets`,
 * conflict/region.has_instances, conflict/secrets.no_key, conflict/secrets.not_opened
 */
export const setRegionDriver = async (ctx: DriverCtx, regionId: string, wanted: WantedDriver): Promise<void> => {
  await dbOf(ctx).transaction(async (tx) => {
    const before = await lockRegionDriver(tx, regionId);
    if (!before) throw notFound();
    const { driver, settings } = wanted;
    if (driver !== before.driver && (await hasInstances(tx, regionId)))
      throw refusal('conflict', 'region.has_instances', { driver: before.driver });
    const secrets = wantedSecrets(ctx, before, wanted);
    const issues = ctx.drivers.check({ driver, settings, secrets });
    if (issues.length) throw invalid(issues.map(({ path, text }) => ({ path, rule: 'text', values: { text } })));
    await updateRegionDriver(tx, {
      id: regionId,
      driver: driver as DriverKind,
      driverSettings: settings,
      // What is stored stays as it is sealed: a repeated request changes nothing.
      driverSecrets:
        wanted.secrets || driver !== before.driver ? sealAll(ctx, regionId, secrets) : before.driverSecrets,
    });
  });
  await afterCommit(ctx, () => ctx.drivers.refresh(regionId));
};

/** The region's driver, and whether it can do its work now. @throws Fault not_found */
export const getRegionDriver = async (ctx: DriverCtx, regionId: string): Promise<DriverState> => {
  const row = await findRegionDriver(dbOf(ctx), regionId);
  if (!row) throw notFound();
  await ctx.drivers.refresh(regionId);
  const driver = ctx.drivers.of(regionId);
  const health = await driver.health().catch((err: unknown) => ({ ok: false, detail: (err as Error).message }));
  const { actions, createFields } = driver.capabilities;
  return {
    driver: row.driver,
    settings: row.driverSettings,
    hasSecrets: row.driverSecrets !== null,
    actions: [...actions].sort(),
    createFields: [...(createFields ?? [])].sort(),
    health,
  };
};
