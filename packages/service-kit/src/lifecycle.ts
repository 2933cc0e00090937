import { readFileSync, realpathSync } from 'node:fs';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { restartsSoFar } from './config.js';
import { databaseAway } from './fault.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { endWithParent } from './parent.js';

export const listen = (server: http.Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });

/** Stops accepting requests, waits up to `seconds` for running ones, then closes all connections. */
export const drain = (server: http.Server, seconds: number): Promise<void> =>
  new Promise((resolve) => {
    server.on('request', (_req, res: http.ServerResponse) => {
      if (!res.headersSent) res.setHeader('Connection', 'close');
    });
    const cut = setTimeout(() => server.closeAllConnections(), seconds * 1000);
    const idle = setInterval(() => server.closeIdleConnections(), 100);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(idle);
      resolve();
    });
    server.closeIdleConnections();
  });

/** A started service. */
export interface Running {
  log: Log;
  metrics: Metrics;
  stop: () => Promise<void>;
}
/** For an orderly stop after an uncaught exception, whose effects are unknown. */
const CRASH_SECONDS = 20;

/** Version of the program, from the package.json above its `dist`. */
const versionOf = (main: string | undefined): string => {
  try {
    return (
      JSON.parse(readFileSync(path.join(path.dirname(realpathSync(main ?? '')), '..', 'package.json'), 'utf8')) as {
        version: string;
      }
    ).version;
  } catch {
    return 'unknown';
  }
};

const startFailure = (err: unknown): string | undefined => {
  const known = err as { code?: string; port?: number; message?: string; name?: string };
  if (known.code === 'EADDRINUSE')
    return `port ${known.port} is taken: stop the program that has it, or choose another port`;
  if (known.name === 'ConfigError' || known.name === 'UnfinishedRestore') return known.message;
  if (databaseAway(err)) return `the database does not answer: ${known.message}`;
  return err instanceof Error ? err.stack : String(err);
};
const failStart = (err: unknown): never => {
  process.stderr.write(`${startFailure(err)}\n`);
  process.exit(1);
};

/** Stops the service at the first reason, and ends the process with the highest exit code of all reasons. */
const stopOnce = ({ log, stop }: Running): ((code: number, reason: object, withinSeconds?: number) => void) => {
  let stopping = false;
  return (code, reason, withinSeconds) => {
    process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
    if (stopping) return;
    stopping = true;
    log.info(reason, 'stopping');
    if (withinSeconds !== undefined)
      setTimeout(() => {
        log.error('did not stop in time');
        process.exit(1);
      }, withinSeconds * 1000).unref();
    stop().then(
      () => {
        log.info('stopped');
        process.exit();
      },
      (err: unknown) => {
        log.error({ err }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
};

/**
 * Runs a service's `main`. When it can not start: one clear line and exit code 1. SIGTERM and SIGINT stop it in
 * order. An uncaught exception is logged and counted, and stops the service in order with exit code 1, so that its
 * supervisor starts it again. An unhandled rejection is logged and counted, and the service goes on.
 */
export const runMain = async (start: () => Promise<Running>): Promise<void> => {
  let crash: (err: unknown) => void = failStart;
  process.on('uncaughtException', (err) => crash(err));
  // From the beginning: the supervisor can die during the start, and a service must not outlive it.
  let orphaned = (): void => process.exit(1);
  endWithParent(() => orphaned());
  const running = await start().catch(failStart);
  const { log, metrics } = running;
  const leave = stopOnce(running);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => leave(0, { signal }));
  orphaned = () => leave(0, { signal: 'disconnect' });

  const uncaught = metrics.counter(
    'nefos_uncaught_exceptions_total',
    'Exceptions that nobody caught; each one restarts the service',
  );
  const unhandled = metrics.counter('nefos_unhandled_rejections_total', 'Rejected promises that nobody awaited');
  metrics.counter('nefos_restarts_total', 'Times that the supervisor started this service again').inc(restartsSoFar());
  metrics
    .gauge('nefos_build_info', 'What runs here; always 1', ['version', 'node'])
    .set({ version: versionOf(process.argv[1]), node: process.version }, 1);
  crash = (err) => {
    uncaught.inc();
    log.error({ err }, 'uncaught exception: the service is started anew');
    leave(1, { signal: 'uncaughtException' }, CRASH_SECONDS);
  };
  process.on('unhandledRejection', (err) => {
    unhandled.inc();
    log.error({ err }, 'unhandled rejection');
  });
  if (process.connected) process.send?.('listening', () => undefined);
};
