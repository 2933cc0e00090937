import type { IncomingMessage } from 'node:http';
import { identity } from '@nefos/contracts';

/** A request that may be answered before Express sees it, recognised by its plain spelling alone. */
export type HotRequest =
  | { operation: 'authenticate'; token: string }
  | { operation: 'tokens_get'; token: string; id: string }
  | { operation: 'tokens_post' }
  | { operation: 'v3_tokens_get'; token: string; subject: string; catalog: boolean };

const AUTHENTICATE = identity.authenticate.path;
const TOKENS = identity.postTokens.path;
const V3_TOKENS = identity.getV3Token.path;
/** Bytes of the largest body that is read here. */
const LARGEST_BODY = 4096;
const PLAIN_TOKEN = /^[A-Za-z0-9_-]{24,}$/;
const POST: HotRequest = { operation: 'tokens_post' };

const header = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '');
const wantsXml = ({ headers }: IncomingMessage): boolean => header(headers.accept).includes('xml');

const recognizeV3 = ({ headers }: IncomingMessage, token: string, query: string): HotRequest | undefined => {
  const subject = header(headers['x-subject-token']);
  if (!subject || (query !== '' && query !== '?nocatalog' && query !== '?nocatalog=1')) return undefined;
  return { operation: 'v3_tokens_get', token, subject, catalog: query === '' };
};
const recognizeGet = (req: IncomingMessage, url: string): HotRequest | undefined => {
  const token = header(req.headers['x-auth-token']);
  if (!token) return undefined;
  if (url === AUTHENTICATE || url === `${AUTHENTICATE}/`) return { operation: 'authenticate', token };
  if (url.startsWith(V3_TOKENS)) return recognizeV3(req, token, url.slice(V3_TOKENS.length));
  if (!url.startsWith(`${TOKENS}/`)) return undefined;
  const id = url.slice(TOKENS.length + 1);
  return PLAIN_TOKEN.test(id) && !wantsXml(req) ? { operation: 'tokens_get', token, id } : undefined;
};
const recognizePost = (req: IncomingMessage, url: string): HotRequest | undefined => {
  if (url !== TOKENS && url !== `${TOKENS}/`) return undefined;
  const { headers } = req;
  const length = Number(headers['content-length'] ?? 0);
  const plain =
    length > 0 &&
    length <= LARGEST_BODY &&
    headers['transfer-encoding'] === undefined &&
    header(headers['content-type']).startsWith('application/json') &&
    !wantsXml(req);
  return plain ? POST : undefined;
};
/** Which of the hot requests this is; undefined for every other one. */
export const recognize = (req: IncomingMessage): HotRequest | undefined => {
  const { method, url = '' } = req;
  if (method === 'GET') return recognizeGet(req, url);
  return method === 'POST' ? recognizePost(req, url) : undefined;
};
