import { createIdentityVerifier, type IdentityVerifier } from '@nefos/auth';
import {
  createSecretBox,
  openDatabase,
  parsePeers,
  systemClock,
  type Db,
  type Log,
  type Metrics,
} from '@nefos/service-kit';
import { createBasicUsers } from './access/domain/basic-users.js';
import { byBasic, byToken, noAuthentication, type Authenticate } from './authentication.js';
import type { IntrospectionConfig } from './config.js';
import type { IntrospectionCtx } from './ctx.js';
import { entities } from './entities.js';
import { migrations } from './migrations/index.js';
import { processingOf } from './processing-settings.js';
import { createAdmission } from './reports/domain/admission.js';
import { outOfBandOf } from './reports/domain/pipeline.js';
import { createEnrollLimit } from './reports/domain/discovery.js';
import { dnsmasqFilter, noFilter } from './ports/pxe-filter.js';
import { ramdiskLogsIn } from './ports/ramdisk-logs.js';
import { createReportWorkers } from './reports/domain/report-workers.js';

/** Opens the database; does not migrate it. */
export const openIntrospectionDatabase = (config: IntrospectionConfig, log: Log, metrics?: Metrics): Promise<Db> =>
  openDatabase({
    url: config.NEFOS_INTROSPECTION_DATABASE_URL,
    entities,
    migrations,
    poolSize: config.NEFOS_DATABASE_POOL,
    applicationName: 'nefos-introspection',
    log,
    ...(metrics && { metrics }),
  });
interface Options {
  db: Db;
  log: Log;
  metrics: Metrics;
  /** Who checks tokens; absent: identity. */
  verifier?: IdentityVerifier;
}
const authenticateBy = (config: IntrospectionConfig, verifier: IdentityVerifier): Authenticate => {
  switch (config.NEFOS_INTROSPECTION_AUTH) {
    case 'noauth':
      return noAuthentication;
    case 'http_basic':
      return byBasic(createBasicUsers(config.NEFOS_INTROSPECTION_BASIC_FILE as string)); // the settings demand it
    case 'keystone':
      return byToken(verifier);
  }
};
/** The context of a process. */
export const makeCtx = (config: IntrospectionConfig, { db, log, metrics, verifier }: Options): IntrospectionCtx => {
  const checks =
    verifier ??
    createIdentityVerifier({
      url: config.NEFOS_IDENTITY_URL,
      token: config.NEFOS_INTROSPECTION_TOKEN,
      log,
      registry: metrics.registry,
    });
  const { NEFOS_INTROSPECTION_RAMDISK_LOGS_DIR: logsDirectory, NEFOS_INTROSPECTION_RAMDISK_LOGS_MIB: logsMib } = config;
  return {
    db,
    log,
    metrics,
    clock: systemClock,
    checkResponses: false,
    config,
    proxies: parsePeers(config.NEFOS_TRUSTED_PROXIES),
    secrets: createSecretBox(config.NEFOS_SECRET_KEYS),
    verifier: checks,
    admission: createAdmission(config),
    pxeFilter:
      config.NEFOS_INTROSPECTION_PXE_FILTER === 'dnsmasq'
        ? dnsmasqFilter(config.NEFOS_INTROSPECTION_PXE_FILTER_DIR)
        : noFilter,
    ending: null,
    enrollLimit: createEnrollLimit(config),
    ramdiskLogs: logsDirectory === '' ? null : ramdiskLogsIn(logsDirectory, logsMib * 1024 * 1024),
    outOfBand: createReportWorkers(outOfBandOf({ ...processingOf(config), keepLogs: false })),
    reports: createReportWorkers({ ...processingOf(config), keepLogs: logsDirectory !== '' }),
    authenticate: authenticateBy(config, checks),
  };
};
