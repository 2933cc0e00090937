import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Writes an answer in JSON; a Buffer holds JSON already. HEAD gets no body. */
export const writeJson = (
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void => {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length, ...headers });
  res.end(res.req.method === 'HEAD' ? undefined : bytes);
};
