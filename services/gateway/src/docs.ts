import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { cachedDocument, sendDocument, type CachedDocument } from '@nefos/service-kit';

type Page = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/**
 * Nothing from another host and no inline script. The viewer shows small images as `data:`, and calls the API of this
 * origin. React sets styles by script, which `style-src 'self'` allows.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
};
const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

/** The page at /docs; its addresses are relative, so that it works below a prefix as well. */
const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nefos API</title>
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="stylesheet" href="docs/index.css">
<script src="docs/swagger-ui-bundle.js" defer></script>
<script src="docs/swagger-ui-standalone-preset.js" defer></script>
<script src="docs/page.js" defer></script>
</head>
<body>
<div id="docs"></div>
<noscript>This page needs JavaScript. The documents are listed at <a href="openapi">/openapi</a>.</noscript>
</body>
</html>
`;
/**
 * Starts the viewer with a selector of the documents. `validatorUrl` null: no document is sent to a validator
 * elsewhere.
 */
const script = (services: readonly string[]): string => `SwaggerUIBundle(${JSON.stringify({
  dom_id: '#docs',
  urls: services.map((name) => ({ name, url: `openapi/${name}.json` })),
  layout: 'StandaloneLayout',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
}).replace(/\}$/, ',"presets":[SwaggerUIBundle.presets.apis,SwaggerUIStandalonePreset]}')});
`;

const send = (req: IncomingMessage, res: ServerResponse, document: CachedDocument, type: string, seconds = 0): void =>
  sendDocument(req, res, document, {
    'Content-Type': type,
    'Cache-Control': seconds ? `public, max-age=${seconds}` : 'no-cache',
    ...HEADERS,
  });
const made = (text: string, type: string): Page => {
  const document = cachedDocument(Buffer.from(text));
  return (req, res) => Promise.resolve(send(req, res, document, type));
};
const DAY = 86_400;
/** A file of the viewer's package, read when it is first asked for. */
const file = (name: string, type: string): Page => {
  let document: Promise<CachedDocument> | undefined;
  const read = async (): Promise<CachedDocument> => {
    const folder = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
    return cachedDocument(await readFile(path.join(folder, name)));
  };
  return async (req, res) => {
    document ??= read();
    try {
      send(req, res, await document, type, DAY);
    } catch (err) {
      document = undefined;
      throw err;
    }
  };
};

/** Swagger UI at /docs with the documents of `services`: its pages by path, everything from this origin. */
export const docsPages = (services: readonly string[]): readonly (readonly [path: string, page: Page])[] => [
  ['/docs', made(page, HTML)],
  ['/docs/page.js', made(script(services), SCRIPT)],
  ...['swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js'].map(
    (name) => [`/docs/${name}`, file(name, SCRIPT)] as const,
  ),
  ...['swagger-ui.css', 'index.css'].map((name) => [`/docs/${name}`, file(name, STYLE)] as const),
  ['/docs/favicon-32x32.png', file('favicon-32x32.png', 'image/png')],
];
