import { pino, type Logger } from 'pino';

export type Log = Logger;
/** Names whose values never reach a log line, at any depth that we write. */
const SECRETS = ['token', 'password', 'secret', 'authorization', 'cookie', 'x-auth-token', 'x-subject-token', 'key'];

/** Structured log lines on standard output; secrets are cut out by name. */
export const createLog = (service: string, level: string): Log =>
  pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]), censor: '***' },
  });
