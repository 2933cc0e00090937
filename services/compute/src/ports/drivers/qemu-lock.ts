import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from '../driver.js';

// One process at a time works at a machine. The lock is a socket with an abstract name (unix(7)): the kernel gives a
// name to one holder and takes it back when that one ends, however it ends, and there is no file that could be left.
// It orders the steps of several processes of one host; that no machine runs twice is held by QEMU's own locks on its
// pid file and its disk as well.

/** A call of a driver may take 30 s: who waits longer has lost. */
const WAIT_MS = 20_000;

const tryListen = (name: string): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (err: NodeJS.ErrnoException) => {
      if (err.code === 'EADDRINUSE') resolve(undefined);
      else reject(err);
    });
    server.listen(`\0${name}`, () => resolve(server));
  });
const release = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });
/** @returns undefined: somebody holds it, and did for `waitMs` */
const acquire = async (name: string, waitMs: number): Promise<Server | undefined> => {
  for (const end = performance.now() + waitMs; ; await sleep(5 + Math.random() * 20)) {
    const server = await tryListen(name);
    if (server) return server;
    if (performance.now() >= end) return undefined;
  }
};

export interface Locks {
  /** @throws DriverError CONFLICT: somebody else is busy with it for too long */
  hold<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Nothing is done when somebody else holds it. */
  tryHold<T>(key: string, work: () => Promise<T>): Promise<T | undefined>;
}
/** Callers of this process wait in a line of their own: the socket is asked for by one at a time. */
const lines = new Map<string, Promise<unknown>>();
/** @param root directory of the region, the same for all processes that share the lock */
export const createLocks = (root: string): Locks => {
  const nameOf = (key: string): string =>
    `nefos-qemu-${createHash('sha256').update(`${root}\n${key}`).digest('hex').slice(0, 40)}`;
  const holdFor = async <T>(
    key: string,
    waitMs: number,
    work: () => Promise<T>,
  ): Promise<{ result: T } | undefined> => {
    const server = await acquire(nameOf(key), waitMs);
    if (!server) return undefined;
    try {
      return { result: await work() };
    } finally {
      await release(server);
    }
  };
  const inLine = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const name = nameOf(key);
    const before = lines.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    const done = mine
      .catch(() => undefined)
      .then(() => {
        if (lines.get(name) === done) lines.delete(name);
      });
    lines.set(name, done);
    return mine;
  };
  return {
    hold: (key, work) =>
      inLine(key, async () => {
        const held = await holdFor(key, WAIT_MS, work);
        if (!held) throw new DriverError('CONFLICT', 'Another process is busy with the machine.');
        return held.result;
      }),
    tryHold: async (key, work) => {
      if (lines.has(nameOf(key))) return undefined;
      return inLine(key, async () => (await holdFor(key, 0, work))?.result);
    },
  };
};
