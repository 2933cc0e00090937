import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { parseJson, refuseLong } from '@nefos/service-kit';
import type { Express } from 'express';
import { authenticatedJson } from '../../access/api/authenticate.view.js';
import { knownBodies } from '../../access/api/known-bodies.js';
import { isLive, refusalOf, type TokenRecord, type UserToken } from '../../access/domain/tokens.js';
import type { DirectoryData } from '../../catalog/domain/directory.js';
import type { IdentityCtx } from '../../ctx.js';
import { demandSameUser, readV2Credentials } from '../domain/v2-authentication.js';
import { isVisibleOnV2, isVisibleOnV3 } from '../domain/visible-tokens.js';
import { recognize, type HotRequest } from './hot-requests.js';
import { respond } from './hot-response.js';
import { accessJson } from './v2-token.view.js';
import { v3TokenJson } from './v3-token.view.js';

/** A request, its response, and the listener for what is not answered here. */
interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  ordinary: RequestListener;
}
/**
 * One or two tokens to look up, and the text of the answer once they are found; undefined leaves the request to
 * Express.
 */
interface Question {
  tokens: readonly [string, string?];
  answer: (directory: DirectoryData, first: TokenRecord, second: TokenRecord | undefined) => string | undefined;
  counter: { inc(): void };
  /** Headers in place of the usual `Vary`: names and values in turn. */
  headers?: readonly string[];
}

const finish = (
  { req, res, ordinary }: Exchange,
  { answer, counter, headers }: Question,
  directory: DirectoryData,
  first: TokenRecord | undefined,
  second: TokenRecord | undefined,
): void => {
  let text: string | undefined;
  try {
    text = first && answer(directory, first, second);
  } catch {
    // Express runs into the same error and reports it.
  }
  if (text === undefined) {
    ordinary(req, res);
    return;
  }
  counter.inc();
  respond(req, res, text, headers);
};
/** Answers from memory at once, else when the database has answered. */
const attempt = (ctx: IdentityCtx, exchange: Exchange, question: Question): void => {
  const [first, second] = question.tokens;
  const directory = ctx.directory.peek();
  const a = ctx.tokens.peek(first);
  const b = second === undefined ? undefined : ctx.tokens.peek(second);
  if (directory && a && (b || second === undefined)) {
    finish(exchange, question, directory, a, b);
    return;
  }
  Promise.all([
    directory ?? ctx.directory.get(),
    a ?? ctx.tokens.find(first),
    second === undefined ? undefined : (b ?? ctx.tokens.find(second)),
  ]).then(
    (found) => finish(exchange, question, ...found),
    () => exchange.ordinary(exchange.req, exchange.res),
  );
};
const isUsable = (token: TokenRecord): token is UserToken => refusalOf(token) === null;

type Counters = Record<HotRequest['operation'], { inc(): void }>;
/** The question of a body of `POST tokens`; undefined when it is unusual or refused. */
const questionOfBody = (ctx: IdentityCtx, raw: Buffer, counter: { inc(): void }): Question | undefined => {
  // Only so can JSON write NUL and lone surrogates, which the kit refuses; no token or uuid needs it.
  if (raw.includes('\\u')) return undefined;
  try {
    const credentials = readV2Credentials(parseJson(raw, refuseLong));
    return {
      tokens: [credentials.secret],
      counter,
      answer: (directory, token) => {
        if (!isUsable(token)) return undefined;
        demandSameUser(token.user.uuid, credentials);
        return accessJson(directory, ctx.settings.v2Interfaces, token, credentials.secret);
      },
    };
  } catch {
    return undefined;
  }
};
const questionOf = (
  ctx: IdentityCtx,
  request: Exclude<HotRequest, { operation: 'tokens_post' }>,
  counters: Counters,
): Question => {
  const { operation, token } = request;
  const counter = counters[operation];
  switch (operation) {
    case 'authenticate':
      return {
        tokens: [token],
        counter,
        answer: (directory, caller) => (isUsable(caller) ? authenticatedJson(directory, caller) : undefined),
      };
    case 'tokens_get':
      return {
        tokens: [token, request.id],
        counter,
        answer: (directory, caller, found) =>
          isLive(caller) && isVisibleOnV2(ctx, directory, caller, found)
            ? accessJson(directory, ctx.settings.v2Interfaces, found, request.id)
            : undefined,
      };
    case 'v3_tokens_get':
      return {
        tokens: [token, request.subject],
        counter,
        headers: ['Vary', 'X-Auth-Token, X-Subject-Token', 'X-Subject-Token', request.subject],
        answer: (directory, caller, found) =>
          isLive(caller) && found && isVisibleOnV3(ctx, directory, caller, found)
            ? v3TokenJson(directory, found, request.catalog)
            : undefined,
      };
  }
};
const readBody = (req: IncomingMessage, done: (raw: Buffer) => void): void => {
  const parts: Buffer[] = [];
  req.on('data', (part: Buffer) => {
    parts.push(part);
  });
  req.on('end', () => done(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)));
};

/**
 * Answers the four requests that nearly every other request causes before Express sees them (architecture §6):
 * successes in JSON, of requests in their plain spelling. What is unusual, refused or failing goes to Express, which
 * decides by the same functions.
 * @returns takes a request; false: it is not one of the four
 */
export const hotPaths = (ctx: IdentityCtx, app: Express): ((req: IncomingMessage, res: ServerResponse) => boolean) => {
  const ordinary = app as unknown as RequestListener;
  const answers = ctx.metrics.counter('nefos_identity_hot_answers_total', 'Validations answered before Express', [
    'operation',
  ]);
  const counters: Counters = {
    authenticate: answers.labels('authenticate'),
    tokens_get: answers.labels('tokens_get'),
    tokens_post: answers.labels('tokens_post'),
    v3_tokens_get: answers.labels('v3_tokens_get'),
  };
  const answerPost = (exchange: Exchange, raw: Buffer): void => {
    knownBodies.set(exchange.req, raw); // Express can not read it again
    const question = questionOfBody(ctx, raw, counters.tokens_post);
    if (question) attempt(ctx, exchange, question);
    else ordinary(exchange.req, exchange.res);
  };
  return (req, res) => {
    const request = recognize(req);
    if (!request) return false;
    const exchange = { req, res, ordinary };
    if (request.operation === 'tokens_post') readBody(req, (raw) => answerPost(exchange, raw));
    else attempt(ctx, exchange, questionOf(ctx, request, counters));
    return true;
  };
};
