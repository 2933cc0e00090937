import { readFileSync } from 'node:fs';
import path from 'node:path';
import { docsPages } from '../src/docs.js';
import { DOCUMENTS } from '../src/documents.js';
import { bodyLimitOf, isSocket, isUpload, routeOf } from '../src/routes.js';

// That a real nginx takes the file and answers as the gateway does is tried by `npm run test:interop`.
const text = readFileSync(path.resolve(__dirname, '../../../deploy/nginx.conf'), 'utf8').replace(/ #.*|^#.*/gm, '');
interface Location {
  how: string;
  of: string;
  body: string;
}
const locations: Location[] = [...text.matchAll(/^ {2}location (?:(=|~) )?(\S+) +\{([^]*?)(?:^ {2}| )\}$/gm)].map(
  ([, how = '', of = '', body = '']) => ({ how, of, body }),
);
/** As nginx chooses: the exact one, then the first expression that fits, then the longest beginning. */
const chosen = (at: string): Location | undefined =>
  locations.find((one) => one.how === '=' && one.of === at) ??
  locations.find((one) => one.how === '~' && new RegExp(one.of).test(at)) ??
  locations
    .filter((one) => one.how === '' && !one.of.startsWith('@') && at.startsWith(one.of))
    .sort((a, b) => b.of.length - a.of.length)[0];
const serviceOf = (at: string): string | undefined => /proxy_pass http:\/\/(\w+);/.exec(chosen(at)?.body ?? '')?.[1];

describe('deploy/nginx.conf', () => {
  it('leads each path where the gateway leads it', () => {
    expect(locations.length).toBeGreaterThan(8);
    const prefixes = [
      '/identity',
      '/account',
      '/ui',
      '/weblogin',
      '/login',
      '/oauth2',
      '/feedback',
      '/user_catalogs',
      '/service/api',
      '/v2',
      '/api/v2',
    ];
    prefixes.push(
      '/api/cloudigrade/v2',
      '/staffapi',
      '/console',
      '/backend',
      '/api',
      '/api/v0',
      '/api/v0/x',
      '/internal',
      '/metrics',
      '/readyz',
      '/identityx',
      '/v20',
      '/v1',
      '/v10',
      '/baremetal',
      '/else',
    );
    for (const prefix of prefixes)
      for (const at of [prefix, `${prefix}/`, `${prefix}/some/thing`])
        expect([at, serviceOf(at)]).toEqual([at, routeOf(at)]);
  });
  it('lets data of images pass whatever its size, and nothing else', () => {
    const at = '/openstack/images/b8e54aa5-eca9-454a-adaf-00fbc659755e/file';
    for (const root of ['/api', '/staffapi', '/backend/api', '/backend/staffapi'])
      for (const path of [`${root}${at}`, `${root}${at}/`]) {
        expect([path, isUpload('PUT', path), serviceOf(path)]).toEqual([path, true, 'compute']);
        expect(chosen(path)?.body).toContain('client_max_body_size 0;');
      }
    for (const path of [`/api${at}s`, `/api${at}/x`, '/api/openstack/images', `/identity${at}`, `/x/api${at}`])
      expect([path, chosen(path)?.body.includes('client_max_body_size')]).toEqual([path, false]);
  });
  it('lets reports of machines have 32 MiB, and no other body of introspection', () => {
    const reports = ['/v1/continue', '/v1/introspection/a-node/data/unprocessed', '/baremetal/v1/continue_inspection'];
    for (const at of [...reports, ...reports.map((one) => `${one}/`)]) {
      expect([at, bodyLimitOf('POST', at, 1), serviceOf(at)]).toEqual([at, 32 * 1024 * 1024, 'introspection']);
      expect(chosen(at)?.body).toContain('client_max_body_size 32m;');
    }
    for (const at of ['/v1/rules', '/v1/continue/x', '/v1/introspection/a/b/data/unprocessed', '/baremetal/v1/nodes']) {
      const large = chosen(at)?.body.includes('client_max_body_size');
      expect([at, bodyLimitOf('POST', at, 1), large]).toEqual([at, 1, false]);
    }
  });
  it('lets the sockets of consoles become WebSockets, and nothing else, with all the headers of the others', () => {
    const [, headers = ''] = /proxy_http_version([^]*?)\n\n/.exec(text) ?? [];
    const common = [...headers.matchAll(/proxy_set_header (\S+)/g)].map(([, name]) => name);
    expect(common.length).toBeGreaterThan(4);
    for (const path of ['/console/socket', '/console/socket/', '/backend/console/socket']) {
      expect([path, isSocket(path), serviceOf(path)]).toEqual([path, true, 'compute']);
      const body = chosen(path)?.body ?? '';
      for (const name of ['Upgrade', ...common])
        expect([path, body.includes(`proxy_set_header ${name} `)]).toEqual([path, true]);
    }
    for (const path of ['/console/vnc', '/console/socket/x', '/api/console/socket', '/staffapi/clients', '/'])
      expect([path, isSocket(path), /\$nefos_upgrade/.test(chosen(path)?.body ?? '')]).toEqual([path, false, false]);
  });
  it('logs no part of a token in a path, and no query', () => {
    const rules = [...text.matchAll(/^ {2}"~(\*?)(\S+)" "?([^";]*)"?;$/gm)].map(([, any, rule = '', to = '']) => ({
      rule: new RegExp(rule, any ? 'i' : ''),
      to,
    }));
    const logged = (at: string): string | undefined => {
      for (const { rule, to } of rules) {
        const found = rule.exec(at);
        if (found) return to.replace(/\$(\w+)/g, (_all, name: string) => found.groups?.[name] ?? '');
      }
      return undefined;
    };
    for (const at of ['/identity/v2.0/tokens/S', '/v2.0//tokens//S/S==?x=1', '/identity/v2.0/Tokens%2fS/endpoints'])
      expect(logged(at)).toMatch(/\/tokens\/\*{3}$/i);
    expect(logged('/staffapi/clients?next=/tokens/S')).toBe('/staffapi/clients');
    expect(text).toContain('access_log /var/log/nginx/access.log nefos;');
  });
  it("answers the gateway's own pages", () => {
    for (const at of ['/', '/healthz', '/openapi', '/docs', '/docs/page.js'])
      expect([at, chosen(at)?.how, chosen(at)?.body.includes('return 404')]).toEqual([at, '=', false]);
    for (const { name, service, path: at } of DOCUMENTS) {
      expect(chosen(`/openapi/${name}.json`)?.body.trim()).toBe(`proxy_pass http://${service}${at};`);
      expect(chosen('/openapi')?.body).toContain(`"${name}":"$public_url/openapi/${name}.json"`);
      expect(chosen('/docs/page.js')?.body).toContain(`{"name":"${name}","url":"openapi/${name}.json"}`);
    }
  });
  it('serves the viewer of the documents as the gateway does', () => {
    const source = readFileSync(path.resolve(__dirname, '../src/docs.ts'), 'utf8');
    const page = /<!doctype[^`]+/.exec(source)?.[0];
    expect(chosen('/docs')?.body).toContain(`return 200 '${String(page)}';`);
    for (const [at] of docsPages(DOCUMENTS.map(({ name }) => name))) {
      const { how, body } = chosen(at) ?? {};
      expect([at, how, body?.includes('$docs_policy')]).toEqual([
        at,
        at.includes('.') && !at.endsWith('page.js') ? '~' : '=',
        true,
      ]);
    }
    expect(chosen('/docs/')?.body.trim()).toBe('return 308 ../docs;');
    expect(chosen('/docs/package.json')?.body.trim()).toBe('return 404;');
  });
});
