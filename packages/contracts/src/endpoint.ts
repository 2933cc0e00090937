import type { z } from 'zod';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options';

/**
 * Who may call an endpoint at all. What a caller may do to which row is decided in the service's domain.
 * `public`: no credentials. `user`: any live user. `staff`: staff users. `enduser`: users who are not staff.
 * `admin`: an administrator of the service. `service`: a registered component. `identity-header`: a trusted
 * `X-RH-IDENTITY` or a platform token. `session`: the browser's cookie, if there is one.
 */
export type Access = 'public' | 'user' | 'staff' | 'enduser' | 'admin' | 'service' | 'identity-header' | 'session';

/**
 * Rights of a component beyond checking tokens. `users.manage`: creates users, checks their passwords and issues their
 * tokens. `events.send`: sends events to metering.
 */
export const COMPONENT_RIGHTS = ['users.manage', 'events.send'] as const;
export type ComponentRight = (typeof COMPONENT_RIGHTS)[number];

type Schema = z.ZodType;
/**
 * The declarative half of an endpoint. The service imports it and adds the handler; the client imports it and adds the
 * call.
 */
export interface Contract<
  P extends Schema = Schema,
  Q extends Schema = Schema,
  B extends Schema = Schema,
  R extends Schema = Schema,
> {
  readonly method: Method;
  /** A GET that changes data, as in the original system. CSRF and read-only tokens are judged as for a POST. */
  readonly writes?: true;
  /**
   * A read-only token may call it though the method is unsafe: a query in the form of a POST, or revoking the token
   * itself.
   */
  readonly evenReadOnly?: true;
  /** Express 5 path, without a trailing slash and without the deployment prefix. */
  readonly path: string;
  /** Further paths served by the same handler. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** What it does and answers, for the OpenAPI document, which adds who may call and the source. */
  readonly description?: string;
  /** Area of the service that answers it; the tag in the OpenAPI document. Set by `contractIn`. */
  readonly area?: string;
  /** Where the shape stands, e.g. "contract identity §5.3". */
  readonly source: string;
  readonly access: Access;
  /**
   * Which components may call: all (`any`), or those with this right. Absent: none. Required for endpoints with access
   * `service`.
   */
  readonly components?: 'any' | ComponentRight;
  readonly params?: P;
  readonly query?: Q;
  /** Absent: the endpoint reads no body. */
  readonly body?: B;
  /**
   * The body is data (`consumes`), which the handler takes as a stream, in parts. The limits of other bodies do not
   * hold for it: neither those of size (here and at the gateway) nor the time limit of a request.
   */
  readonly upload?: true;
  /** The request offers a WebSocket, which the connection becomes; without the offer the answer is 426. */
  readonly upgrade?: 'websocket';
  /**
   * The body is a batch and the handler judges its items one by one: text that can not be stored refuses its item only.
   */
  readonly itemised?: boolean;
  /** The body may be missing. */
  readonly optionalBody?: true;
  /** Whole numbers in the body may be larger than 2^53; the handler gets them as bigint. */
  readonly longNumbers?: true;
  /** Code of the refusal of a body that its schema refuses, where that is one fixed sentence. */
  readonly bodyRefusal?: string;
  /**
   * Stands in the original's own guide: a wrong method is 400 (contract identity §1.2), and an alias names its
   * successor.
   */
  readonly ofGuide?: true;
  /** Status of a plain success. */
  readonly status: number;
  readonly response?: R;
  /** Further statuses of answers that are no refusal, for example a redirect. */
  readonly answers?: readonly number[];
  /** Refusals that do not follow from the rest of the declaration (those: `<service>/document.ts`), e.g. a conflict. */
  readonly refusals?: readonly number[];
  /** Headers that the endpoint reads, beyond the credentials: name and what it says. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Media types of the request body, when not only JSON. */
  readonly consumes?: readonly string[];
  /** Media types of the answer, when not only JSON. */
  readonly produces?: readonly string[];
}

type Infer<S, Absent> = S extends Schema ? z.infer<S> : Absent;
export type ParamsOf<C> = C extends { params: infer S } ? Infer<S, Record<string, string>> : Record<string, string>;
export type QueryOf<C> = C extends { query: infer S } ? Infer<S, Record<string, never>> : Record<string, never>;
export type BodyOf<C> = C extends { body: infer S } ? Infer<S, undefined> : undefined;
export type ResponseOf<C> = C extends { response: infer S } ? Infer<S, unknown> : unknown;

/** Declares an endpoint; exists for the inference of its four schemas. */
export const contract = <const C extends Contract>(declaration: C): C => declaration;
/** Declares the endpoints of one area of a service (the areas stand in scripts/dependency-cruiser.config.mjs). */
export const contractIn =
  (area: string) =>
  <const C extends Contract>(declaration: C): C => ({ area, ...declaration });
