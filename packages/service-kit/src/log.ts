import { pino, stdSerializers, type Logger } from 'pino';

export type Log = Logger;
/** Names whose values never reach a log line, at any depth that we write. */
const SECRETS = ['token', 'password', 'secret', 'authorization', 'cookie', 'x-auth-token', 'x-subject-token', 'key'];

const ROW = 'Failing row contains';
/** An error without the values that TypeORM and PostgreSQL put into it: hashes, addresses, texts of users. */
const errorOf = (err: unknown): unknown => {
  if (!(err instanceof Error)) return err;
  const {
    parameters: _values,
    driverError: _same,
    ...shown
  } = { ...stdSerializers.err(err) } as Record<string, unknown>;
  if (typeof shown.detail === 'string' && shown.detail.startsWith(ROW)) delete shown.detail;
  return shown;
};

/** Structured log lines on standard output; secrets are cut out by name, values of statements with their errors. */
export const createLog = (service: string, level: string): Log =>
  pino({
    level,
    base: { service },
    serializers: { err: errorOf },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]), censor: '***' },
  });
