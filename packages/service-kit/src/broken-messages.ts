import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { connectionOf } from './http-connections.js';
import { closeSoon, rawAnswer, SERVER_METHODS } from './raw-answer.js';

const SENTENCES: Record<string, readonly [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'Request header fields too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Chunk extensions too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long.'],
};

const sendLast = (socket: Socket, answer: string): void => {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(answer);
  closeSoon(socket);
};

/** Does something when an answer has been sent, or can not be sent any more. */
const after = (res: ServerResponse, work: () => void): void => {
  if (res.writableFinished) work();
  else res.once('close', work);
};

/**
 * Ends a connection on which a message is broken or cut off. Node reports it once, so this has to end the connection,
 * at the latest after the answer in progress.
 */
const answerBroken = (err: NodeJS.ErrnoException, socket: Socket): void => {
  const connection = connectionOf(socket);
  if (connection.over) return; // it is being ended already
  // Node reports this once per request and goes on reading it.
  if (err.code === 'ERR_HTTP_REQUEST_TIMEOUT' && connection.longBody && !connection.req?.complete) return;
  if (err.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  connection.over = true;
  const answer = rawAnswer(...(SENTENCES[err.code ?? ''] ?? ([400, 'Bad request.'] as const)));
  const { req, res, last } = connection;
  if (!req || !res) sendLast(socket, answer);
  // The latest request is complete: the error is in the message after it, and is answered after it, unless that
  // answer ends the connection.
  else if (req.complete) after(res, () => (last ? closeSoon(socket) : sendLast(socket, answer)));
  // The error is in the body of the latest request: it is that request's answer, unless another has begun, which may
  // still be sent.
  else if (res.headersSent) closeSoon(socket);
  else if (res.socket) sendLast(socket, answer);
  else res.once('socket', () => sendLast(socket, answer));
};
/**
 * For a request that offers an upgrade. Node does not report errors in the body of such a request. The end of the
 * connection within the body is detected here; a broken chunk ends by the time limit for bodies.
 */
export const watchOffer = (req: IncomingMessage): void => {
  const { socket } = req;
  socket.once('end', () => {
    if (!req.complete) answerBroken(new Error('the body is not whole'), socket);
  });
};

/**
 * Answers what node's parser refuses: not HTTP, too large, too slow. Each request gets one answer, in order: answers
 * that are still due go out first, and an answer that has begun is never followed by a second one to the same
 * request.
 */
export const answerBrokenMessages = (server: Server): void => {
  server.on('clientError', answerBroken);
  // Without a listener node closes the connection without an answer.
  server.on('connect', (_req: IncomingMessage, socket: Socket) => {
    // Node has removed its listeners: without these an answer that is due would stop when the socket is full or breaks.
    socket.on('error', () => undefined);
    socket.on('drain', () => (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage?.emit('drain'));
    socket.resume();
    const connection = connectionOf(socket);
    const { res, last, over } = connection;
    connection.over = true;
    const end = (): void => {
      if (last || over) closeSoon(socket);
      else sendLast(socket, rawAnswer(405, 'Method "CONNECT" not allowed.', [`Allow: ${SERVER_METHODS}`]));
    };
    if (res) after(res, end);
    else end();
  });
};
