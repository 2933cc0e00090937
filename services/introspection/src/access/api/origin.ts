import { dropTrailing } from '@nefos/contracts';
import type { Request } from 'express';
import type { IntrospectionCtx } from '../../ctx.js';

const last = (value: string | string[] | undefined): string | undefined =>
  [value].flat().at(-1)?.split(',').at(-1)?.trim();
const HOST = /^[A-Za-z0-9.\-_[\]:]{1,255}$/;
const PREFIX = /^\/[A-Za-z0-9._~\-/]{0,255}$/;

/** Where the caller reaches this service, from what a trusted proxy says of it (contract introspection §1.2). */
export const forwarded = (ctx: IntrospectionCtx, req: Request): { origin: string; prefix: string } => {
  const trusted = ctx.proxies?.check(
    req.socket.remoteAddress ?? '',
    req.socket.remoteFamily === 'IPv6' ? 'ipv6' : 'ipv4',
  );
  const from = (name: string): string | undefined => (trusted ? last(req.headers[name]) : undefined);
  const proto = from('x-forwarded-proto') === 'https' ? 'https' : 'http';
  const named = from('x-forwarded-host') ?? req.headers.host ?? '';
  const host = HOST.test(named) ? named : 'localhost';
  const port = from('x-forwarded-port');
  const own = port !== undefined && /^\d{1,5}$/.test(port) && !/:\d+$/.test(host) ? `:${port}` : '';
  const prefix = from('x-forwarded-prefix');
  return {
    origin: `${proto}://${host}${own === ':80' || own === ':443' ? '' : own}`,
    prefix: prefix !== undefined && PREFIX.test(prefix) ? dropTrailing(prefix, '/') : '',
  };
};
/** The address of a path of the inspector API, for a link. */
export const linkTo = (ctx: IntrospectionCtx, req: Request, path: string): string => {
  const { origin, prefix } = forwarded(ctx, req);
  return `${origin}${prefix}${path}`;
};
