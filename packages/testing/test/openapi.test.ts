import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compute, identity, metering, type ApiDescription, type Contract } from '@nefos/contracts';
import { EXCHANGES } from '../../../services/metering/test/contract/exchanges.js';

type Json = Record<string, unknown>;
interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags?: string[];
  deprecated?: boolean;
  parameters?: { name: string; in: string }[];
  requestBody?: { required: boolean; content: object };
  responses: Record<string, Json>;
  security: Record<string, unknown>[];
}
interface Document {
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: Json; responses: Record<string, Json> };
}
/** A document's file: of a service, or another one of it behind a slash. */
const fileOf = (name: string): string => {
  const [service = '', file = 'openapi'] = name.split('/');
  return path.join(__dirname, '../../../services', service, `${file}.json`);
};
const refsOf = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, one]) => (key === '$ref' && typeof one === 'string' ? [one] : refsOf(one)));
const at = (document: object, ref: string): unknown =>
  ref
    .slice(2)
    .split('/')
    .reduce<unknown>((found, key) => (found as Json | undefined)?.[key], document);

/** The areas of each service, from the rules of the layers (an ES module, which Jest does not load). */
const AREAS = JSON.parse(
  execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { AREAS } from './scripts/dependency-cruiser.config.mjs'; process.stdout.write(JSON.stringify(AREAS))`,
    ],
    { cwd: path.join(__dirname, '../../..'), encoding: 'utf8' },
  ),
) as Record<string, string[]>;
/** Every contract in a module, also those inside lists and groups. */
const contractsIn = (value: unknown): Contract[] => {
  if (typeof value !== 'object' || value === null || '_zod' in value) return [];
  if ('method' in value && 'path' in value && 'access' in value) return [value as Contract];
  return Object.values(value).flatMap(contractsIn);
};

describe.each(['identity', 'compute', 'metering', 'introspection', 'introspection/openapi-baremetal'])(
  'the published OpenAPI document of %s',
  (name) => {
    const document = JSON.parse(readFileSync(fileOf(name), 'utf8')) as Document;
    const operations = Object.entries(document.paths).flatMap(([where, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, where, name: `${method} ${where}` })),
    );
    const named = (wanted: (one: (typeof operations)[number]) => boolean): string[] =>
      operations.filter((one) => !wanted(one)).map((one) => one.name);

    it('is valid OpenAPI 3.1', () => {
      const script = path.join(__dirname, '../validate-openapi.mjs');
      expect(execFileSync(process.execPath, [script, fileOf(name)], { encoding: 'utf8' })).toBe('');
    });
    it('has no errors by the recommended rules of Redocly', () => {
      const script = path.join(__dirname, '../lint-openapi.mjs');
      expect(execFileSync(process.execPath, [script, fileOf(name)], { encoding: 'utf8' })).toBe('');
    });
    it('has a tag for each area with endpoints, and every operation has one of them', () => {
      const declared = document.tags.map((one) => one.name);
      const used = new Set(operations.flatMap((one) => one.tags ?? []));
      expect(AREAS[name.split('/')[0] ?? '']).toEqual(expect.arrayContaining(declared));
      expect([...used].sort()).toEqual([...declared].sort());
      expect(named((one) => one.tags?.length === 1)).toEqual([]);
      expect(document.tags.filter((one) => !one.description.endsWith('.'))).toEqual([]);
    });
    it('says of every operation what it does, who may call and where that is written, in more than its title', () => {
      const parts = ({ description }: Operation): string[] => description.split('\n\n');
      expect(named((one) => parts(one).length === 3)).toEqual([]);
      expect(
        named((one) => (parts(one)[0] ?? '').endsWith('.') && !parts(one)[0]?.startsWith(one.summary + '.')),
      ).toEqual([]);
      expect(named((one) => / may call/.test(parts(one)[1] ?? ''))).toEqual([]);
      expect(named((one) => /^Source: \S/.test(parts(one)[2] ?? ''))).toEqual([]);
      expect(document.servers.map((one) => one.url)).toEqual(['/']);
    });
    it('points to nothing that is not there, and every operation has its own id', () => {
      expect(refsOf(document).filter((ref) => at(document, ref) === undefined)).toEqual([]);
      expect(new Set(operations.map((one) => one.operationId)).size).toBe(operations.length);
    });
    it('describes each parameter of each path', () => {
      expect(
        named(({ where, parameters = [] }) => {
          const inPath = parameters.filter((p) => p.in === 'path').map((p) => `{${p.name}}`);
          return JSON.stringify([...(where.match(/\{\w+\}/g) ?? [])].sort()) === JSON.stringify(inPath.sort());
        }),
      ).toEqual([]);
    });
    it('does not publish what services say to each other', () => {
      expect(Object.keys(document.paths).filter((where) => where.startsWith('/internal'))).toEqual([]);
    });
    it('names every status, none of them as "default", and the body of every refusal', () => {
      expect(
        named(({ responses }) => Object.keys(responses).every((status) => /^(101|[2-5]\d\d)$/.test(status))),
      ).toEqual([]);
      expect(named(({ responses }) => Object.keys(responses).some((status) => status >= '400'))).toEqual([]);
      const refusals = Object.entries(document.components.responses);
      expect(
        refusals
          .filter(([, one]) => !one.content && !/body is empty/.test(String(one.description)))
          .map(([said]) => said),
      ).toEqual([]);
      expect(named(({ requestBody, responses }) => !requestBody || '413' in responses)).toEqual([]);
    });
    it('names the credentials of every endpoint, and each of them is described', () => {
      const used = new Set(operations.flatMap((one) => one.security.flatMap((way) => Object.keys(way))));
      expect([...used].sort()).toEqual(Object.keys(document.components.securitySchemes).sort());
      const refuses = ({ responses }: Operation): boolean => '401' in responses;
      expect(
        named(
          (one) =>
            one.security.length > 0 || !refuses(one) || one.where.endsWith('/tokens') || one.where === '/ui/login',
        ),
      ).toEqual([]);
    });
  },
);

describe.each<[string, object, ApiDescription]>([
  ['identity', identity, identity.identityApi],
  ['compute', compute, compute.computeApi],
  ['metering', metering, metering.meteringApi],
])('the examples of %s', (_name, module, api) => {
  const contracts = new Map(contractsIn(module).map((one) => [`${one.method.toUpperCase()} ${one.path}`, one]));
  const examples = Object.entries(api.examples ?? {});

  it('belong to endpoints that there are', () => {
    expect(examples.length).toBeGreaterThan(5);
    expect(examples.map(([key]) => key).filter((key) => !contracts.has(key))).toEqual([]);
  });
  it.each(examples)('%s: its schemas accept them', (key, { body, response }) => {
    const found = contracts.get(key);
    if (body !== undefined) expect(found?.body?.safeParse(body)).toMatchObject({ success: true });
    if (response !== undefined) expect(found?.response?.safeParse(response)).toMatchObject({ success: true });
  });
});

it('the examples of metering are those that its replay sends and gets', () => {
  const replayed = EXCHANGES.map(({ answer }) => answer as { data?: unknown[] });
  const firstOf = (answer: { data?: unknown[] }): unknown => answer.data?.[0] ?? answer;
  for (const { response } of Object.values(metering.METERING_EXAMPLES))
    expect(replayed.map(firstOf)).toContainEqual(firstOf(response as { data?: unknown[] }));
});
it('what no client could guess stands there: an empty refusal, a path that is too long, messages that are wrong in themselves', () => {
  const { paths, components, info } = JSON.parse(readFileSync(fileOf('metering'), 'utf8')) as Document & {
    info: { description: string };
  };
  const reinspect = paths['/v2/images/{id}/reinspect/']?.post?.responses;
  expect(reinspect?.['403']).toEqual({ $ref: '#/components/responses/Bare403' });
  expect(components.responses.Bare403).not.toHaveProperty('content');
  expect(Object.keys(reinspect ?? {})).toContain('414');
  expect(info.description).toContain('417');
});
it("the browser's session is a credential of compute: the cookie alone reads, with the CSRF header it writes", () => {
  const { paths, components } = JSON.parse(readFileSync(fileOf('compute'), 'utf8')) as Document;
  expect(components.securitySchemes).toMatchObject({
    session: { type: 'apiKey', in: 'cookie', name: 'sessionid' },
    csrf: { type: 'apiKey', in: 'header', name: 'X-CSRFToken' },
  });
  expect(paths['/api/tokens']?.get?.security).toEqual([{ Token: [] }, { session: [] }]);
  expect(paths['/api/tokens']?.post?.security).toEqual([{ Token: [] }, { session: [], csrf: [] }]);
  expect(paths['/api/login']?.post?.security).toEqual([]);
});
