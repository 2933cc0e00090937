import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { connectQmp, lineReader, refusedBy } from './qemu-qmp.js';

describe("QEMU's monitor", () => {
  let dir: string;
  let server: Server;
  /** What the monitor does with each command. */
  let onCommand: (command: { execute: string; id?: number }, socket: Socket) => void;
  let greeting: string;
  const listen = (at: string): Promise<void> =>
    new Promise((resolve) => {
      server = createServer((socket) => {
        socket.write(greeting);
        socket.on('error', () => undefined);
        const read = lineReader();
        socket.setEncoding('utf8');
        socket.on('data', (part) => {
          for (const one of read(part.toString())) onCommand(one as never, socket);
        });
      });
      server.listen(at, resolve);
    });
  const send = (socket: Socket, message: object): void => void socket.write(`${JSON.stringify(message)}\r\n`);
  beforeEach(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-qmp-'));
    greeting = '{"QMP": {"version": {}, "capabilities": []}}\r\n';
    onCommand = ({ id }, socket) => send(socket, { return: {}, id });
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(dir, { recursive: true, force: true });
  });

  it('answers belong to their commands by id, whatever comes between', async () => {
    const asked: number[] = [];
    onCommand = ({ execute, id = 0 }, socket) => {
      if (execute === 'qmp_capabilities') return send(socket, { return: {}, id });
      asked.push(id);
      send(socket, { event: 'STOP', data: {} });
      // The first is answered last, in pieces.
      if (asked.length < 2) return undefined;
      send(socket, { return: execute, id });
      const text = `${JSON.stringify({ return: 'first', id: asked[0] })}\r\n`;
      socket.write(text.slice(0, 5));
      setTimeout(() => socket.write(text.slice(5)), 20);
      return undefined;
    };
    await listen(path.join(dir, 'qmp.sock'));
    const qmp = await connectQmp(dir);
    expect(await Promise.all([qmp.execute('one'), qmp.execute('two')])).toEqual(['first', 'two']);
    expect(await qmp.event(({ event }) => event === 'STOP', 100)).toEqual({ event: 'STOP', data: {} });
    expect(await qmp.event(({ event }) => event === 'RESET', 50)).toBeNull();
    qmp.close();
  });
  it('a path that is too long for a socket is reached', async () => {
    const long = path.join(dir, 'x'.repeat(80), 'y'.repeat(60));
    mkdirSync(long, { recursive: true });
    const cwd = process.cwd();
    process.chdir(long);
    try {
      await listen('qmp.sock');
    } finally {
      process.chdir(cwd);
    }
    const qmp = await connectQmp(long);
    expect(await qmp.execute('query-status')).toEqual({});
    qmp.close();
  });
  it('a monitor that is busy, silent, or gone is an error that may pass', async () => {
    greeting = '';
    await listen(path.join(dir, 'qmp.sock'));
    await expect(connectQmp(dir, 'qmp.sock', 50)).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
    greeting = '{"QMP": {}}\r\n';
    onCommand = ({ execute, id }, socket) =>
      execute === 'qmp_capabilities' ? send(socket, { return: {}, id }) : void socket.destroy();
    const qmp = await connectQmp(dir);
    await expect(qmp.execute('quit')).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    await expect(connectQmp(dir, 'other.sock')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
  it('what is no JSON ends the connection', async () => {
    onCommand = ({ execute, id }, socket) =>
      execute === 'qmp_capabilities' ? send(socket, { return: {}, id }) : void socket.write('nonsense\n');
    await listen(path.join(dir, 'qmp.sock'));
    const qmp = await connectQmp(dir);
    await expect(qmp.execute('query-status')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
  it.each([
    ['CommandNotFound', 'The command x has not been found', 'UNSUPPORTED'],
    ['DeviceNotFound', "Device 'x' not found", 'NOT_FOUND'],
    ['GenericError', "Node 'x' is in use", 'CONFLICT'],
    ['GenericError', "Invalid parameter 'x'", 'INVALID_REQUEST'],
    ['GenericError', 'something else', 'INTERNAL'],
  ])('%s %s is %s, and its words stay inside', (kind, desc, code) => {
    const err = refusedBy({ class: kind, desc });
    expect(err).toMatchObject({ code });
    expect(err.message).not.toContain(desc);
  });
});
