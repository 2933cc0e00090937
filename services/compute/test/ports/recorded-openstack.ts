import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the recorded cloud got it. */
export interface Heard {
  method: string;
  path: string;
  query: URLSearchParams;
  token: string | undefined;
  version: string | undefined;
  body: unknown;
}
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}
type Answer = (heard: Heard) => Reply | 'silence' | undefined;

/**
 * Not an OpenStack: a server that answers as one did when it was recorded (Zed), for what a real one can not be brought
 * to do in a test. It issues tokens `token-1`, `token-2`; everything else is answered by `answer`.
 */
export const recordedOpenstack = async () => {
  const heard: Heard[] = [];
  const state = {
    /** Seconds that a token lives. */
    life: 3600,
    issued: 0,
    newest: '2.93',
    /** Cinder's newest microversion; null: there is none. */
    cinder: null as string | null,
    answer: (() => undefined) as Answer,
    /** Tokens that are refused from now on. */
    dead: new Set<string>(),
    /** Interfaces and regions of the catalog, beside the public one of RegionOne. */
    elsewhere: [] as { interface: string; region_id: string; url: string }[],
  };
  const server = http.createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const url = new URL(req.url ?? '', 'http://recorded');
      const text = Buffer.concat(chunks).toString();
      const one: Heard = {
        method: req.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        token: req.headers['x-auth-token'] as string | undefined,
        version: req.headers['openstack-api-version'] as string | undefined,
        body: text ? (JSON.parse(text) as unknown) : undefined,
      };
      heard.push(one);
      const reply = state.answer(one) ?? standard(one);
      if (reply === 'silence') return;
      const { status = 200, headers = {}, body } = reply;
      res
        .writeHead(status, { 'Content-Type': 'application/json', ...headers })
        .end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const endpoints = (address: string) => [
    { interface: 'public', region_id: 'RegionOne', region: 'RegionOne', url: address },
    ...state.elsewhere,
  ];
  const token = (): Reply => {
    state.issued += 1;
    const now = Date.now();
    return {
      status: 201,
      headers: { 'X-Subject-Token': `token-${state.issued}` },
      body: {
        token: {
          issued_at: new Date(now).toISOString(),
          expires_at: new Date(now + state.life * 1000).toISOString(),
          user: { id: 'user-1' },
          project: { id: 'project-1', domain: { id: 'default' } },
          catalog: [
            { type: 'compute', endpoints: endpoints(`${url}/compute/v2.1/project-1`) },
            { type: 'image', endpoints: endpoints(`${url}/image`) },
            { type: 'network', endpoints: endpoints(`${url}/network/`) },
            ...(state.cinder === null
              ? []
              : [{ type: 'volumev3', endpoints: endpoints(`${url}/volume/v3/project-1`) }]),
          ],
        },
      },
    };
  };
  const standard = ({ path, token: shown }: Heard): Reply => {
    if (path === '/v3/auth/tokens') return token();
    if (shown === undefined || state.dead.has(shown))
      return {
        status: 401,
        body: { error: { code: 401, message: 'The request you have made requires authentication.' } },
      };
    if (path === '/compute/v2.1/')
      return { body: { version: { id: 'v2.1', version: state.newest, min_version: '2.1' } } };
    if (path === '/volume/v3/')
      return { body: { versions: [{ id: 'v3.0', version: state.cinder, min_version: '3.0' }] } };
    return { body: {} };
  };
  return {
    url,
    heard,
    state,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
