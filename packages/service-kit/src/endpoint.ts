import {
  MAX_ISSUES,
  type ApiDescription,
  type BodyOf,
  type Contract,
  type ParamsOf,
  type QueryOf,
} from '@nefos/contracts';
import type { NextFunction, Request, Response, Router } from 'express';
import type { z } from 'zod';
import type { Ctx, RequestCtx } from './ctx.js';
import { announcesBody } from './body.js';
import { demandComponent, demandDeclared, demandWriting } from './components.js';
import { watchAnswer } from './response-check.js';
import { asFault, Fault, invalid, type Issue } from './fault.js';
import { lingerBeforeClose } from './linger.js';
import { logRefusal } from './refusal-log.js';
import { logAccessRefusal } from './security-log.js';
import { demandText } from './text-policy.js';
import { isUpgraded } from './upgrades.js';

/** An answer that is more than its body: another status, further headers, or bytes written as they are. */
export class Reply {
  readonly status: number | undefined;
  readonly body: unknown;
  readonly headers: Record<string, string>;
  constructor(body: unknown, { status, headers = {} }: { status?: number; headers?: Record<string, string> } = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export interface Input<C> {
  params: ParamsOf<C>;
  query: QueryOf<C>;
  body: BodyOf<C>;
  req: Request;
  res: Response;
}
export interface Endpoint<C extends Ctx> {
  contract: Contract;
  handle: (ctx: RequestCtx<C>, input: Input<Contract>) => Promise<unknown>;
}
/** Joins a contract and its handler. The handler maps names and calls one domain function, in less than ten lines. */
export const endpointFor =
  <C extends Ctx>() =>
  <const D extends Contract>(
    contract: D,
    handle: (ctx: RequestCtx<C>, input: Input<D>) => Promise<unknown>,
  ): Endpoint<C> => ({ contract, handle: handle });

/** The service's own forms and words of answers: nothing else knows statuses and sentences. */
export interface Dialect<C extends Ctx> {
  /** The OpenAPI description; answers are compared with it where `checkResponses` is on. */
  readonly api?: ApiDescription;
  /** Which refusal comes first when both a wrong method and missing credentials apply. */
  readonly order: 'method-first' | 'authentication-first';
  /** Format of the answer; may refuse. Runs before everything else. */
  negotiate?(req: Request, res: Response, ctx: RequestCtx<C>): void;
  /**
   * Who calls, by the endpoint's `access`. For a method that the path does not have, `contract` is one of the path's
   * contracts.
   * @throws Fault
   */
  authenticate(
    ctx: RequestCtx<C>,
    req: Request,
    res: Response,
    contract: Contract,
  ): Promise<RequestCtx<C>['principal']>;
  /** The body, read and parsed but not validated; undefined when there is none. */
  readBody(req: Request, contract: Contract, ctx: RequestCtx<C>): Promise<unknown>;
  /** Writes a success. */
  send(
    req: Request,
    res: Response,
    reply: { status: number; body: unknown; headers: Record<string, string> },
    contract: Contract | undefined,
    ctx: RequestCtx<C>,
  ): void;
  /** Writes a refusal. */
  fault(req: Request, res: Response, fault: Fault, ctx: RequestCtx<C>): void;
  /** Answers OPTIONS where the system has an answer of its own. */
  options?(req: Request, res: Response, contracts: readonly Contract[], ctx: RequestCtx<C>): void;
  /** Methods for `Allow`, when not just those of the contracts. */
  allow?(contracts: readonly Contract[]): readonly string[];
  /** Whether HEAD is GET without a body here. */
  head?(contract: Contract): boolean;
}

/** What zod says of an issue beside its message, for dialects that name it. */
const FACTS = ['expected', 'minimum', 'maximum', 'inclusive', 'origin', 'keys', 'values', 'format', 'pattern'];
/** zod's issues as ours: path, rule, values; at most MAX_ISSUES. */
export const issuesOf = (error: z.ZodError, root: readonly PropertyKey[] = []): Issue[] =>
  error.issues.slice(0, MAX_ISSUES).map((issue) => {
    const { rule, values } = (issue as { params?: { rule?: string; values?: Record<string, unknown> } }).params ?? {};
    return {
      path: [...root, ...issue.path],
      rule: rule ?? issue.code,
      values: {
        ...Object.fromEntries(Object.entries(issue).filter(([name]) => FACTS.includes(name))),
        ...values,
        message: issue.message,
      },
    };
  });
const validated = (schema: z.ZodType | undefined, value: unknown, where: string): unknown => {
  if (!schema) return value;
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  throw invalid(issuesOf(found.error), where === 'params' ? 'params' : where === 'query' ? 'query' : 'validation');
};

/**
 * One part of a request, validated by its schema and then by the rules for all text. The schema goes first: its
 * refusals name every field at once, in the dialect's own words.
 */
const accepted = (
  schema: z.ZodType | undefined,
  value: unknown,
  where: 'params' | 'query' | 'body',
  itemised = false,
): unknown => {
  const found = validated(schema, value, where);
  if (!itemised) demandText(value, where === 'body' ? 'text' : where);
  return found;
};

/** Mounts endpoints in a router: one handler per path, which knows all methods of that path. */
export const mountEndpoints = <C extends Ctx>(
  router: Router,
  endpoints: readonly Endpoint<C>[],
  dialect: Dialect<C>,
  contextOf: (req: Request) => RequestCtx<C>,
): void => {
  const byPath = new Map<string, Map<string, Endpoint<C>>>();
  for (const { contract } of endpoints) demandDeclared(contract);
  for (const one of endpoints)
    for (const path of [one.contract.path, ...(one.contract.aliases ?? [])]) {
      let methods = byPath.get(path);
      if (!methods) byPath.set(path, (methods = new Map<string, Endpoint<C>>()));
      const name = one.contract.method.toUpperCase();
      if (methods.has(name)) throw new Error(`two endpoints for ${name} ${path}`);
      methods.set(name, one);
    }
  for (const [path, methods] of byPath) {
    const contracts = [...methods.values()].map((e) => e.contract);
    const allow = dialect.allow?.(contracts) ?? [...methods.keys()];
    const first = contracts[0] as Contract;
    router.all(path, (req: Request, res: Response, _next: NextFunction) => {
      const ctx = contextOf(req);
      void (async () => {
        try {
          dialect.negotiate?.(req, res, ctx);
          let found = methods.get(req.method);
          if (!found && req.method === 'HEAD') {
            const get = methods.get('GET');
            if (get && dialect.head?.(get.contract)) found = get;
          }
          if (found && ctx.checkResponses && dialect.api) watchAnswer(req, res, dialect.api, found.contract);
          const options = req.method === 'OPTIONS' && dialect.options !== undefined;
          const refuse = (): never => {
            throw new Fault('method', 'method_not_allowed', { allow, method: req.method });
          };
          if (!found && !options && dialect.order === 'method-first') refuse();
          ctx.principal = await dialect.authenticate(ctx, req, res, found?.contract ?? first);
          demandComponent(found?.contract ?? first, ctx.principal);
          if (found) demandWriting(found.contract, ctx.principal);
          if (options && !found) {
            dialect.options?.(req, res, contracts, ctx);
            return;
          }
          if (!found) return refuse();
          const { contract, handle } = found;
          const input = {
            params: accepted(contract.params, req.params, 'params'),
            query: accepted(contract.query, req.query, 'query'),
            body: contract.body
              ? accepted(contract.body, await dialect.readBody(req, contract, ctx), 'body', contract.itemised)
              : undefined,
            req,
            res,
          } as Input<Contract>;
          const result = await handle(ctx, input);
          if (res.headersSent || isUpgraded(req)) return;
          const reply = result instanceof Reply ? result : new Reply(result);
          if (
            ctx.checkResponses &&
            contract.response &&
            (reply.status ?? contract.status) === contract.status &&
            !Buffer.isBuffer(reply.body)
          )
            contract.response.parse(reply.body);
          dialect.send(
            req,
            res,
            { status: reply.status ?? contract.status, body: reply.body, headers: reply.headers },
            contract,
            ctx,
          );
        } catch (err) {
          refused(req, res, err, dialect, ctx);
        }
      })();
    });
  }
};

/** The one place where an error leaves the service. */
export const refused = <C extends Ctx>(
  req: Request,
  res: Response,
  err: unknown,
  dialect: Pick<Dialect<C>, 'fault'>,
  ctx: RequestCtx<C>,
): void => {
  const fault = asFault(err);
  // The route, not the address, which may hold a token or a signed link.
  if (fault.kind === 'internal')
    ctx.log.error(
      {
        err: fault.cause ?? fault,
        request_id: ctx.requestId,
        method: req.method,
        path: (req.route as { path?: string } | undefined)?.path,
      },
      'unexpected error',
    );
  else if (fault.kind === 'unavailable' || fault.kind === 'upstream') logRefusal(ctx, fault);
  else logAccessRefusal(req, fault, ctx);
  if (res.headersSent) {
    res.destroy();
    return;
  }
  try {
    // The rest of the body could be taken for the next request: the connection ends after this answer.
    if (announcesBody(req)) lingerBeforeClose(req, res);
    dialect.fault(req, res, fault, ctx);
  } catch (failure) {
    ctx.log.error({ err: failure, request_id: ctx.requestId, method: req.method }, 'a refusal could not be written');
    res.destroy();
  }
};
