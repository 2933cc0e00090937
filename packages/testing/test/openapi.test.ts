import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

type Json = Record<string, unknown>;
interface Operation {
  operationId: string;
  parameters?: { name: string; in: string }[];
  requestBody?: object;
  responses: Record<string, Json>;
  security: Record<string, unknown>[];
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: Json; responses: Record<string, Json> };
}
const fileOf = (name: string): string => path.join(__dirname, '../../../services', name, 'openapi.json');
const refsOf = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, one]) => (key === '$ref' && typeof one === 'string' ? [one] : refsOf(one)));
const at = (document: object, ref: string): unknown =>
  ref
    .slice(2)
    .split('/')
    .reduce<unknown>((found, key) => (found as Json | undefined)?.[key], document);

describe.each(['identity', 'compute', 'metering'])('the published OpenAPI document of %s', (name) => {
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
    expect(named(({ responses }) => Object.keys(responses).every((status) => /^[2-5]\d\d$/.test(status)))).toEqual([]);
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
        (one) => one.security.length > 0 || !refuses(one) || one.where.endsWith('/tokens') || one.where === '/ui/login',
      ),
    ).toEqual([]);
  });
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
