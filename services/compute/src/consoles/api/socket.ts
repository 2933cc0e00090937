import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { compute } from '@nefos/contracts';
import { offersUpgrade, Reply, takeUpgrade } from '@nefos/service-kit';
import type { Request } from 'express';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { ComputeRequest } from '../../ctx.js';
import { refusal } from '../../refusals.js';
import { connectConsole, type ConnectedConsole, type EndReason } from '../domain/consoles.js';

/** Bytes of one message of a client: keys, movements of the mouse, a clipboard. */
const MAX_MESSAGE = 256 * 1024;
/** Bytes that may wait for the client; then the machine's side is not read until they are fewer. */
const HIGH = 256 * 1024;
const LOW = 64 * 1024;
const PING_MS = 20_000;
/** A client that says nothing for so many pings is gone. */
const UNANSWERED = 3;
/** How long the client may take to close its side. */
const CLOSE_MS = 2000;

/** Close codes (RFC 6455 §7.4; those from 4000 on are ours) and what the page shows. */
const GOODBYES: Record<EndReason | 'ended' | 'failed', readonly [code: number, words: string]> = {
  ended: [1000, 'The machine has closed the console.'],
  shutdown: [1001, 'The service is being restarted.'],
  credentials: [1008, 'The right to this console has ended.'],
  failed: [1011, 'The hypervisor has broken off the console.'],
  stopped: [4001, 'The instance does not run.'],
  gone: [4004, 'The instance is deleted.'],
  replaced: [4009, 'The serial line was opened elsewhere.'],
};

const server = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE,
  handleProtocols: () => compute.CONSOLE_PROTOCOL,
});

const hostOf = (origin: string): string | undefined => {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
};
/**
 * Browsers say which origin a page is of: ours, whatever name the client knows it by, or one that may call the APIs.
 * Others, who send none, have the token only.
 * @throws Fault forbidden/console.origin
 */
const demandOrigin = (req: Request, { NEFOS_PUBLIC_URL, NEFOS_CORS_ORIGINS }: ComputeRequest['config']): void => {
  const { origin } = req.headers;
  if (origin === undefined || NEFOS_CORS_ORIGINS.includes(origin)) return;
  const host = hostOf(origin);
  if (host !== undefined && (host === hostOf(NEFOS_PUBLIC_URL) || host === req.host)) return;
  throw refusal('forbidden', 'console.origin');
};
/** The token that the handshake brings; '' when it brings none. @throws Fault invalid/console.handshake */
const tokenOf = ({ headers }: Request): string => {
  const wrong = (what: string): Error => refusal('invalid', 'console.handshake', { what });
  if (headers['sec-websocket-version'] !== '13') throw wrong('Sec-WebSocket-Version must be 13');
  if (!/^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')) throw wrong('Sec-WebSocket-Key');
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  if (!offered.includes(compute.CONSOLE_PROTOCOL)) throw wrong('the sub-protocol binary is not offered');
  const token = offered.find((one) => one.startsWith(compute.CONSOLE_TOKEN_PREFIX));
  return token?.slice(compute.CONSOLE_TOKEN_PREFIX.length) ?? '';
};

const bytesOf = (data: RawData): Buffer =>
  Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
/** Carries bytes both ways, each as fast as the other side takes them. */
const join = (ws: WebSocket, socket: Socket, machine: Duplex): { bytesIn: number; bytesOut: number } => {
  const carried = { bytesIn: 0, bytesOut: 0 };
  machine.on('data', (chunk: Buffer) => {
    carried.bytesOut += chunk.length;
    ws.send(chunk, { binary: true }, (err) => {
      if (!err && machine.isPaused() && ws.bufferedAmount <= LOW) machine.resume();
    });
    // A connection that is broken takes everything, and keeps nothing waiting, until ws hears of it.
    if (ws.bufferedAmount > HIGH || socket.destroyed) machine.pause();
  });
  machine.on('drain', () => ws.resume());
  ws.on('message', (data) => {
    const bytes = bytesOf(data);
    carried.bytesIn += bytes.length;
    if (machine.writable && !machine.write(bytes)) ws.pause();
  });
  return carried;
};
/** Ends a client that is gone without a word. */
const watch = (ws: WebSocket): (() => void) => {
  let unanswered = 0;
  const alive = (): void => {
    unanswered = 0;
  };
  ws.on('pong', alive);
  ws.on('message', alive);
  const timer = setInterval(() => {
    unanswered += 1;
    if (unanswered > UNANSWERED) ws.terminate();
    else ws.ping();
  }, PING_MS);
  return () => clearInterval(timer);
};

/** Shows a console to a client until one side ends. */
const show = (
  ws: WebSocket,
  socket: Socket,
  { grant, stream, place }: ConnectedConsole,
  { log, requestId }: ComputeRequest,
): void => {
  const began = Date.now();
  let why: keyof typeof GOODBYES | 'left' = 'left';
  const carried = join(ws, socket, stream);
  const unwatch = watch(ws);
  const end = (reason: keyof typeof GOODBYES): void => {
    if (why !== 'left' || ws.readyState !== ws.OPEN) return;
    why = reason;
    stream.destroy();
    // The client's goodbye comes behind what the machine did not take.
    ws.resume();
    ws.close(...GOODBYES[reason]);
    setTimeout(() => ws.terminate(), CLOSE_MS).unref();
  };
  stream.once('end', () => end('ended'));
  stream.once('error', () => end('failed'));
  stream.once('close', () => end('ended'));
  ws.on('error', () => undefined);
  ws.once('close', () => {
    unwatch();
    stream.destroy();
    place.leave();
    const { uuid: user, instanceId: instance, type } = grant;
    const ms = Date.now() - began;
    log.info({ request_id: requestId, user, instance, type, ms, ...carried, why }, 'a console was closed');
  });
  place.onEnd(end);
  if (stream.destroyed) end('ended');
};

/**
 * Answers the WebSocket of consoles: 426 to a request that does not offer one, else the console of the token that it
 * brings.
 * @throws Fault invalid/console.handshake, forbidden/console.origin, and those of `connectConsole`
 */
export const answerSocket = async (ctx: ComputeRequest, req: Request): Promise<Reply | undefined> => {
  if (!offersUpgrade(req))
    return new Reply(
      { detail: 'This address takes WebSockets only.' },
      { status: 426, headers: { Upgrade: 'websocket', Connection: 'Upgrade', 'X-Error-Code': 'validation' } },
    );
  demandOrigin(req, ctx.config);
  const connected = await connectConsole(ctx, tokenOf(req));
  const { stream, place, grant } = connected;
  const upgrade = takeUpgrade(req);
  if (!upgrade) {
    stream.destroy();
    place.leave();
    return undefined;
  }
  const { socket, head } = upgrade;
  const lost = (): void => {
    stream.destroy();
    place.leave();
  };
  socket.once('close', lost);
  server.handleUpgrade(req, socket, head, (ws) => {
    socket.off('close', lost);
    // Who ends its side without a goodbye, as a gateway does that stops, gets ours before ws ends the connection.
    socket.prependListener('end', () => {
      if (ws.readyState === ws.OPEN) ws.close(...GOODBYES.shutdown);
    });
    ctx.log.info(
      { request_id: ctx.requestId, user: grant.uuid, instance: grant.instanceId, type: grant.type },
      'a console was opened',
    );
    show(ws, socket, connected, ctx);
  });
  return undefined;
};
