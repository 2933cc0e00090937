import type { Request } from 'express';
import { wantsXml } from './format.js';

const ask = (originalUrl: string, accept?: string): boolean =>
  wantsXml({
    originalUrl,
    query: Object.fromEntries(new URL(originalUrl, 'http://x').searchParams),
    headers: { accept },
  } as unknown as Request);
it.each([
  ['/x', undefined, false],
  ['/x', '*/*', false],
  ['/x', 'text/xml', false],
  ['/x', 'application/xml', true],
  ['/x?format=xml', 'application/json', true],
  ['/x?format=json', 'application/xml', false],
  ['/x?format=yaml', 'application/xml', true],
  ['/x.xml', 'application/json', true],
  ['/x.json', 'application/xml', false],
  ['/x', 'application/xml;q=0.1, application/json', true],
  ['/x', 'text/html,application/xhtml+xml,application/xml;q=0.9', true],
] as const)('%s with Accept %s: XML %s', (url, accept, wanted) => {
  expect(ask(url, accept)).toBe(wanted);
});
