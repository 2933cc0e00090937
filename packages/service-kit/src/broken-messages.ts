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

/** Does something when an answer has gone out, or can not go out any more. */
const after = (res: ServerResponse, work: () => void): void => {
  if (res.writableFinished) work();
  else res.once('close', work);
};

/**
 * Ends a connection on which something came that is no message, or is not whole. Node tells it once, so whatever is
 * done here has to end the connection, at the latest after the answer that is in work.
 */
const answerBroken = (err: NodeJS.ErrnoException, socket: Socket): void => {
  const connection = connectionOf(socket);
  if (connection.over) return; // whoever set it ends the connection
  if (err.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  connection.over = true;
  const answer = rawAnswer(...(SENTENCES[err.code ?? ''] ?? ([400, 'Bad request.'] as const)));
  const { req, res, last } = connection;
  if (!req || !res) say(socket, answer);
  // The latest request is whole: the error is in the message after it, which is answered after it. An answer that says
  // close is the last one.
  else if (req.complete) after(res, () => (last ? closeSoon(socket) : say(socket, answer)));
  // The error is in the body of the latest request: it is that request's answer, unless one has begun. That one may
  // still go out.
  else if (res.headersSent) closeSoon(socket);
  else if (res.socket) say(socket, answer);
  else res.once('socket', () => say(socket, answer));
};
/**
 * For a request that offers to upgrade. Node keeps to itself what its parser finds wrong in the body of such a one:
 * the end of the connection in the middle of the body is seen here, and a broken chunk in the end as a body that is
 * too slow.
 */
export const watchOffer = (req: IncomingMessage): void => {
  const { socket } = req;
  socket.once('end', () => {
    if (!req.complete) answerBroken(new Error('the body is not whole'), socket);
  });
};

/**
 * Answers what node's parser refuses: no HTTP, too large, too slow. There is one answer for each request and they keep
 * their order: answers that are still due go out first, and one that has begun is never followed by a second for the
 * same request.
 */
export const answerBrokenMessages = (server: Server): void => {
  server.on('clientError', answerBroken);
  // Without a listener node closes the connection and says nothing.
  server.on('connect', (_req: IncomingMessage, socket: Socket) => {
    // Node has taken its listeners off: without these an answer that is due would stop when the socket is full, or
    // when it breaks.
    socket.on('error', () => undefined);
    socket.on('drain', () => (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage?.emit('drain'));
    socket.resume();
    const connection = connectionOf(socket);
    const { res, last, over } = connection;
    connection.over = true;
    const end = (): void => {
      if (last || over) closeSoon(socket);
      else say(socket, rawAnswer(405, 'Method "CONNECT" not allowed.', [`Allow: ${SERVER_METHODS}`]));
    };
    if (res) after(res, end);
    else end();
  });
};
