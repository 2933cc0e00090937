import { z } from 'zod';
import type { Contract } from './endpoint.js';

type Json = Record<string, unknown>;
export interface ApiInfo {
  title: string;
  version: string;
  description?: string;
}

const SECURITY: Record<string, Json> = {
  'X-Auth-Token': { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
  Bearer: { type: 'http', scheme: 'bearer' },
  Token: { type: 'apiKey', in: 'header', name: 'Authorization', description: '`Token <40 hex digits>`' },
  'X-RH-IDENTITY': { type: 'apiKey', in: 'header', name: 'X-RH-IDENTITY' },
};

/** Moves `$defs` of one schema under `components/schemas`, so that a named schema stands once in the document. */
const collect =
  (components: Json) =>
  (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const { $schema: _, $defs = {}, ...root } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json & { $defs?: Json };
    const suffix = io === 'output' ? '' : 'Input';
    const fix = (value: unknown): Json =>
      JSON.parse(JSON.stringify(value).replace(/"#\/\$defs\/([^"]+)"/g, (_m, name) => `"#/components/schemas/${name}${suffix}"`)) as Json;
    for (const [name, definition] of Object.entries($defs)) {
      const { id: _id, ...rest } = fix(definition);
      components[`${name}${suffix}`] = rest;
    }
    return fix(root);
  };

/**
 * Writes the OpenAPI 3.1 document of a service from the contracts it serves.
 * @param security names of the schemes (keys of SECURITY) that non-public endpoints accept
 */
export function openapi(contracts: readonly Contract[], info: ApiInfo, security: readonly (keyof typeof SECURITY)[]): Json {
  const components: Json = {};
  const json = collect(components);
  const parameters = (schema: z.ZodType | undefined, where: 'path' | 'query'): Json[] => {
    if (!schema) return [];
    const { properties = {}, required = [] } = json(schema, 'input') as { properties?: Record<string, Json>; required?: string[] };
    return Object.entries(properties).map(([name, one]) => ({ name, in: where, required: where === 'path' || required.includes(name), schema: one }));
  };
  const paths: Record<string, Json> = {};
  for (const one of contracts)
    for (const path of [one.path, ...(one.aliases ?? [])]) {
      const names = [...path.matchAll(/[:*](\w+)/g)].map((m) => m[1] as string);
      const inPath = parameters(one.params, 'path');
      const declared = new Set(inPath.map((p) => p.name));
      const all = [
        ...inPath,
        ...names.filter((n) => !declared.has(n)).map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
        ...parameters(one.query, 'query'),
      ];
      const consumes = one.consumes ?? ['application/json'];
      const produces = one.produces ?? ['application/json'];
      const answer = one.response && json(one.response, 'output');
      (paths[path.replace(/[:*](\w+)/g, '{$1}')] ??= {})[one.method] = {
        summary: one.summary,
        description: `Source: ${one.source}`,
        operationId: `${one.method}_${path.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '')}`,
        ...(path !== one.path && { deprecated: true }),
        ...(all.length && { parameters: all }),
        ...(one.body && { requestBody: { content: Object.fromEntries(consumes.map((type) => [type, { schema: json(one.body as z.ZodType, 'input') }])) } }),
        responses: {
          [one.status]: {
            description: one.summary,
            ...(answer && { content: Object.fromEntries(produces.map((type) => [type, type.includes('json') ? { schema: answer } : {}])) }),
          },
          default: { description: "A fault in the service's dialect" },
        },
        security: one.access === 'public' || one.access === 'session' ? [] : security.map((name) => ({ [name]: [] })),
      };
    }
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: { schemas: components, securitySchemes: Object.fromEntries(security.map((name) => [name, SECURITY[name]])) },
  };
}
