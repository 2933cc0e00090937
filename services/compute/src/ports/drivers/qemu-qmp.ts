import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { DriverError, type DriverErrorCode } from '../driver.js';

// QEMU's monitor protocol (docs/interop/qmp-spec): a JSON object per line. A monitor takes one client at a time, so
// connections are short.

/** Longer names of sockets are cut off by the system (unix(7)). */
const MAX_SOCKET_PATH = 100;
/**
 * Connects to a socket of a machine. One with a long path is reached through its open directory.
 * @throws Error of the system
 */
export const connectSocket = async (dir: string, name: string, timeoutMs: number): Promise<Socket> => {
  const full = path.join(dir, name);
  const handle = Buffer.byteLength(full) > MAX_SOCKET_PATH ? await open(dir, 'r') : undefined;
  try {
    return await new Promise((resolve, reject) => {
      const socket = connect(handle ? `/proc/self/fd/${handle.fd}/${name}` : full);
      const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), timeoutMs);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(socket);
      });
      socket.once('error', (err) => {
        clearTimeout(timer);
        reject(err);
      });
    });
  } finally {
    await handle?.close();
  }
};

/** A message that QEMU sent: greeting, answer or event. */
interface Message {
  QMP?: unknown;
  id?: number;
  return?: unknown;
  error?: { class: string; desc: string };
  event?: string;
  data?: Record<string, unknown>;
}
export interface QmpEvent {
  event: string;
  data: Record<string, unknown>;
}
export interface Qmp {
  /** @throws DriverError of contract compute §11.2 */
  execute<T = unknown>(command: string, args?: object): Promise<T>;
  /** The next event that fits, also one that has come since the connection is there. @returns null: not in time */
  event(fits: (event: QmpEvent) => boolean, timeoutMs: number): Promise<QmpEvent | null>;
  close(): void;
}

/** What QEMU says of a command as the portal knows it. */
export const refusedBy = ({ class: kind, desc }: { class: string; desc: string }): DriverError => {
  const code: DriverErrorCode =
    kind === 'CommandNotFound'
      ? 'UNSUPPORTED'
      : kind === 'DeviceNotFound'
        ? 'NOT_FOUND'
        : /\bis in use\b|already exists|Duplicate/i.test(desc)
          ? 'CONFLICT'
          : /not (running|active)|state|runstate/i.test(desc)
            ? 'INVALID_STATE'
            : /parameter|expects|invalid/i.test(desc)
              ? 'INVALID_REQUEST'
              : 'INTERNAL';
  return new DriverError(code, 'QEMU refused the call.', { cause: new Error(desc) });
};
const away = (cause?: unknown): DriverError =>
  new DriverError('UNAVAILABLE', "The machine's monitor does not answer.", { cause });
const MAX_LINE = 16 * 1024 * 1024;

/** Takes lines apart. @returns a function for more bytes, which gives the whole messages */
export const lineReader = (): ((part: string) => Message[]) => {
  let rest = '';
  return (part) => {
    rest += part;
    if (rest.length > MAX_LINE) throw new Error('a message of QEMU is too long');
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    return lines.filter((line) => line.trim()).map((line) => JSON.parse(line) as Message);
  };
};

/** @param socket a connection to a monitor @returns after the greeting and `qmp_capabilities` @throws DriverError */
export const openQmp = async (socket: Socket, timeoutMs = 5000): Promise<Qmp> => {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (err: Error) => void }>();
  const events: QmpEvent[] = [];
  const listeners = new Set<() => void>();
  let greeted: () => void = () => undefined;
  const greeting = new Promise<void>((resolve) => {
    greeted = resolve;
  });
  let ended: Error | undefined;
  let lastId = 0;
  const end = (err: Error): void => {
    ended ??= err;
    for (const { reject } of waiting.values()) reject(err);
    waiting.clear();
    for (const wake of listeners) wake();
    greeted();
    socket.destroy();
  };
  const take = (message: Message): void => {
    if (message.QMP !== undefined) return greeted();
    if (message.event !== undefined) {
      events.push({ event: message.event, data: message.data ?? {} });
      if (events.length > 1000) events.shift();
      for (const wake of listeners) wake();
      return undefined;
    }
    const one = message.id === undefined ? undefined : waiting.get(message.id);
    if (!one || message.id === undefined) return undefined;
    waiting.delete(message.id);
    if (message.error) one.reject(refusedBy(message.error));
    else one.resolve(message.return);
    return undefined;
  };
  const read = lineReader();
  socket.setEncoding('utf8');
  socket.on('data', (part) => {
    try {
      for (const message of read(part.toString())) take(message);
    } catch (err) {
      end(away(err));
    }
  });
  socket.on('error', (err) => end(away(err)));
  socket.on('close', () => end(away(new Error('the connection was closed'))));
  const execute = <T>(command: string, args?: object): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (ended) return reject(ended);
      const id = (lastId += 1);
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new DriverError('TIMEOUT', `The machine did not answer in time.`, { cause: new Error(command) }));
      }, timeoutMs);
      waiting.set(id, {
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value as T);
        },
        reject: (err) => {
          clearTimeout(timer);
          reject(err);
        },
      });
      return void socket.write(`${JSON.stringify({ execute: command, ...(args && { arguments: args }), id })}\n`);
    });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  }).then(() => {
    throw new DriverError('TIMEOUT', "The machine's monitor is busy.");
  });
  try {
    await Promise.race([greeting, late]);
    if (ended) throw ended;
    await execute('qmp_capabilities');
  } catch (err) {
    socket.destroy();
    throw err;
  } finally {
    clearTimeout(timer);
  }
  return {
    execute,
    event: async (fits, waitMs) => {
      const end = performance.now() + waitMs;
      for (;;) {
        const at = events.findIndex(fits);
        if (at >= 0) return events.splice(at, 1)[0] ?? null;
        const left = end - performance.now();
        if (left <= 0) return null;
        if (ended) throw ended;
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            clearTimeout(pause);
            listeners.delete(wake);
            resolve();
          };
          const pause = setTimeout(wake, left);
          listeners.add(wake);
        });
      }
    },
    close: () => socket.destroy(),
  };
};
/** @throws DriverError UNAVAILABLE */
export const connectQmp = async (dir: string, name = 'qmp.sock', timeoutMs = 5000): Promise<Qmp> => {
  let socket: Socket;
  try {
    socket = await connectSocket(dir, name, timeoutMs);
  } catch (err) {
    const denied = (err as NodeJS.ErrnoException).code === 'EACCES';
    throw denied ? new DriverError('AUTH', "The machine's monitor may not be used.", { cause: err }) : away(err);
  }
  return openQmp(socket, timeoutMs);
};
