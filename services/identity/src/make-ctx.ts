import { openDatabase, systemClock, type Db, type Log, type Metrics } from '@nefos/service-kit';
import { makeTokenLookup } from './access/domain/make-token-lookup.js';
import type { Limits } from './access/domain/limits.js';
import { makeLimiter } from './access/store/limits.js';
import { makeDirectory } from './catalog/domain/directory-memory.js';
import { settingsOf, type IdentityConfig, type Settings } from './config.js';
import type { IdentityCtx } from './ctx.js';
import { entities } from './entities.js';
import { migrations } from './migrations/index.js';
import { noMailer, smtpMailer } from './ports/mail.js';
import { makePasswords } from './sign-in/domain/password-hashing.js';

/** Opens the database; does not migrate it. */
export const openIdentityDatabase = (
  config: Pick<IdentityConfig, 'NEFOS_IDENTITY_DATABASE_URL' | 'NEFOS_DATABASE_POOL'>,
  log: Log,
  metrics?: Metrics,
): Promise<Db> =>
  openDatabase({
    url: config.NEFOS_IDENTITY_DATABASE_URL,
    entities: [...entities],
    migrations,
    poolSize: config.NEFOS_DATABASE_POOL,
    applicationName: 'nefos-identity',
    log,
    ...(metrics && { metrics }),
  });

const makeLimits = (db: Db, settings: Settings): Limits => ({
  account: makeLimiter(db, 'account', {
    points: settings.failures,
    seconds: settings.windowSeconds,
    lockSeconds: settings.lockSeconds,
  }),
  address: makeLimiter(db, 'address', { points: settings.addressFailures, seconds: 600 }),
  feedback: makeLimiter(db, 'feedback', { points: settings.feedbackPerHour, seconds: 3600 }),
  catalogs: makeLimiter(db, 'catalogs', { points: settings.catalogsPerMinute, seconds: 60 }),
});
interface CtxOptions {
  db: Db;
  /** Connections for the look-up of tokens and the catalog; absent: those of `db`. */
  hot?: Db;
  log: Log;
  metrics: Metrics;
  /** Who acts, in the audit record, when no request does. */
  actor?: string;
}
/** The context of a process: settings, caches, limits and the mail port. */
export const makeCtx = async (
  config: IdentityConfig,
  { db, hot = db, log, metrics, actor = 'identity' }: CtxOptions,
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
    limits: makeLimits(db, settings),
    mail: config.NEFOS_IDENTITY_SMTP_URL
      ? smtpMailer(config.NEFOS_IDENTITY_SMTP_URL, config.NEFOS_IDENTITY_MAIL_FROM)
      : noMailer,
  };
};
