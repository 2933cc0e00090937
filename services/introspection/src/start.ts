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
  startReconciler,
  startWorker,
  type Running,
} from '@nefos/service-kit';
import { buildApp } from './app.js';
import type { IntrospectionConfig } from './config.js';
import type { IntrospectionCtx } from './ctx.js';
import { loadDemo } from './demo.js';
import { addFigures } from './figures.js';
import { tasks } from './jobs.js';
import { createRunEnding } from './runs/domain/end.js';
import { makeCtx, openIntrospectionDatabase } from './make-ctx.js';
import { sweepsOf } from './reconcilers.js';

/** Jobs wait for nobody: each makes one small step. */
const JOBS_AT_ONCE = 10;

/** The HTTP server, not listening yet; tests use it too. */
export const makeServer = (ctx: IntrospectionCtx, options: Parameters<typeof createFastServer>[1] = {}): Server =>
  createFastServer(buildApp(ctx), options);

/** Serves requests, runs jobs and sweeps, until it is stopped. */
const run = async (ctx: IntrospectionCtx): Promise<Running & { port: number }> => {
  const { config, db, log, metrics } = ctx;
  const ending = createRunEnding(ctx);
  ctx.ending = ending;
  const server = makeServer(ctx, { log, metrics, corsOrigins: config.NEFOS_CORS_ORIGINS });
  const port = await listen(server, config.NEFOS_INTROSPECTION_PORT, config.NEFOS_SERVICES_HOST);
  const sweeps = sweepsOf(config).map(({ work, ...sweep }) =>
    startReconciler({ ...sweep, work: () => work(ctx), log, metrics }),
  );
  const worker = await startWorker({
    db,
    url: config.NEFOS_INTROSPECTION_DATABASE_URL,
    tasks: tasks(ctx),
    concurrency: JOBS_AT_ONCE,
    log,
    metrics,
  });
  log.info({ host: config.NEFOS_SERVICES_HOST, port }, 'listening');
  const stop = async (): Promise<void> => {
    await drain(server, config.NEFOS_DRAIN_SECONDS);
    await Promise.all(sweeps.map((sweep) => sweep.stop()));
    await ending.stop();
    await worker.stop();
    await ctx.reports.stop();
    ctx.verifier.stop();
    await db.close();
  };
  return { log, metrics, port, stop };
};
/** Migrates the database, and serves. */
export const start = async (config: IntrospectionConfig): Promise<Running & { port: number }> => {
  const log = createLog('introspection', config.NEFOS_LOG_LEVEL);
  const metrics = createMetrics('introspection');
  log.info({ settings: masked(config) }, 'starting');
  const db = await openIntrospectionDatabase(config, log, metrics);
  try {
    await migrate(db, migrateJobs);
    const ctx = makeCtx(config, { db, log, metrics });
    if (config.NEFOS_FIXTURE === 'demo') await loadDemo(ctx);
    addFigures(ctx);
    return await run(ctx);
  } catch (err) {
    await db.close().catch(() => undefined);
    throw err;
  }
};
