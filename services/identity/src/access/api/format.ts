import type { Request } from 'express';

export const JSON_TYPE = 'application/json; charset=UTF-8';
export const XML_TYPE = 'application/xml; charset=UTF-8';
/** The path of the request without query and trailing slash. */
export const pathOf = (req: Request): string => {
  const path = req.originalUrl.split('?', 1)[0] ?? '';
  return path.length > 1 ? path.replace(/\/$/, '') : path;
};
/**
 * Whether the answer is XML instead of JSON: by `?format=`, the path's extension, the first such type in Accept
 * (contract identity §1.4). The quality values of Accept are ignored.
 */
export const wantsXml = (req: Request): boolean => {
  const { format } = req.query;
  if (format === 'json' || format === 'xml') return format === 'xml';
  const path = pathOf(req);
  if (path.endsWith('.json') || path.endsWith('.xml')) return path.endsWith('.xml');
  for (const item of (req.headers.accept ?? '').split(',')) {
    const type = item.split(';', 1)[0]?.trim();
    if (type === 'application/json') return false;
    if (type === 'application/xml') return true;
  }
  return false;
};
