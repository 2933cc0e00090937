import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';

/** Hop-by-hop headers: they belong to one connection and are not handed on (RFC 9110 §7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
];
const hopByHop = new Set(HOP_BY_HOP);
/** Only trusted peers may set these; the gateway extends or fills them in. */
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'] as const;
type Forwarded = (typeof FORWARDED)[number];
/**
 * What happens to a header: left out; handed on whatever Connection names; handed on from trusted peers only; or
 * joined with the gateway's own value.
 */
type Rule = 'drop' | 'essential' | 'trusted' | Forwarded;
const RULES = new Map<string, Rule>([
  ...HOP_BY_HOP.map((name) => [name, 'drop'] as const),
  ['x-request-id', 'drop'],
  // They say where the message ends and which host it is for. If a Connection header could remove them, the service
  // could read a body as the next request (request smuggling).
  ['content-length', 'essential'],
  ['host', 'essential'],
  ['x-rh-identity', 'trusted'],
  // Introspection makes links of them (contract introspection §1.2).
  ['x-forwarded-port', 'trusted'],
  ['x-forwarded-prefix', 'trusted'],
  ...FORWARDED.map((name) => [name, name] as const),
]);
const NO_BODY = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/** The header names that a Connection header lists; undefined for its common values, which list none. */
const connectionNames = (connection: string | undefined): Set<string> | undefined => {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((s) => s.trim()),
  );
};

/**
 * The headers for the service, in the order and spelling of the client's. Hop-by-hop headers are left out, and those
 * that only trusted peers may send.
 * @param from `host` is the service's own, for a request that names none; `peer` is the client's address; `offers`: the
 * client offers a WebSocket, and so does the gateway
 */
export const requestHeaders = (
  req: IncomingMessage,
  {
    requestId,
    trusted,
    host,
    peer,
    offers,
  }: { requestId: string; trusted: boolean; host: string; peer: string; offers: boolean },
): string[] => {
  const raw = req.rawHeaders;
  const named = connectionNames(req.headers.connection);
  const headers: string[] = [];
  const forwarded: Partial<Record<Forwarded, string>> = {};
  let hasHost = false;
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    const rule = RULES.get(name);
    if (rule === 'drop' || (named?.has(name) && rule !== 'essential')) continue;
    if (rule !== undefined && rule !== 'essential') {
      if (!trusted) continue;
      if (rule !== 'trusted') {
        const earlier = forwarded[rule];
        forwarded[rule] = earlier === undefined ? value : `${earlier}, ${value}`;
        continue;
      }
    }
    if (name === 'host') hasHost = true;
    headers.push(raw[i] as string, value);
  }
  // HTTP/1.0 needs no Host header. The kit sets req.headers.host when the target was in the absolute form.
  if (!hasHost) headers.push('Host', req.headers.host ?? host);
  if (req.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked');
  else if (req.headers['content-length'] === undefined && !NO_BODY.has(req.method ?? ''))
    headers.push('Content-Length', '0');
  if (offers) headers.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  const earlierPeers = forwarded['x-forwarded-for'];
  headers.push(
    'X-Forwarded-For',
    earlierPeers ? `${earlierPeers}, ${peer}` : peer,
    'X-Forwarded-Host',
    forwarded['x-forwarded-host'] ?? req.headers.host ?? '',
    'X-Forwarded-Proto',
    forwarded['x-forwarded-proto'] ?? 'http',
    'X-Request-Id',
    requestId,
  );
  return headers;
};

/** The headers for the client: the service's, without the hop-by-hop ones. */
export const answerHeaders = (raw: readonly string[]): string[] => {
  const headers: string[] = [];
  for (let i = 0; i < raw.length; i += 2)
    if (!hopByHop.has((raw[i] as string).toLowerCase())) headers.push(raw[i] as string, raw[i + 1] as string);
  return headers;
};

/** The address of the client behind a trusted proxy, or of the peer. */
export const clientAddress = (req: IncomingMessage, { peer, trusted }: { peer: string; trusted: boolean }): string => {
  const named = trusted ? req.headers['x-forwarded-for'] : undefined;
  const last = (Array.isArray(named) ? named.join() : named)?.split(',').at(-1)?.trim();
  return last && isIP(last) ? last : peer;
};

/**
 * The answer 101 of a service, as it goes to the client.
 * @param check refuses what Node does not write
 * @throws for such a header
 */
export const switchingAnswer = (raw: readonly string[], check: ServerResponse): string => {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket'];
  const headers = answerHeaders(raw);
  for (let i = 0; i < headers.length; i += 2) {
    const [name, value] = [headers[i] as string, headers[i + 1] as string];
    if (name.toLowerCase() === 'content-length') continue;
    check.setHeader(name, value);
    lines.push(`${name}: ${value}`);
  }
  for (const name of check.getHeaderNames()) check.removeHeader(name);
  return `${lines.join('\r\n')}\r\n\r\n`;
};
