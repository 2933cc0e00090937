import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendDocument, writeJson, type Log } from '@nefos/service-kit';
import { docsPages } from './docs.js';
import { DOCUMENTS, makeDocument } from './documents.js';
import { refuse } from './refuse.js';
import type { ServiceName } from './routes.js';
import { ask, type Upstream } from './upstream.js';

const json = (res: ServerResponse, status: number, body: unknown): void =>
  writeJson(res, status, body, { 'Cache-Control': 'no-store' });

/** The page at `/`: the addresses of the APIs and of their documents. */
const index = (publicUrl: string): object => ({
  name: 'Nefos',
  services: {
    identity: {
      apis: [`${publicUrl}/identity/`, `${publicUrl}/account/v1.0/`],
      openapi: `${publicUrl}/openapi/identity.json`,
    },
    compute: {
      apis: ['staffapi', 'api', 'compute', 'image', 'network', 'volume'].map((api) => `${publicUrl}/${api}/`),
      openapi: `${publicUrl}/openapi/compute.json`,
    },
    metering: { apis: [`${publicUrl}/api/cloudigrade/v2/`], openapi: `${publicUrl}/openapi/metering.json` },
    introspection: {
      apis: [`${publicUrl}/v1`, `${publicUrl}/baremetal/`],
      openapi: `${publicUrl}/openapi/introspection.json`,
    },
  },
  docs: `${publicUrl}/docs`,
  health: `${publicUrl}/healthz`,
});

/** The page at `/openapi`: the address of each OpenAPI document. */
const documents = (publicUrl: string): object =>
  Object.fromEntries(DOCUMENTS.map(({ name }) => [name, `${publicUrl}/openapi/${name}.json`]));

/** Asks every service whether it is ready: 200 or 503. Requests that come meanwhile share the answer. */
const makeHealth = (upstreams: readonly Upstream[]): (() => Promise<{ status: number; body: object }>) => {
  const stateOf = (upstream: Upstream): Promise<string> =>
    ask(upstream, '/readyz').then(
      ({ status }) => (status === 200 ? 'ok' : 'not ready'),
      () => 'down',
    );
  let pending: Promise<{ status: number; body: object }> | undefined;
  const check = async (): Promise<{ status: number; body: object }> => {
    const states = await Promise.all(
      upstreams.map(async (upstream) => [upstream.name, await stateOf(upstream)] as const),
    );
    const ok = states.every(([, state]) => state === 'ok');
    return { status: ok ? 200 : 503, body: { status: ok ? 'ok' : 'not ready', services: Object.fromEntries(states) } };
  };
  return () =>
    (pending ??= check().finally(() => {
      pending = undefined;
    }));
};

/** The gateway's own pages: the index, /healthz, the services' OpenAPI documents, and their viewer at /docs. */
export const makeOwnPages = ({
  upstreams,
  publicUrl,
  log,
}: {
  upstreams: Readonly<Record<ServiceName, Upstream>>;
  publicUrl: string;
  log: Log;
}): ((req: IncomingMessage, res: ServerResponse, path: string) => void) => {
  const health = makeHealth(Object.values(upstreams));
  type Page = (req: IncomingMessage, res: ServerResponse) => Promise<void> | void;
  const pages = new Map<string, Page>([
    ...docsPages(DOCUMENTS.map(({ name }) => name)),
    ['/', (_req, res) => json(res, 200, index(publicUrl))],
    // Relative, so that it works below a prefix as well.
    ['/docs/', (_req, res) => void res.writeHead(308, { Location: '../docs', 'Content-Length': 0 }).end()],
    ['/openapi', (_req, res) => json(res, 200, documents(publicUrl))],
    [
      '/healthz',
      async (_req, res) => {
        const { status, body } = await health();
        json(res, status, body);
      },
    ],
  ]);
  for (const { name, service, path } of DOCUMENTS) {
    const document = makeDocument(upstreams[service], path);
    pages.set(`/openapi/${name}.json`, async (req, res) => sendDocument(req, res, await document()));
  }
  return (req, res, path) => {
    const page = pages.get(path);
    if (!page) {
      refuse(req, res, { status: 404, message: 'Not found.' });
      return;
    }
    if (req.method === 'OPTIONS') {
      res.writeHead(204, { Allow: 'GET, HEAD, OPTIONS' }).end();
      return;
    }
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      refuse(req, res, {
        status: 405,
        message: `Method "${req.method}" not allowed.`,
        headers: ['Allow', 'GET, HEAD, OPTIONS'],
      });
      return;
    }
    Promise.resolve(page(req, res)).catch((err: unknown) => {
      log.warn({ err }, 'the gateway could not answer');
      refuse(req, res, { status: 503, message: 'Not available; try again in a moment.' });
    });
  };
};
