import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { parseJson, refuseLong, requestIdOf } from '@nefos/service-kit';
import type { Express } from 'express';
import type { IdentityCtx } from '../../ctx.js';
import { knownBodies } from '../../access/api/known-bodies.js';
import type { DirectoryData } from '../../catalog/domain/directory.js';
import { conform, readWish } from '../domain/v2-authentication.js';
import { isLive, refusalOf, type TokenRecord, type UserToken } from '../../access/domain/tokens.js';
import { visibleV2, visibleV3 } from '../domain/v3-tokens.js';
import { authenticatedJson } from '../../access/api/authenticate.view.js';
import { accessJson } from './v2-token.view.js';
import { STANDARD_HEADERS } from '../../access/api/headers.js';
import { JSON_TYPE } from '../../access/api/format.js';
import { v3TokenJson } from './v3-token.view.js';

type Answer = (directory: DirectoryData, first: TokenRecord, second: TokenRecord | undefined) => string | undefined;
const AUTHENTICATE = '/account/v1.0/authenticate';
const TOKENS = '/identity/v2.0/tokens';
const V3 = '/identity/v3/auth/tokens';
const LARGEST = 4096;
const header = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '');

/**
 * The four requests that every other request causes, answered before Express sees them (architecture §6): the successes
 * in JSON, in their plain spelling. Whatever is unusual, refused or fails goes the ordinary way, which decides by the
 * same functions and writes the fault.
 */
export const hotPaths = (ctx: IdentityCtx, app: Express): ((req: IncomingMessage, res: ServerResponse) => boolean) => {
  const ordinary = app as unknown as RequestListener;
  const answered = ctx.metrics.counter('nefos_identity_hot_answers_total', 'Validations answered before Express', [
    'operation',
  ]);
  const counters = {
    authenticate: answered.labels('authenticate'),
    show: answered.labels('tokens_get'),
    post: answered.labels('tokens_post'),
    v3: answered.labels('v3_tokens_get'),
  };

  const respond = (req: IncomingMessage, res: ServerResponse, text: string, more?: readonly string[]): void => {
    const now = STANDARD_HEADERS.now();
    const id = requestIdOf(req);
    const headers = [
      'Content-Type',
      JSON_TYPE,
      'Content-Length',
      String(text.length),
      'Cache-Control',
      now['Cache-Control'],
      'Expires',
      now.Expires,
      'Last-Modified',
      now['Last-Modified'],
      'X-Request-Id',
      id,
      'x-openstack-request-id',
      id,
    ];
    if (more) headers.push(...more);
    else headers.push('Vary', 'X-Auth-Token');
    res.writeHead(200, headers);
    // Pure ASCII, so its length is its number of bytes. Measured: node sends a short text faster as latin1, a long one
    // faster as UTF-8.
    res.end(text, text.length < 1024 ? 'latin1' : 'utf8');
  };
  /**
   * Answers from memory at once, else when the database has answered; `answer` sees the one or two tokens that were
   * asked for.
   */
  const attempt = (
    req: IncomingMessage,
    res: ServerResponse,
    counter: { inc(): void },
    [first, second]: readonly [string, string?],
    answer: Answer,
    more?: readonly string[],
  ): void => {
    const finish = (directory: DirectoryData, a: TokenRecord | undefined, b: TokenRecord | undefined): void => {
      let text: string | undefined;
      try {
        text = a && answer(directory, a, b);
      } catch {
        /* the ordinary way meets it again and reports it */
      }
      if (text === undefined) {
        ordinary(req, res);
        return;
      }
      counter.inc();
      respond(req, res, text, more);
    };
    const directory = ctx.directory.peek();
    const a = ctx.tokens.peek(first);
    const b = second === undefined ? undefined : ctx.tokens.peek(second);
    if (directory && a && (b || second === undefined)) {
      finish(directory, a, b);
      return;
    }
    Promise.all([
      directory ?? ctx.directory.get(),
      a ?? ctx.tokens.find(first),
      second === undefined ? undefined : (b ?? ctx.tokens.find(second)),
    ]).then(
      (found) => finish(...found),
      () => ordinary(req, res as never),
    );
  };
  const good = (t: TokenRecord): t is UserToken => refusalOf(t) === null;

  const authenticate = (req: IncomingMessage, res: ServerResponse, token: string): void =>
    attempt(req, res, counters.authenticate, [token], (directory, t) =>
      good(t) ? authenticatedJson(directory, t) : undefined,
    );
  const show = (req: IncomingMessage, res: ServerResponse, token: string, id: string): void =>
    attempt(req, res, counters.show, [token, id], (directory, caller, found) =>
      isLive(caller) && visibleV2(ctx, directory, caller, found)
        ? accessJson(directory, ctx.settings.v2Interfaces, found as UserToken, id)
        : undefined,
    );
  const showV3 = (req: IncomingMessage, res: ServerResponse, token: string, subject: string, catalog: boolean): void =>
    attempt(
      req,
      res,
      counters.v3,
      [token, subject],
      (directory, caller, found) =>
        isLive(caller) && found && visibleV3(ctx, directory, caller, found)
          ? v3TokenJson(directory, found, catalog)
          : undefined,
      ['Vary', 'X-Auth-Token, X-Subject-Token', 'X-Subject-Token', subject],
    );
  const post = (req: IncomingMessage, res: ServerResponse, raw: Buffer): void => {
    knownBodies.set(req, raw); // should it go the ordinary way
    // NUL and halves of surrogate pairs can only be written so; no token or uuid needs it.
    if (raw.includes('\\u')) {
      ordinary(req, res);
      return;
    }
    let wish: ReturnType<typeof readWish>;
    try {
      wish = readWish(parseJson(raw, refuseLong));
    } catch {
      ordinary(req, res);
      return;
    }
    attempt(req, res, counters.post, [wish.value], (directory, t) => {
      if (!good(t)) return undefined;
      conform(t.user.uuid, wish);
      return accessJson(directory, ctx.settings.v2Interfaces, t, wish.value);
    });
  };
  const readPost = (req: IncomingMessage, res: ServerResponse): void => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => {
      parts.push(part);
    });
    req.on('end', () => post(req, res, parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)));
  };

  return (req, res) => {
    const { url = '', method, headers } = req;
    if (method === 'GET') {
      const token = header(headers['x-auth-token']);
      if (!token) return false;
      if (url === AUTHENTICATE || url === `${AUTHENTICATE}/`) {
        authenticate(req, res, token);
        return true;
      }
      if (url.startsWith(V3)) {
        const rest = url.slice(V3.length);
        const subject = header(headers['x-subject-token']);
        if (!subject || (rest !== '' && rest !== '?nocatalog' && rest !== '?nocatalog=1')) return false;
        showV3(req, res, token, subject, rest === '');
        return true;
      }
      if (url.startsWith(`${TOKENS}/`)) {
        const id = url.slice(TOKENS.length + 1);
        if (!/^[A-Za-z0-9_-]{24,}$/.test(id) || header(headers.accept).includes('xml')) return false;
        show(req, res, token, id);
        return true;
      }
      return false;
    }
    if (method !== 'POST' || (url !== TOKENS && url !== `${TOKENS}/`)) return false;
    const length = Number(headers['content-length'] ?? 0);
    if (
      !(length > 0 && length <= LARGEST) ||
      headers['transfer-encoding'] !== undefined ||
      !header(headers['content-type']).startsWith('application/json') ||
      header(headers.accept).includes('xml')
    )
      return false;
    readPost(req, res);
    return true;
  };
};
