import type { IncomingMessage } from 'node:http';
import { BlockList } from 'node:net';
import type { Counter } from 'prom-client';
import type { Ctx, RequestCtx } from './ctx.js';
import type { Fault } from './fault.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { clientAddress } from './peers.js';

/** For the operator: who attempted what, from where, and why it was refused. Never a token, password or cookie. */
export interface SecurityEvent {
  /** `login`, `token.revoke`, or `request` for what was refused before it became anything. */
  event: string;
  result: 'ok' | 'refused';
  /** uuid of a user or name of a component; null: unknown. */
  who: string | null;
  /** Address of the client; null: a component acts for somebody else, or there is no client. */
  from: string | null;
  why?: string | undefined;
  request_id: string;
  [more: string]: unknown;
}
/** Writes a log line that is found by `"security": true`. */
export const logSecurity = (log: Log, event: SecurityEvent): void =>
  log[event.result === 'refused' ? 'warn' : 'info'](
    { security: true, ...event },
    `security: ${event.event} ${event.result}`,
  );

/** Refusals of requests without credentials: clients begin so, and it is no attempt. */
const NO_CREDENTIALS = new Set(['not_authenticated', 'credentials.missing', 'token.missing']);
const KINDS: ReadonlySet<Fault['kind']> = new Set(['unauthenticated', 'forbidden', 'too_many']);
const NOBODY = new BlockList();
/**
 * Lines a second at most, so that a flood of refusals does not fill the disk; the next line has the number of those
 * left out.
 */
const PER_SECOND = 50;
interface Service {
  refusals: Counter<'code'>;
  second: number;
  lines: number;
  unwritten: number;
}
const services = new WeakMap<Metrics, Service>();
const serviceOf = (metrics: Metrics): Service => {
  let found = services.get(metrics);
  if (!found) {
    const refusals = metrics.counter(
      'nefos_http_access_refusals_total',
      'Requests refused for want of credentials or rights, or for too many attempts',
      ['code'],
    );
    services.set(metrics, (found = { refusals, second: 0, lines: 0, unwritten: 0 }));
  }
  return found;
};
const budget = (service: Service, now: number): { not_written?: number } | undefined => {
  const second = Math.floor(now / 1000);
  if (service.second !== second) {
    service.second = second;
    service.lines = 0;
  }
  if (service.lines >= PER_SECOND) {
    service.unwritten += 1;
    return undefined;
  }
  service.lines += 1;
  const { unwritten } = service;
  service.unwritten = 0;
  return unwritten ? { not_written: unwritten } : {};
};

/**
 * Logs a request that is refused for its sender's identity or rights, unless the domain has logged it in more detail.
 */
export const logAccessRefusal = (
  req: IncomingMessage & { route?: unknown },
  { kind, code, params }: Fault,
  ctx: RequestCtx<Ctx>,
): void => {
  if (!KINDS.has(kind)) return;
  const service = serviceOf(ctx.metrics);
  service.refusals.inc({ code });
  if (ctx.logged.security) return;
  if (NO_CREDENTIALS.has(code) && !ctx.log.isLevelEnabled('debug')) return;
  const more = budget(service, Date.now());
  if (!more) return;
  logSecurity(ctx.log, {
    event: 'request',
    result: 'refused',
    who: ctx.principal?.uuid ?? null,
    from: clientAddress(req, ctx.proxies ?? NOBODY),
    why: typeof params.reason === 'string' ? `${code}: ${params.reason}` : code,
    request_id: ctx.requestId,
    method: req.method,
    // The route, not the address: that may hold a token.
    route: (req.route as { path?: string } | undefined)?.path,
    ...(ctx.principal?.auditId !== undefined && { audit_id: ctx.principal.auditId }),
    ...more,
  });
};
