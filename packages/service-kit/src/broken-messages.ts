import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { connectionOf } from './http-connections.js';
import { closeSoon, rawAnswer, SERVER_METHODS } from './raw-answer.js';

const SENTENCES: Record<string, readonly [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'Request header fields too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Chunk extensions too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long.'],
};

const say = (socket: Socket, answer: string): void => {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(answer);
  closeSoon(socket);
};

/**
 * Answers what node's parser refuses: no HTTP, too large, too slow. There is one answer for each request and they keep their order:
 * answers that are still due go out first, and one that has begun is never followed by a second for the same request.
 */
export const answerBrokenMessages = (server: Server): void => {
  server.on('clientError', (err: NodeJS.ErrnoException, socket: Socket) => {
    const connection = connectionOf(socket);
    if (connection.over) return; // what still comes is thrown away until the socket is closed
    if (err.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    connection.over = true;
    const answer = rawAnswer(...(SENTENCES[err.code ?? ''] ?? ([400, 'Bad request.'] as const)));
    const { req, res } = connection;
    if (!req || !res || res.writableFinished) say(socket, answer);
    // The latest request is whole: the error is in the message after it, which is answered after it.
    else if (req.complete) res.once('close', () => say(socket, answer));
    // The error is in the body of the latest request: it is that request's answer, unless one has begun.
    else if (res.headersSent) socket.destroy();
    else if (res.socket) say(socket, answer);
    else res.once('socket', () => say(socket, answer));
  });
  // Without a listener node closes the connection and says nothing.
  server.on('connect', (_req: IncomingMessage, socket: Socket) => {
    const connection = connectionOf(socket);
    if (connection.over) {
      closeSoon(socket);
      socket.resume();
      return;
    }
    connection.over = true;
    // Node has taken its listeners off: without these an answer that is due would stop when the socket is full, or when it breaks.
    socket.on('error', () => undefined);
    socket.on('drain', () => (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage?.emit('drain'));
    socket.resume();
    const answer = rawAnswer(405, 'Method "CONNECT" not allowed.', [`Allow: ${SERVER_METHODS}`]);
    const { res } = connection;
    if (!res || res.writableFinished) say(socket, answer);
    else res.once('close', () => say(socket, answer));
  });
};
