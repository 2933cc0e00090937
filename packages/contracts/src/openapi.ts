import { z } from 'zod';
import {
  gatewayStatuses,
  HEADERS,
  isInternal,
  OF_MESSAGES,
  refusalsOf,
  type ApiDescription,
  type Example,
  type RefusalShape,
} from './document.js';
import type { Access, Contract } from './endpoint.js';

type Json = Record<string, unknown>;

/** Moves `$defs` of one schema under `components/schemas`, so that a named schema stands once in the document. */
const collect =
  (components: Json) =>
  (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const made = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json & { $defs?: Json; id?: string };
    const { $schema: _, $defs = {}, ...root } = made;
    const suffix = io === 'output' ? '' : 'Input';
    const fix = (value: unknown): Json =>
      JSON.parse(
        JSON.stringify(value).replace(/"#\/\$defs\/([^"]+)"/g, (_m, name) => `"#/components/schemas/${name}${suffix}"`),
      ) as Json;
    const keep = (name: string, definition: unknown): Json => {
      const { id: _id, ...rest } = fix(definition);
      components[`${name}${suffix}`] = rest;
      return { $ref: `#/components/schemas/${name}${suffix}` };
    };
    for (const [name, definition] of Object.entries($defs)) keep(name, definition);
    return made.id === undefined ? fix(root) : keep(made.id, root);
  };

/** Who may call, in a sentence. */
const CALLERS: Record<Access, string> = {
  public: 'Anybody may call; no credential is asked for.',
  user: 'Any user with a valid token may call.',
  staff: 'Staff users may call.',
  enduser: 'End users (users who are not staff) may call.',
  admin: 'Administrators of identity may call.',
  service: 'Registered components may call, with their own token.',
  'identity-header': 'Any user may call: named by a trusted proxy in `X-RH-IDENTITY`, or by a token.',
  session: 'A browser may call; the session cookie says who is signed in, if anybody is.',
};
const SAFE = new Set(['get', 'head', 'options']);
const asksForToken = ({ access }: Contract): boolean => access !== 'public' && access !== 'session';
/** What it does, who may call, and where that is written down. */
const describe = (one: Contract): string => {
  const changes = one.writes === true || !SAFE.has(one.method);
  const components = one.access !== 'service' && one.components !== undefined;
  const who = [
    CALLERS[one.access],
    ...(components ? ['Registered components may call as well.'] : []),
    ...(changes && asksForToken(one) && !one.evenReadOnly ? ['A read-only token is refused with 403.'] : []),
  ];
  return [one.description, who.join(' '), `Source: ${one.source}`].filter(Boolean).join('\n\n');
};
/** Whether a request without a body, or with an empty object, is refused. */
const needsBody = (body: z.ZodType): boolean => ![undefined, {}].some((nothing) => body.safeParse(nothing).success);
const WITH_EXAMPLE = new Set(['application/json', 'application/x-www-form-urlencoded']);
const exampleIn = (type: string, example: unknown): Json =>
  WITH_EXAMPLE.has(type) && example !== undefined ? { example } : {};

const pathNames = (path: string): string[] => [...path.matchAll(/[:*](\w+)/g)].map((m) => m[1] as string);
const operationId = (method: string, path: string): string =>
  `${method}_${path.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '')}`;

/** Writes the OpenAPI 3.1 document of a service from the contracts it serves; what is internal is left out. */
export function openapi(api: ApiDescription, contracts: readonly Contract[]): Json {
  const schemas: Json = {};
  const responses: Json = {};
  const headers: Json = {};
  const json = collect(schemas);
  const parameters = (schema: z.ZodType | undefined, where: 'path' | 'query'): Json[] => {
    if (!schema) return [];
    const {
      $schema: _,
      properties = {},
      required = [],
    } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    return Object.entries(properties as Record<string, Json>).map(([name, one]) => {
      const { description, ...rest } = one;
      const needed = where === 'path' || required.includes(name);
      return { name, in: where, required: needed, ...(description !== undefined && { description }), schema: rest };
    });
  };
  const headerRefs = (names: readonly (keyof typeof HEADERS)[]): Json => {
    for (const name of names) headers[name] = HEADERS[name];
    return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
  };
  const content = (types: RefusalShape['content'] = {}): Json =>
    Object.fromEntries(
      Object.entries(types).map(([type, schema]) => [type, schema ? { schema: json(schema, 'output') } : {}]),
    );
  const refusal = (status: number, contract: Contract): Json => {
    const { style, description, ...shape } = api.refusal(status, contract);
    const name = `${style}${status}`;
    responses[name] ??= {
      description,
      ...(shape.headers?.length && { headers: headerRefs(shape.headers) }),
      ...(shape.content && { content: content(shape.content) }),
    };
    return { $ref: `#/components/responses/${name}` };
  };
  const exampleOf = (one: Contract): Example => api.examples?.[`${one.method.toUpperCase()} ${one.path}`] ?? {};
  const success = (one: Contract): Json => {
    const produces = one.produces ?? ['application/json'];
    const answer = one.response && json(one.response, 'output');
    const body = Object.fromEntries(
      produces.map((type) => [
        type,
        type.includes('json') ? { schema: answer ?? {}, ...exampleIn(type, exampleOf(one).response) } : {},
      ]),
    );
    const bodied = answer !== undefined || one.produces !== undefined;
    return Object.fromEntries(
      [one.status, ...(one.answers ?? [])].map((status) => [
        status,
        status >= 300 && status < 400
          ? { description: 'Elsewhere', headers: headerRefs(['Location']) }
          : { description: one.summary, ...(bodied && status !== 204 && { content: body }) },
      ]),
    );
  };
  const operation = (one: Contract, path: string): Json => {
    const inPath = parameters(one.params, 'path').filter((p) => pathNames(path).includes(p.name as string));
    const declared = new Set(inPath.map((p) => p.name));
    const all = [
      ...inPath,
      ...pathNames(path)
        .filter((name) => !declared.has(name))
        .map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...parameters(one.query, 'query'),
      ...Object.entries(one.headers ?? {}).map(([name, description]) => ({
        name,
        in: 'header',
        description,
        schema: { type: 'string' },
      })),
    ];
    const consumes = one.consumes ?? ['application/json'];
    const security = api.security(one);
    const refused = [...refusalsOf(api, one), ...gatewayStatuses(path)];
    return {
      ...(one.area !== undefined && { tags: [one.area] }),
      summary: one.summary,
      description: describe(one),
      operationId: `${operationId(one.method, path)}${path === one.path ? '' : '_alias'}`,
      ...(path !== one.path && { deprecated: true }),
      ...(all.length && { parameters: all }),
      ...(one.body && {
        requestBody: {
          required: needsBody(one.body),
          content: Object.fromEntries(
            consumes.map((type) => [
              type,
              { schema: json(one.body as z.ZodType, 'input'), ...exampleIn(type, exampleOf(one).body) },
            ]),
          ),
        },
      }),
      ...(one.upload && {
        requestBody: {
          required: true,
          content: Object.fromEntries(consumes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
        },
      }),
      responses: { ...success(one), ...Object.fromEntries(refused.map((status) => [status, refusal(status, one)])) },
      security: security.map((together) => Object.fromEntries(together.map((name) => [name, []]))),
    };
  };
  const paths: Record<string, Json> = {};
  for (const one of contracts)
    if (!isInternal(one))
      for (const path of [one.path, ...(one.aliases ?? [])])
        (paths[path.replace(/[:*](\w+)/g, '{$1}')] ??= {})[one.method] = operation(one, path);
  const { title, version, description } = api;
  return {
    openapi: '3.1.0',
    info: {
      title,
      version,
      description: [description, OF_MESSAGES].filter(Boolean).join(' '),
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
      contact: { name: 'The maintainers of Nefos' },
    },
    servers: [{ url: '/', description: 'The gateway that serves this document' }],
    tags: Object.entries(api.areas).map(([name, about]) => ({ name, description: about })),
    paths,
    components: { schemas, responses, headers, securitySchemes: api.schemes },
  };
}
