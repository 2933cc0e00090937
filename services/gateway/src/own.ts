import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendDocument, writeJson, type Log } from '@nefos/service-kit';
import { docsPages } from './docs.js';
import { makeDocument } from './documents.js';
import { refuse } from './refuse.js';
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
    compute: { apis: [`${publicUrl}/staffapi/`, `${publicUrl}/api/`], openapi: `${publicUrl}/openapi/compute.json` },
    metering: { apis: [`${publicUrl}/api/cloudigrade/v2/`], openapi: `${publicUrl}/openapi/metering.json` },
  },
  docs: `${publicUrl}/docs`,
  health: `${publicUrl}/healthz`,
});

/** The page at `/openapi`: the address of each service's OpenAPI document. */
const documents = (publicUrl: string, upstreams: readonly Upstream[]): object =>
  Object.fromEntries(upstreams.map(({ name }) => [name, `${publicUrl}/openapi/${name}.json`]));

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
  upstreams: readonly Upstream[];
  publicUrl: string;
  log: Log;
}): ((req: IncomingMessage, res: ServerResponse, path: string) => void) => {
  const health = makeHealth(upstreams);
  type Page = (req: IncomingMessage, res: ServerResponse) => Promise<void> | void;
  const pages = new Map<string, Page>([
    ...docsPages(upstreams.map(({ name }) => name)),
    ['/', (_req, res) => json(res, 200, index(publicUrl))],
    // Relative, so that it works below a prefix as well.
    ['/docs/', (_req, res) => void res.writeHead(308, { Location: '../docs', 'Content-Length': 0 }).end()],
    ['/openapi', (_req, res) => json(res, 200, documents(publicUrl, upstreams))],
    [
      '/healthz',
      async (_req, res) => {
        const { status, body } = await health();
        json(res, status, body);
      },
    ],
  ]);
  for (const upstream of upstreams) {
    const document = makeDocument(upstream);
    pages.set(`/openapi/${upstream.name}.json`, async (req, res) => sendDocument(req, res, await document()));
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
