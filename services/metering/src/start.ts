import { readFileSync } from 'node:fs';
import { createIdentityVerifier } from '@nefos/auth';
import {
  createFastServer,
  createLog,
  createMetrics,
  drain,
  listen,
  masked,
  migrate,
  openDatabase,
  parsePeers,
  readBootstrapFile,
  systemClock,
  type Db,
  type Running,
} from '@nefos/service-kit';
import { buildApp } from './app.js';
import type { MeteringConfig } from './config.js';
import type { MeteringCtx } from './ctx.js';
import { DEMO_VERSION } from './demo-data.js';
import { loadDemo } from './demo.js';
import { entities } from './entities.js';
import { loadBuiltInTypes } from './runs/domain/instance-types.js';
import { createUsers, makeSuperusers } from './access/domain/users.js';
import { migrations } from './migrations/index.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Makes the superusers that NEFOS_BOOTSTRAP_FILE names. */
const readBootstrap = async (db: Db, file: string | undefined): Promise<void> => {
  if (file === undefined) return;
  await makeSuperusers(db, readBootstrapFile(file).metering.superusers);
};

export const start = async (config: MeteringConfig): Promise<Running & { port: number }> => {
  const log = createLog('metering', config.NEFOS_LOG_LEVEL);
  const metrics = createMetrics('metering');
  log.info({ settings: masked(config) }, 'starting');
  const demo = config.NEFOS_FIXTURE === 'demo';
  const db = await openDatabase({
    url: config.NEFOS_METERING_DATABASE_URL,
    entities,
    migrations,
    poolSize: config.NEFOS_DATABASE_POOL,
    applicationName: 'nefos-metering',
    log,
    metrics,
  });
  try {
    await migrate(db, async (fresh) => {
      await loadBuiltInTypes(fresh);
      if (demo) await loadDemo(fresh); // before the superusers: the documents give its users their ids
      await readBootstrap(fresh, config.NEFOS_BOOTSTRAP_FILE);
    });
    const verifier = createIdentityVerifier({
      url: config.NEFOS_IDENTITY_URL,
      token: config.NEFOS_METERING_TOKEN,
      log,
      registry: metrics.registry,
    });
    const ctx: MeteringCtx = {
      db,
      log,
      metrics,
      clock: systemClock,
      checkResponses: false,
      verifier,
      users: createUsers(db),
      ingested: metrics.counter('nefos_metering_events_total', 'Events of our own cloud, by what became of them', [
        'status',
      ]),
      proxies: parsePeers(config.NEFOS_TRUSTED_PROXIES),
      trustedPeers: config.NEFOS_METERING_TRUSTED_PEERS,
      awsAccountId: config.NEFOS_METERING_AWS_ACCOUNT_ID,
      version: config.NEFOS_METERING_VERSION ?? (demo ? DEMO_VERSION : `nefos ${version}`),
    };
    const server = createFastServer(buildApp(ctx), { log, metrics, corsOrigins: config.NEFOS_CORS_ORIGINS });
    const port = await listen(server, config.NEFOS_METERING_PORT, config.NEFOS_SERVICES_HOST);
    log.info({ port }, 'listening');
    return {
      log,
      metrics,
      port,
      stop: async () => {
        await drain(server, config.NEFOS_DRAIN_SECONDS);
        verifier.stop();
        await db.close();
      },
    };
  } catch (err) {
    await db.close();
    throw err;
  }
};
