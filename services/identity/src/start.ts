import type { Server } from 'node:http';
import {
  createFastServer,
  createLog,
  createMetrics,
  drain,
  listen,
  masked,
  migrate,
  migrateJobs,
  openDatabase,
  startReconciler,
  startWorker,
  type Db,
  type Log,
  type Metrics,
  type Running,
} from '@nefos/service-kit';
import { dropFromCaches } from './access/domain/changes.js';
import { listenForInvalidations } from './access/store/notifications.js';
import { buildApp } from './app.js';
import type { IdentityConfig } from './config.js';
import type { IdentityCtx } from './ctx.js';
import { entities } from './entities.js';
import { addFigures } from './figures.js';
import { tasks } from './jobs.js';
import { hotPaths } from './keystone/api/hot.js';
import { makeCtx, openIdentityDatabase } from './make-ctx.js';
import { prepare } from './prepare.js';
import { reconcilers } from './reconcilers.js';

/** Drops from this process's caches what other processes change. */
export const followInvalidations = (
  ctx: IdentityCtx,
  options: { url: string; log: Log; metrics?: Metrics },
): Promise<{ stop: () => Promise<void> }> =>
  listenForInvalidations({
    ...options,
    onInvalidated: (key) => dropFromCaches(ctx, key),
    onGap: () => dropFromCaches(ctx, 'all'),
  });
/** The HTTP server, not listening yet; tests use it too. */
export const makeServer = (ctx: IdentityCtx, options: Parameters<typeof createFastServer>[1] = {}): Server => {
  const app = buildApp(ctx);
  return createFastServer(app, options, hotPaths(ctx, app));
};

/** Serves requests, listens for invalidations, and runs jobs and sweeps, until it is stopped. */
const run = async (config: IdentityConfig, ctx: IdentityCtx, closeDatabases: () => Promise<void>) => {
  const { db, log, metrics } = ctx;
  const url = config.NEFOS_IDENTITY_DATABASE_URL;
  const server = makeServer(ctx, { log, metrics, corsOrigins: config.NEFOS_CORS_ORIGINS });
  const invalidations = await followInvalidations(ctx, { url, log, metrics });
  const port = await listen(server, config.NEFOS_IDENTITY_PORT, config.NEFOS_SERVICES_HOST);
  const sweeps = reconcilers.map(({ work, ...sweep }) =>
    startReconciler({ ...sweep, work: () => work(ctx), log, metrics }),
  );
  const worker = await startWorker({ db, url, tasks: tasks(ctx), concurrency: 2, log, metrics });
  log.info({ host: config.NEFOS_SERVICES_HOST, port }, 'listening');
  const stop = async (): Promise<void> => {
    await drain(server, config.NEFOS_DRAIN_SECONDS);
    await Promise.all(sweeps.map((sweep) => sweep.stop()));
    await worker.stop();
    await ctx.tokens.flush().catch(() => undefined);
    await invalidations.stop();
    ctx.mail.close();
    await closeDatabases();
  };
  return { log, metrics, port, stop };
};

/** Connections of their own for token look-ups, so that they do not wait behind sign-ins. */
const openTokenDatabase = (config: IdentityConfig, log: Log, metrics: Metrics): Promise<Db> =>
  openDatabase({
    url: config.NEFOS_IDENTITY_DATABASE_URL,
    entities: [...entities],
    poolSize: 4,
    applicationName: 'nefos-identity-tokens',
    log,
    metrics,
  });
/** Migrates the database, creates what must exist, and serves. */
export const start = async (config: IdentityConfig): Promise<Running & { port: number }> => {
  const log = createLog('identity', config.NEFOS_LOG_LEVEL);
  const metrics = createMetrics('identity');
  log.info({ config: masked(config) }, 'starting');
  const db = await openIdentityDatabase(config, log, metrics);
  const tokensDb = await openTokenDatabase(config, log, metrics);
  const closeDatabases = async (): Promise<void> => {
    for (const one of [tokensDb, db]) await one.close();
  };
  try {
    await migrate(db, migrateJobs);
    const ctx = await makeCtx(config, { db, hot: tokensDb, log, metrics });
    await prepare(ctx, config.NEFOS_BOOTSTRAP_FILE);
    addFigures(ctx);
    return await run(config, ctx, closeDatabases);
  } catch (err) {
    await closeDatabases().catch(() => undefined);
    throw err;
  }
};
