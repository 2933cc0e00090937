import {
  createSecretBox,
  em,
  listenTo,
  CHANNELS,
  type Db,
  type Log,
  type Metrics,
  type SecretBox,
} from '@nefos/service-kit';
import { pino } from 'pino';
import { images, regions, type Region } from '../catalog/tables.js';
import { placeOf, SEALED } from '../sealed.js';
import { DriverError, isPart, type ComputeDriver } from './driver.js';
import { KINDS, type DriverSettings } from './driver-kinds.js';
import { boundedDriver } from './drivers/bounded-driver.js';
import { brokenDriver } from './drivers/broken-driver.js';
import { createImageDirectory } from './image-directory.js';

export type { DriverSettings } from './driver-kinds.js';

/** One refused value of a region's driver: `path` begins with `driver`, `settings` or `secrets`. */
export interface DriverIssue {
  path: (string | number)[];
  text: string;
}
/** The driver of each region. */
export interface Drivers {
  /**
   * The region's driver as its row says now: who keeps it has the new one after a change. `kind`, `capabilities` and
   * which calls there are may be some seconds old.
   */
  of(region: string): ComputeDriver;
  /** Reads the region's row anew, or all rows. */
  refresh(region?: string): Promise<void>;
  /** What is wrong with settings and secrets that are to be stored. */
  check(given: { driver: string; settings: unknown; secrets: unknown }): DriverIssue[];
  /** Settings that say whom the secrets of this kind are shown to. */
  audienceOf(driver: string): readonly string[];
  close(): Promise<void>;
}

type DriverRow = Pick<Region, 'id' | 'driver' | 'driverSettings' | 'driverSecrets'>;
interface Entry {
  /** What the driver was made from. */
  made: string;
  driver: ComputeDriver;
  readAt: number;
}
/** A row is read again after this time: a notification may have been missed. */
const FRESH_MS = 5000;
/** Calls of the former driver end in this time. */
const CLOSE_MS = 35_000;
const SELECT = { id: true, driver: true, driverSettings: true, driverSecrets: true } as const;

const issuesOf = (field: string, error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] }) =>
  error.issues.map(({ path, message }) => ({
    path: [field, ...path.map((one) => (typeof one === 'symbol' ? String(one) : one))],
    // In the words of the API's other refusals.
    text: message.endsWith('received undefined') ? 'This field is required.' : message,
  }));

/** @param options.secrets opens the regions' secrets; without it those can not be opened */
export const createDrivers = (
  db: Db,
  process: DriverSettings,
  { secrets = createSecretBox([]), log = pino({ level: 'silent' }) }: { secrets?: SecretBox; log?: Log } = {},
): Drivers => {
  const entries = new Map<string, Entry>();
  const reading = new Map<string, Promise<ComputeDriver>>();
  const closing = new Set<NodeJS.Timeout>();

  const imageFile = async (id: string): Promise<string | null> => {
    const dataId = (await em(db).findOne(images, { where: { id }, select: { dataId: true } }))?.dataId ?? null;
    const dir = process.NEFOS_COMPUTE_IMAGE_DIR;
    return dataId === null || dir === undefined ? null : createImageDirectory(dir).pathOf(dataId);
  };
  /** @throws Error for the operator */
  const make = ({ id, driver, driverSettings, driverSecrets }: DriverRow): ComputeDriver => {
    const spec = KINDS[driver];
    if (!spec) throw new Error(`this version has no driver ${driver}`);
    const opened: unknown =
      driverSecrets === null ? {} : JSON.parse(secrets.open(driverSecrets, placeOf(SEALED.regionDriver, id)));
    const context = {
      region: id,
      settings: spec.settings.parse(driverSettings),
      secrets: spec.secrets.parse(opened),
      db,
      log: log.child({ region: id, driver }),
      process,
      imageFile,
    };
    return boundedDriver(spec.create(context));
  };
  const tryMake = (row: DriverRow): ComputeDriver => {
    try {
      return make(row);
    } catch (err) {
      // Zod's own message has the values.
      const { name, message } = err as Error;
      const why = name === 'ZodError' ? 'its settings or secrets do not hold: set them anew' : message;
      log.error({ region: row.id, driver: row.driver, reason: why }, 'the driver of a region can not be made');
      const spec = KINDS[row.driver];
      const capabilities = spec?.capabilitiesBy?.(row.driverSettings) ??
        spec?.capabilities ?? { actions: new Set(), offers: () => false };
      const told = `The driver of region ${row.id} can not be made: ${why}.`;
      return brokenDriver(row.driver, capabilities, told, spec?.networks);
    }
  };
  const closeLater = (driver: ComputeDriver): void => {
    const timer = setTimeout(() => {
      closing.delete(timer);
      void driver.close?.().catch(() => undefined);
    }, CLOSE_MS);
    timer.unref();
    closing.add(timer);
  };
  const take = (row: DriverRow): ComputeDriver => {
    const made = JSON.stringify([row.driver, row.driverSettings, row.driverSecrets]);
    const known = entries.get(row.id);
    if (known?.made === made) {
      known.readAt = performance.now();
      return known.driver;
    }
    const driver = tryMake(row);
    entries.set(row.id, { made, driver, readAt: performance.now() });
    if (known) {
      log.info({ region: row.id, driver: row.driver }, 'the driver of a region has changed');
      closeLater(known.driver);
    }
    return driver;
  };
  const forget = (region: string): void => {
    const known = entries.get(region);
    entries.delete(region);
    if (known) closeLater(known.driver);
  };
  const read = async (region: string): Promise<ComputeDriver> => {
    let row: DriverRow | null;
    try {
      row = await em(db).findOne(regions, { where: { id: region }, select: SELECT });
    } catch (err) {
      const known = entries.get(region);
      if (known) return known.driver;
      throw new DriverError('UNAVAILABLE', 'The region could not be read.', { cause: err });
    }
    if (row) return take(row);
    forget(region);
    throw new DriverError('NOT_FOUND', `There is no region ${region}.`);
  };
  /** One read at a time for each region. */
  const readOnce = (region: string): Promise<ComputeDriver> => {
    const running = reading.get(region) ?? read(region).finally(() => reading.delete(region));
    reading.set(region, running);
    return running;
  };
  const isFresh = (entry: Entry | undefined): entry is Entry =>
    entry !== undefined && performance.now() - entry.readAt < FRESH_MS;
  const current = (region: string): Promise<ComputeDriver> => {
    const entry = entries.get(region);
    return isFresh(entry) ? Promise.resolve(entry.driver) : readOnce(region);
  };

  const sim = KINDS.sim as (typeof KINDS)[string];
  /** What is known at once: a region that was not read yet is taken for what regions are by default. */
  const known = (region: string): ComputeDriver => {
    const entry = entries.get(region);
    if (!isFresh(entry)) readOnce(region).catch(() => undefined);
    return entry?.driver ?? sim.create({ region, settings: {}, secrets: {}, db, log, process, imageFile });
  };
  /** The calls for volumes, of the driver that the region has by then. */
  const volumesOf = (region: string, has: object): object =>
    new Proxy(has, {
      get: (target, name): unknown => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          const { volumes } = await current(region);
          const call: unknown = volumes && Reflect.get(volumes, name);
          if (typeof call !== 'function') throw new DriverError('UNSUPPORTED', 'The driver of the region has changed.');
          return (call as (...all: unknown[]) => Promise<unknown>).apply(volumes, args);
        };
      },
    });
  const handle = (region: string): ComputeDriver => {
    /** A part, such as the volumes: its calls go to the part of the driver as the region's row says now. */
    const partOf = (name: string | symbol): unknown => {
      const part: unknown = Reflect.get(known(region), name);
      if (part === undefined) return undefined;
      return new Proxy(part as object, {
        get: (target, call) => {
          const value: unknown = Reflect.get(target, call);
          if (typeof value !== 'function') return value;
          return async (...args: unknown[]): Promise<unknown> => {
            const now: unknown = Reflect.get(await current(region), name);
            const found: unknown = now === undefined ? undefined : Reflect.get(now as object, call);
            if (typeof found !== 'function')
              throw new DriverError('UNSUPPORTED', 'The driver of the region has changed.');
            return (found as (...all: unknown[]) => Promise<unknown>).apply(now, args);
          };
        },
      });
    };
    const member = (name: string | symbol): unknown => {
      if (isPart(name)) return partOf(name);
      const value: unknown = Reflect.get(known(region), name);
      if (name === 'volumes' && typeof value === 'object' && value !== null) return volumesOf(region, value);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]): Promise<unknown> => {
        const driver = await current(region);
        const call: unknown = Reflect.get(driver, name);
        if (typeof call !== 'function') throw new DriverError('UNSUPPORTED', 'The driver of the region has changed.');
        return (call as (...all: unknown[]) => Promise<unknown>).apply(driver, args);
      };
    };
    return new Proxy({} as ComputeDriver, {
      get: (_target, name) => member(name),
      has: (_target, name) => name in known(region),
      ownKeys: () => Reflect.ownKeys(known(region)),
      getOwnPropertyDescriptor: (_target, name) => ({
        configurable: true,
        enumerable: true,
        writable: true,
        value: member(name),
      }),
    });
  };
  const handles = new Map<string, ComputeDriver>();
  return {
    of: (region) => {
      const found = handles.get(region) ?? handle(region);
      handles.set(region, found);
      return found;
    },
    refresh: async (region) => {
      const rows = await em(db).find(regions, {
        select: SELECT,
        ...(region !== undefined && { where: { id: region } }),
      });
      for (const id of region === undefined ? [...entries.keys()] : [region])
        if (!rows.some((row) => row.id === id)) forget(id);
      for (const row of rows) take(row);
    },
    check: ({ driver, settings, secrets: given }) => {
      const spec = Object.hasOwn(KINDS, driver) ? KINDS[driver] : undefined;
      if (!spec) return [{ path: ['driver'], text: `"${driver}" is not a valid choice.` }];
      const [ofSettings, ofSecrets] = [spec.settings.safeParse(settings), spec.secrets.safeParse(given)];
      if (ofSettings.success && ofSecrets.success)
        return spec.together?.(ofSettings.data, ofSecrets.data, process) ?? [];
      return [
        ...(ofSettings.success ? [] : issuesOf('settings', ofSettings.error)),
        ...(ofSecrets.success ? [] : issuesOf('secrets', ofSecrets.error)),
      ];
    },
    audienceOf: (driver) => KINDS[driver]?.audience ?? [],
    close: async () => {
      for (const timer of closing) clearTimeout(timer);
      for (const { driver } of entries.values()) await driver.close?.().catch(() => undefined);
      entries.clear();
    },
  };
};

/** Listens for changes of regions, made in any process. What was missed while the connection was down is read again. */
export const listenForRegions = (
  url: string,
  drivers: Pick<Drivers, 'refresh'>,
  { log, metrics }: { log: Log; metrics?: Metrics | undefined },
): Promise<{ stop(): Promise<void> }> => {
  const refresh = (region?: string): void => {
    drivers.refresh(region).catch((err: unknown) => log.warn({ err }, 'the regions could not be read'));
  };
  return listenTo({
    url,
    channel: CHANNELS.computeRegion,
    name: 'compute-regions',
    log,
    metrics,
    onGap: () => refresh(),
    onNotification: (region) => refresh(region),
  });
};
