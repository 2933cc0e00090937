import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDocument, sendDocument, type CachedDocument } from '@nefos/service-kit';
import express, { type Request, type Response, type Router } from 'express';
import type { ConsoleType } from '../domain/consoles.js';

/** Pages and scripts of our own. */
const PAGES = fileURLToPath(new URL('../../../static/console/', import.meta.url));
const require = createRequire(import.meta.url);
/** The folder of a package, from the file that the package exports. */
const NOVNC = path.join(path.dirname(require.resolve('@novnc/novnc')), '..');
const XTERM = path.dirname(require.resolve('@xterm/xterm/package.json'));

/**
 * Nothing from another host and no inline script. noVNC shows parts of the screen as `data:` images. xterm.js writes
 * its style sheets by script, for which there is no other word than 'unsafe-inline'; its page has nothing else that
 * could be styled.
 */
const policyOf = (type: ConsoleType | undefined, origin: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${type === 'serial' ? " 'unsafe-inline'" : ''}`,
    "img-src 'self' data: blob:",
    // Browsers of before 2022 do not count the WebSockets of this origin as 'self'.
    `connect-src 'self' ${origin.replace(/^http/, 'ws')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
const headersOf = (type: ConsoleType | undefined, publicUrl: string): Record<string, string> => ({
  'Content-Security-Policy': policyOf(type, new URL(publicUrl).origin),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
});

const pages = new Map<ConsoleType, Promise<CachedDocument>>();
/** Sends the page of a type of consoles; it is read when it is first asked for. */
export const sendPage = async (req: Request, res: Response, type: ConsoleType, publicUrl: string): Promise<void> => {
  let page = pages.get(type);
  if (!page) pages.set(type, (page = readFile(path.join(PAGES, `${type}.html`)).then(cachedDocument)));
  sendDocument(req, res, await page, { 'Content-Type': 'text/html; charset=utf-8', ...headersOf(type, publicUrl) });
};

/**
 * The files of the pages, and those of the two viewers as their packages have them. They are the same for everybody, so
 * they are no endpoints with contracts.
 */
export const consoleFiles = (publicUrl: string): Router => {
  const headers = headersOf(undefined, publicUrl);
  const router = express.Router({ caseSensitive: true });
  const serve = (at: string, folder: string, maxAge: string): void => {
    router.use(
      `/console/files/${at}`,
      express.static(folder, {
        index: false,
        redirect: false,
        maxAge,
        setHeaders: (res) => {
          for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
        },
      }),
    );
  };
  serve('novnc/core', path.join(NOVNC, 'core'), '1d');
  serve('novnc/vendor', path.join(NOVNC, 'vendor'), '1d');
  serve('xterm/lib', path.join(XTERM, 'lib'), '1d');
  serve('xterm/css', path.join(XTERM, 'css'), '1d');
  serve('page', PAGES, '0');
  return router;
};
