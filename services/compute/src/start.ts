import { createAuthenticator, createTokenVerifier, type VerifierEvent } from '@nefos/auth';
import {
  createFastServer,
  createLog,
  createMetrics,
  createSecretBox,
  drain,
  listen,
  masked,
  parsePeers,
  startWorker,
  systemClock,
  type Running,
  type Worker,
} from '@nefos/service-kit';
import { buildApp, takesUpgrade } from './app.js';
import type { ComputeConfig } from './config.js';
import type { ComputeCtx } from './ctx.js';
import { createCallers } from './access/domain/callers.js';
import { createConsoles } from './consoles/domain/open-consoles.js';
import { forgetForeignEvents } from './events/domain/dispatch.js';
import { createProjectClients } from './facade/domain/project-clients.js';
import { createFeed } from './events/domain/feed.js';
import { createStreams } from './events/domain/streams.js';
import { createThrottle } from './access/domain/throttle.js';
import { receiversOverHttp } from './ports/webhook-receiver.js';
import { tasks } from './jobs.js';
import { listenForEvents } from './ports/event-notices.js';
import { listenForCallers } from './ports/caller-notices.js';
import { createDrivers, listenForRegions } from './ports/drivers.js';
import { identityOverHttp } from './ports/identity-over-http.js';
import { createImageDirectory } from './ports/image-directory.js';
import { createImageSource } from './ports/image-source.js';
import { seed } from './seed.js';
import { startReconcilers } from './reconcilers.js';
import { startCloud } from './start-cloud.js';
import { addFigures } from './figures.js';
import { migrateCompute, openComputeDatabase } from './database.js';

/** Most jobs wait for a hypervisor; statements of those that run together go together, so more of them cost less. */
const JOBS_AT_ONCE = 48;

/** Starts the service: database, principals, server, then jobs. */
export const start = async (config: ComputeConfig): Promise<Running & { port: number }> => {
  const log = createLog('compute', config.NEFOS_LOG_LEVEL);
  log.info({ config: masked(config) }, 'starting');
  const metrics = createMetrics('compute');
  const db = await openComputeDatabase(config.NEFOS_COMPUTE_DATABASE_URL, config.NEFOS_DATABASE_POOL, log, metrics);
  const cleanups: (() => Promise<unknown>)[] = [() => db.close()];
  const stop = async (): Promise<void> => {
    for (const one of cleanups.splice(0).reverse()) await one();
  };
  try {
    const callers = createCallers();
    const identity = identityOverHttp({
      url: config.NEFOS_IDENTITY_URL,
      serviceToken: config.NEFOS_COMPUTE_TOKEN,
      log,
    });
    cleanups.push(async () => {
      identity.close();
      return Promise.resolve();
    });
    const onEvent =
      (of: 'token' | 'session') =>
      (event: VerifierEvent): void => {
        if (event.type === 'grace')
          log.warn(
            { of, uuid: event.uuid, age_seconds: event.age },
            `identity does not answer: a ${of} is judged by its last answer`,
          );
        else if (event.type === 'circuit')
          log.warn({ of, state: event.state }, `the circuit breaker of identity's checks of a ${of}`);
      };
    const verifier = createTokenVerifier({
      validate: (token, options) => identity.validate(token, options),
      registry: metrics.registry,
      onEvent: onEvent('token'),
    });
    const sessions = createTokenVerifier({
      validate: (auditId, options) => identity.validateSession(auditId, options),
      onEvent: onEvent('session'),
    });
    const secrets = createSecretBox(config.NEFOS_SECRET_KEYS);
    const drivers = createDrivers(db, config, { secrets, log });
    cleanups.push(() => drivers.close());
    const feed = createFeed({ db, log, zone: config.NEFOS_COMPUTE_TIME_ZONE });
    const streams = createStreams(
      { db, log, metrics, feed },
      { perUser: config.NEFOS_COMPUTE_STREAMS_PER_USER, perProcess: config.NEFOS_COMPUTE_STREAMS },
    );
    const consoles = createConsoles(
      { db, log, metrics },
      {
        perInstance: config.NEFOS_COMPUTE_CONSOLES_PER_INSTANCE,
        perUser: config.NEFOS_COMPUTE_CONSOLES_PER_USER,
        perProcess: config.NEFOS_COMPUTE_CONSOLES,
      },
    );
    const ctx: ComputeCtx = {
      db,
      log,
      metrics,
      clock: systemClock,
      checkResponses: false,
      config,
      identity,
      verifier,
      sessions,
      authenticator: createAuthenticator({ verifier, accept: ['token'] }),
      faceAuthenticator: createAuthenticator({ verifier, accept: ['x-auth-token'] }),
      projectClients: createProjectClients(),
      drivers,
      secrets,
      images: createImageDirectory(config.NEFOS_COMPUTE_IMAGE_DIR),
      imageSource: createImageSource(parsePeers(config.NEFOS_COMPUTE_IMPORT_NETWORKS)),
      callers,
      streams,
      consoles,
      receivers: receiversOverHttp(parsePeers(config.NEFOS_COMPUTE_WEBHOOK_NETWORKS)),
      failures: createThrottle(config.NEFOS_COMPUTE_AUTH_FAILURES),
    };
    await migrateCompute(db, () => seed(ctx));
    await forgetForeignEvents(ctx);
    addFigures(ctx);
    const changed = (uuid: string): void => {
      callers.drop(uuid);
      streams.recheck(uuid);
      consoles.recheck(uuid);
    };
    const notices = await listenForCallers(config.NEFOS_COMPUTE_DATABASE_URL, changed, { log, metrics });
    cleanups.push(() => notices.stop());
    await drivers.refresh();
    const regions = await listenForRegions(config.NEFOS_COMPUTE_DATABASE_URL, drivers, { log, metrics });
    cleanups.push(() => regions.stop());
    const recorded = await listenForEvents(config.NEFOS_COMPUTE_DATABASE_URL, () => feed.wake(), { log, metrics });
    cleanups.push(() => recorded.stop());
    let worker: Worker | undefined;
    const server = createFastServer(
      buildApp(ctx, () => worker?.ready() ?? true),
      { log, metrics, corsOrigins: config.NEFOS_CORS_ORIGINS, upgrades: takesUpgrade },
    );
    const port = await listen(server, config.NEFOS_COMPUTE_PORT, config.NEFOS_SERVICES_HOST);
    cleanups.push(() => drain(server, config.NEFOS_DRAIN_SECONDS));
    // Before the server waits for its answers to end.
    cleanups.push(() => streams.stop());
    cleanups.push(() => consoles.stop());
    if (config.NEFOS_COMPUTE_WORKER) {
      const started = (worker = await startWorker({
        db,
        url: config.NEFOS_COMPUTE_DATABASE_URL,
        tasks: tasks(ctx),
        concurrency: JOBS_AT_ONCE,
        log,
        metrics,
      }));
      cleanups.push(() => started.stop());
      const cloud = await startCloud(ctx);
      cleanups.push(() => cloud.stop());
      const reconcilers = startReconcilers(ctx);
      cleanups.push(() => Promise.all(reconcilers.map((one) => one.stop())));
    }
    log.info({ port }, 'listening');
    return { log, metrics, port, stop };
  } catch (err) {
    await stop().catch(() => undefined);
    throw err;
  }
};
