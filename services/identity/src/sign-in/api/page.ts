import { Reply } from '@nefos/service-kit';

const HEADERS = {
  'Content-Type': 'text/html; charset=UTF-8',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
};
const STYLE = [
  'body{font:16px/1.5 system-ui,sans-serif;max-width:24em;margin:12vh auto;padding:0 1em}',
  'label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}',
  'input,button{padding:.5em;margin:.2em 0 1em}',
  '.wrong{color:#a00}',
].join('');
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** The text, escaped for HTML and its attributes. */
export const html = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
/** A page in plain HTML without scripts. @param body in HTML */
export const page = (title: string, body: string, status = 200): Reply => {
  const head =
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width">' + `<title>${html(title)}</title>`;
  return new Reply(
    Buffer.from(`<!doctype html>
<html lang="en"><head>${head}
<style>${STYLE}</style></head>
<body><h1>${html(title)}</h1>${body}</body></html>
`),
    { status, headers: HEADERS },
  );
};
export const redirect = (to: string, headers: Record<string, string> = {}): Reply =>
  new Reply(Buffer.alloc(0), { status: 302, headers: { Location: to, ...headers } });
/**
 * The path to go on to, if it is one of ours, else the landing page: a link to our page must not lead to another site.
 */
export const safeNext = (next: string | undefined): string =>
  next && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) && !next.includes('\\') ? next : '/ui/landing';
/** A message of refusal, in HTML. */
export const warning = (text: string): string => `<p class="wrong" role="alert">${html(text)}</p>`;
/** A hidden field of a form, in HTML. */
export const hidden = (name: string, value: string): string =>
  `<input type="hidden" name="${name}" value="${html(value)}">`;
