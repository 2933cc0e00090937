import { BlockList } from 'node:net';
import { introspection } from '@nefos/contracts';
import { clientAddress, endpointFor, Fault, Reply, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import { namesVersion, versionOf } from '../../access/api/versions.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { takeReport } from '../domain/callback.js';
import { readData } from '../domain/data.js';
import { readLogs } from '../domain/logs.js';
import { requestReapply } from '../domain/reapply.js';
import { readSummary } from '../domain/summary.js';
import { withReportBody } from './report-body.js';

const endpoint = endpointFor<IntrospectionCtx>();
const NOBODY = new BlockList();
/** The first value of a parameter of the address (contract introspection §1.2). */
const parameter = (req: Request, name: string): string | undefined =>
  new URL(req.originalUrl, 'http://localhost').searchParams.get(name) ?? undefined;
/** From the first version that takes a body (contract introspection §13 D2). */
const REAPPLY_WITH_BODY = 15;

export const reportEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.takeReport, async (ctx, { req }) => {
    const address = clientAddress(req, ctx.proxies ?? NOBODY);
    ctx.admission.demand(address);
    const token = parameter(req, 'token');
    return withReportBody(req, async (raw) => ({ uuid: await takeReport(ctx, raw, { token, address }) }));
  }),
  endpoint(introspection.showData, async (ctx, { params }) =>
    Buffer.from(await readData(ctx, params.node, 'processed')),
  ),
  endpoint(introspection.showUnprocessedData, async (ctx, { params }) =>
    Buffer.from(await readData(ctx, params.node, 'unprocessed')),
  ),
  endpoint(introspection.showSummary, (ctx, { params }) => readSummary(ctx, params.node)),
  endpoint(
    introspection.showLogs,
    async (ctx, { params }) =>
      new Reply(await readLogs(ctx, params.node), { headers: { 'Content-Type': 'application/gzip' } }),
  ),
  endpoint(introspection.reapply, (ctx, { params, req }) =>
    withReportBody(req, async (raw) => {
      const given = await ctx.reports.given(raw);
      if (given !== undefined && namesVersion(req) && versionOf(req) < REAPPLY_WITH_BODY)
        throw new Fault('invalid', 'reapply.body');
      await requestReapply(ctx, params.node, given);
      return {};
    }),
  ),
];
