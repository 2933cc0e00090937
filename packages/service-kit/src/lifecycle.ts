import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { databaseAway } from './fault.js';
import type { Log } from './log.js';
import { endWithParent } from './parent.js';

export const listen = (server: http.Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });

/** Stops taking requests, lets running ones end for `seconds`, then cuts what is left. */
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

/** Runs a service's `main`: one clear line and exit code 1 when it can not start; SIGTERM and SIGINT stop it in order. */
export const runMain = async (start: () => Promise<{ log: Log; stop: () => Promise<void> }>): Promise<void> => {
  // Heard from the beginning: a supervisor can die while we start.
  let leaveOrderly: ((why: string) => void) | undefined;
  endWithParent(() => (leaveOrderly ? leaveOrderly('disconnect') : process.exit(1)));
  try {
    const { log, stop } = await start();
    let stopping = false;
    const leave = (signal: string): void => {
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'stopping');
      stop().then(
        () => {
          log.info('stopped');
          process.exit(process.exitCode ?? 0);
        },
        (err: unknown) => {
          log.error({ err }, 'did not stop cleanly');
          process.exit(1);
        },
      );
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, leave);
    leaveOrderly = leave;
    process.on('unhandledRejection', (err) => {
      log.error({ err }, 'unhandled rejection');
    });
    if (process.connected) process.send?.('listening', () => undefined);
  } catch (err) {
    const known = err as { code?: string; port?: number; message?: string; name?: string };
    const line =
      known.code === 'EADDRINUSE'
        ? `port ${known.port} is taken: stop the program that has it, or choose another port`
        : known.name === 'ConfigError'
          ? known.message
          : databaseAway(err)
            ? `the database does not answer: ${known.message}`
            : (err as Error).stack;
    process.stderr.write(`${line}\n`);
    process.exit(1);
  }
};
