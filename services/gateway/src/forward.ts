import type { IncomingMessage } from 'node:http';

/** Headers of one connection only. */
const HOP = [
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
const hop = new Set(HOP);
/** Headers that a stranger may not set for the services behind. */
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'] as const;
type Forwarded = (typeof FORWARDED)[number];
type Rule = 'drop' | 'essential' | 'trusted' | Forwarded;
const RULES = new Map<string, Rule>([
  ...HOP.map((name) => [name, 'drop'] as const),
  ['x-request-id', 'drop'],
  // What says where the message ends and whom it is for: a Connection header that names these is not obeyed, or the body could pass for a request.
  ['content-length', 'essential'],
  ['host', 'essential'],
  ['x-rh-identity', 'trusted'],
  ...FORWARDED.map((name) => [name, name] as const),
]);
const NO_BODY = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/** Names that a Connection header makes headers of this connection; undefined for the usual ones. */
const connectionNames = (connection: string | undefined): Set<string> | undefined => {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((s) => s.trim()),
  );
};

/** Headers for the service, in the order and spelling in which they came; what a stranger may not say is left out. */
export const requestHeaders = (
  req: IncomingMessage,
  { requestId, trusted, host, peer }: { requestId: string; trusted: boolean; host: string; peer: string },
): string[] => {
  const raw = req.rawHeaders;
  const named = connectionNames(req.headers.connection);
  const out: string[] = [];
  const told: Partial<Record<Forwarded, string>> = {};
  let hosted = false;
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    const rule = RULES.get(name);
    if (rule === 'drop' || (named?.has(name) && rule !== 'essential')) continue;
    if (rule !== undefined && rule !== 'essential') {
      if (!trusted) continue;
      if (rule !== 'trusted') {
        const before = told[rule];
        told[rule] = before === undefined ? value : `${before}, ${value}`;
        continue;
      }
    }
    if (name === 'host') hosted = true;
    out.push(raw[i] as string, value);
  }
  // HTTP/1.0 has none; if its target was in the absolute form, that named one.
  if (!hosted) out.push('Host', req.headers.host ?? host);
  if (req.headers['transfer-encoding'] !== undefined) out.push('Transfer-Encoding', 'chunked');
  else if (req.headers['content-length'] === undefined && !NO_BODY.has(req.method ?? ''))
    out.push('Content-Length', '0');
  const path = told['x-forwarded-for'];
  out.push(
    'X-Forwarded-For',
    path ? `${path}, ${peer}` : peer,
    'X-Forwarded-Host',
    told['x-forwarded-host'] ?? req.headers.host ?? '',
    'X-Forwarded-Proto',
    told['x-forwarded-proto'] ?? 'http',
    'X-Request-Id',
    requestId,
  );
  return out;
};

/** Headers for the client: the service's own, but for those of the connection behind. */
export const answerHeaders = (raw: readonly string[]): string[] => {
  const out: string[] = [];
  for (let i = 0; i < raw.length; i += 2)
    if (!hop.has((raw[i] as string).toLowerCase())) out.push(raw[i] as string, raw[i + 1] as string);
  return out;
};
