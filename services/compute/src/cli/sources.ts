import { createLog, openDatabase, readSetting, refuseUnfinishedRestore, type Db } from '@nefos/service-kit';

/** The database of a service that keeps jobs or events. */
export interface Source {
  service: string;
  db: Db;
}
export const settingOf = (service: string): string => `NEFOS_${service.toUpperCase()}_DATABASE_URL`;
export const closeSources = async (sources: readonly Source[]): Promise<void> => {
  for (const { db } of sources) await db.close();
};
/** Databases that are known, of those that the command is about. */
export const openSources = async (services: readonly string[]): Promise<Source[]> => {
  const known = services.flatMap((service) => {
    const url = readSetting(settingOf(service));
    return url === undefined ? [] : [{ service, url }];
  });
  if (!known.length) throw new Error(`${services.map(settingOf).join(' or ')} is not set`);
  const log = createLog('compute-cli', 'error');
  const sources: Source[] = [];
  try {
    for (const { service, url } of known) {
      const db = await openDatabase({ url, poolSize: 2, applicationName: 'nefos-cli', log });
      sources.push({ service, db });
      await refuseUnfinishedRestore(db.pool);
    }
  } catch (err) {
    await closeSources(sources);
    throw err;
  }
  return sources;
};
export const inEach = async <T>(
  sources: readonly Source[],
  work: (db: Db, service: string) => Promise<T>,
): Promise<T[]> => {
  const results: T[] = [];
  for (const { db, service } of sources) results.push(await work(db, service));
  return results;
};
