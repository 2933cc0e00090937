import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import express, { type Express } from 'express';
import type { Fault, FaultKind } from './fault.js';
import { createGuardedServer, type GuardedOptions } from './guarded-server.js';
import { writeJson } from './json-answer.js';
import { hasLongPath, refuseLongPath } from './target.js';
import { messageClass } from './upgrades.js';

/** Requests that the server refuses whatever their path; the service's dialect writes the answer. */
const refusals = new WeakMap<IncomingMessage, Fault>();

/** An Express application with the settings that every service shares. */
export const createApp = (): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('case sensitive routing', true);
  app.set('query parser', 'simple');
  app.use((req, _res, next) => next(refusals.get(req)));
  return app;
};

const PLAIN: Partial<Record<FaultKind, readonly [status: number, detail: string]>> = {
  invalid: [400, 'Bad request.'],
  not_found: [404, 'Not found.'],
  expectation: [417, 'Expectation failed.'],
};
/**
 * The answer when the application gave none: it has no route, or its own answer failed. It tells nothing of the
 * error.
 */
const fallbackAnswer = (res: ServerResponse, kind: FaultKind): void => {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const [status, detail] = PLAIN[kind] ?? [500, 'A server error occurred.'];
  writeJson(res, status, { detail });
};

/**
 * Serves an Express application at nearly the speed of plain node:http. Express changes the prototype of every
 * request and response, which costs more than all its other work; here node's own classes already have Express's
 * properties, so there is nothing to change.
 * @param hot answers a request before Express sees it, or gives false
 */
export const createFastServer = (
  app: Express,
  options: Omit<GuardedOptions, 'handle' | 'refuse'> = {},
  hot?: (req: http.IncomingMessage, res: http.ServerResponse) => boolean,
): http.Server => {
  class Req extends messageClass(options.upgrades) {}
  class Res extends http.ServerResponse {}
  for (const [target, from, key] of [
    [Req, express.request, 'request'],
    [Res, express.response, 'response'],
  ] as const) {
    const { constructor: _c, ...props } = Object.getOwnPropertyDescriptors(from) as Record<string, PropertyDescriptor>;
    Object.defineProperties(target.prototype, {
      ...props,
      app: { configurable: true, enumerable: true, writable: true, value: app },
    });
    (app as unknown as Record<string, unknown>)[key] = target.prototype;
  }
  const application = app as unknown as (
    req: IncomingMessage,
    res: ServerResponse,
    done: (err?: unknown) => void,
  ) => void;
  const ordinary = (req: IncomingMessage, res: ServerResponse): void =>
    application(req, res, (err) => {
      const kind = err === undefined || err === null ? 'not_found' : (refusals.get(req)?.kind ?? 'internal');
      if (kind === 'internal') options.log?.error({ err, method: req.method }, 'unexpected error');
      fallbackAnswer(res, kind);
    });
  return createGuardedServer({
    // A service behind the gateway takes the headers that the gateway took, and those that it adds.
    maxHeaderSize: 40 * 1024,
    ...options,
    IncomingMessage: Req,
    ServerResponse: Res as unknown as typeof http.ServerResponse,
    handle: (req, res) => {
      if (hasLongPath(req)) refuseLongPath(res);
      else if (!hot?.(req, res)) ordinary(req, res);
    },
    refuse: (req, res, fault) => {
      refusals.set(req, fault);
      ordinary(req, res);
    },
  });
};
