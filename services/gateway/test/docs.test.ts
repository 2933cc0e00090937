import http from 'node:http';
import { readGatewayConfig } from '../src/config.js';
import { DOCUMENTS } from '../src/documents.js';
import { start } from '../src/start.js';

describe('/docs', () => {
  let port: number;
  let stop: () => Promise<void>;
  const send = (method: string, path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }>((resolve, reject) => {
      http
        .request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (res) => {
          let text = '';
          res.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text }));
        })
        .on('error', reject)
        .end();
    });
  beforeAll(async () => {
    ({ port, stop } = await start(
      readGatewayConfig({
        NEFOS_LOG_LEVEL: 'silent',
        NEFOS_GATEWAY_PORT: '0',
        NEFOS_IDENTITY_URL: 'http://127.0.0.1:1',
        NEFOS_COMPUTE_URL: 'http://127.0.0.1:1',
        NEFOS_METERING_URL: 'http://127.0.0.1:1',
        NEFOS_INTROSPECTION_URL: 'http://127.0.0.1:1',
        NEFOS_DRAIN_SECONDS: '0',
      }),
    ));
  });
  afterAll(() => stop());

  it('200: one page, which a strict policy keeps to this origin; the index links it', async () => {
    const res = await send('GET', '/docs');
    expect(res.status).toBe(200);
    expect(res.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    });
    const policy = String(res.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(res.text).not.toMatch(/<script>|<style| style=| on\w+=|https?:|href="\/\/|src="\/\//);
    expect((JSON.parse((await send('GET', '/')).text) as { docs: string }).docs).toMatch(/\/docs$/);
  });
  it('308: with a slash at the end, to the page', async () => {
    const res = await send('GET', '/docs/');
    expect([res.status, new URL(String(res.headers.location), 'http://host/below/docs/').pathname]).toEqual([
      308,
      '/below/docs',
    ]);
  });
  it('200: every address on the page is there, with its type and a day in caches; with its tag 304', async () => {
    const { text } = await send('GET', '/docs');
    const addresses = [...text.matchAll(/(?:src|href)="(docs\/[^"]+)"/g)].map(([, one]) => `/${one}`);
    expect(addresses).toHaveLength(6);
    for (const address of addresses) {
      const res = await send('GET', address);
      const type = { js: /^text\/javascript/, css: /^text\/css/, png: /^image\/png/ }[address.split('.').at(-1) ?? ''];
      expect([address, res.status]).toEqual([address, 200]);
      expect(res.headers['content-type']).toMatch(type as RegExp);
      expect(res.headers['x-content-type-options']).toBe('nosniff');
      expect(res.headers['cache-control']).toBe(address.endsWith('page.js') ? 'no-cache' : 'public, max-age=86400');
      const again = await send('GET', address, { 'If-None-Match': String(res.headers.etag) });
      expect([again.status, again.text]).toEqual([304, '']);
    }
  });
  it('200: the viewer offers the documents of the three services, and asks no validator elsewhere', async () => {
    const { text } = await send('GET', '/docs/page.js');
    let options: { urls: unknown; validatorUrl: unknown; presets: unknown } | undefined;
    const bundle = Object.assign((given: typeof options) => (options = given), { presets: { apis: 'apis' } });
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- runs our own page
    new Function('SwaggerUIBundle', 'SwaggerUIStandalonePreset', text)(bundle, 'preset');
    expect(options).toMatchObject({
      urls: DOCUMENTS.map(({ name }) => ({ name, url: `openapi/${name}.json` })),
      validatorUrl: null,
      presets: ['apis', 'preset'],
    });
  });
  it('HEAD: the headers alone', async () => {
    for (const path of ['/docs', '/docs/swagger-ui.css']) {
      const [head, get] = [await send('HEAD', path), await send('GET', path)];
      expect([head.status, head.text]).toEqual([200, '']);
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
      expect(head.headers.etag).toBe(get.headers.etag);
    }
  });
  it('404: an asset that is not there, also one that climbs out; 405: another method', async () => {
    for (const path of ['/docs/nothing.js', '/docs/../package.json', '/docs/%2e%2e/package.json', '/docs/index.html'])
      expect([path, (await send('GET', path)).status]).toEqual([path, 404]);
    expect((await send('POST', '/docs')).status).toBe(405);
  });
});
