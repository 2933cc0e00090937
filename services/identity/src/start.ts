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
  readBootstrapFile,
  startReconciler,
  startWorker,
  systemClock,
  type Db,
  type Log,
  type Metrics,
  type Running,
} from '@nefos/service-kit';
import { buildApp } from './app.js';
import { hotPaths } from './keystone/api/hot.js';
import { settingsOf, type IdentityConfig } from './config.js';
import type { IdentityCtx } from './ctx.js';
import { loadBootstrap } from './accounts/domain/bootstrap.js';
import { ensureOwnServices } from './catalog/domain/own-services.js';
import { makeDirectory } from './catalog/domain/directory-memory.js';
import { forget } from './access/domain/changes.js';
import { loadDemoFixture } from './accounts/domain/fixture.js';
import { makePasswords } from './sign-in/domain/password-hashing.js';
import { makeTokenLookup } from './access/domain/token-memory.js';
import { tasks } from './jobs.js';
import { noMailer, smtpMailer } from './ports/mail.js';
import { addFigures } from './figures.js';
import { reconcilers } from './reconcilers.js';
import { makeLimiter } from './access/store/limits.js';
import { migrations } from './migrations/index.js';
import { listenStale } from './access/store/notifications.js';

/** Opens the database; the schema is not looked at. */
export const openIdentityDatabase = (
  config: Pick<IdentityConfig, 'NEFOS_IDENTITY_DATABASE_URL' | 'NEFOS_DATABASE_POOL'>,
  log: Log,
  metrics?: Metrics,
): Promise<Db> =>
  openDatabase({
    url: config.NEFOS_IDENTITY_DATABASE_URL,
    migrations,
    poolSize: config.NEFOS_DATABASE_POOL,
    applicationName: 'nefos-identity',
    log,
    ...(metrics && { metrics }),
  });
export const makeCtx = async (
  config: IdentityConfig,
  { db, hot = db, log, metrics, actor = 'identity' }: { db: Db; hot?: Db; log: Log; metrics: Metrics; actor?: string },
): Promise<IdentityCtx> => {
  const settings = settingsOf(config);
  return {
    db,
    log,
    metrics,
    clock: systemClock,
    checkResponses: false,
    settings,
    actor,
    ip: null,
    tokens: makeTokenLookup(hot, settings, metrics),
    signIns: metrics.counter('nefos_identity_sign_ins_total', 'Passwords and secrets checked, by outcome', ['outcome']),
    directory: makeDirectory(hot, settings.publicUrl),
    passwords: await makePasswords(),
    limits: {
      account: makeLimiter(db, 'account', {
        points: settings.failures,
        seconds: settings.windowSeconds,
        lockSeconds: settings.lockSeconds,
      }),
      address: makeLimiter(db, 'address', { points: settings.addressFailures, seconds: 600 }),
      feedback: makeLimiter(db, 'feedback', { points: settings.feedbackPerHour, seconds: 3600 }),
      catalogs: makeLimiter(db, 'catalogs', { points: settings.catalogsPerMinute, seconds: 60 }),
    },
    mail: config.NEFOS_IDENTITY_SMTP_URL
      ? smtpMailer(config.NEFOS_IDENTITY_SMTP_URL, config.NEFOS_IDENTITY_MAIL_FROM)
      : noMailer,
  };
};
/** What must exist: identity's own services, the fixture's people, the installation's principals. Made when missing, never changed. */
export const prepare = async (ctx: IdentityCtx, bootstrapFile: string | undefined): Promise<void> => {
  if (ctx.settings.fixture === 'demo') await loadDemoFixture(ctx);
  await ensureOwnServices(ctx);
  if (bootstrapFile) await loadBootstrap(ctx, readBootstrapFile(bootstrapFile));
};

export const start = async (config: IdentityConfig): Promise<Running & { port: number }> => {
  const log = createLog('identity', config.NEFOS_LOG_LEVEL);
  const metrics = createMetrics('identity');
  log.info({ config: masked(config) }, 'starting');
  const db = await openIdentityDatabase(config, log, metrics);
  // Validations do not stand in line behind log-ins: they have connections of their own, as jobs have.
  const tokensDb = await openDatabase({
    url: config.NEFOS_IDENTITY_DATABASE_URL,
    poolSize: 4,
    applicationName: 'nefos-identity-tokens',
    log,
    metrics,
  });
  const closeAll = async (): Promise<void> => {
    for (const one of [tokensDb, db]) await one.close();
  };
  try {
    await migrate(db, migrateJobs);
    const ctx = await makeCtx(config, { db, hot: tokensDb, log, metrics });
    await prepare(ctx, config.NEFOS_BOOTSTRAP_FILE);
    addFigures(ctx);
    const app = buildApp(ctx);
    const server = createFastServer(app, { log, metrics, corsOrigins: config.NEFOS_CORS_ORIGINS }, hotPaths(ctx, app));
    const ears = await listenStale({
      url: config.NEFOS_IDENTITY_DATABASE_URL,
      log,
      metrics,
      onStale: (what) => forget(ctx, what),
      onGap: () => forget(ctx, 'all'),
    });
    const port = await listen(server, config.NEFOS_IDENTITY_PORT, config.NEFOS_SERVICES_HOST);
    const sweeps = reconcilers.map(({ work, ...one }) =>
      startReconciler({ ...one, work: () => work(ctx), log, metrics }),
    );
    const worker = await startWorker({
      db,
      url: config.NEFOS_IDENTITY_DATABASE_URL,
      tasks: tasks(ctx),
      concurrency: 2,
      log,
      metrics,
    });
    log.info({ host: config.NEFOS_SERVICES_HOST, port }, 'listening');
    return {
      log,
      metrics,
      port,
      stop: async () => {
        await drain(server, config.NEFOS_DRAIN_SECONDS);
        await Promise.all(sweeps.map((one) => one.stop()));
        await worker.stop();
        await ctx.tokens.flush().catch(() => undefined);
        await ears.stop();
        ctx.mail.close();
        await closeAll();
      },
    };
  } catch (err) {
    await closeAll().catch(() => undefined);
    throw err;
  }
};
