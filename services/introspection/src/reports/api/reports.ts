import { BlockList } from 'node:net';
import { introspection } from '@nefos/contracts';
import { clientAddress, endpointFor, Fault, Reply, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import { namesVersion, versionOf } from '../../access/api/versions.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { takeReport, type Callback } from '../domain/callback.js';
import { readData } from '../domain/data.js';
import { readLogs } from '../domain/logs.js';
import { requestReapply } from '../domain/reapply.js';
import { readSummary } from '../domain/summary.js';
import { senderOf } from '../../addresses.js';
import { withReportBody } from './report-body.js';

const endpoint = endpointFor<IntrospectionCtx>();
const NOBODY = new BlockList();
/** The first value of a parameter of the address (contract introspection §1.2). */
const parameter = (req: Request, name: string): string | undefined => {
  const [, query = ''] = req.url.split('?', 2);
  return new URLSearchParams(query).get(name) ?? undefined;
};
/** From the first version that takes a body (contract introspection §13 D2). */
const REAPPLY_WITH_BODY = 15;

/** Counts what becomes of reports: `taken`, or the code of the refusal (`report.unrecognised`: no look-up found it). */
const counted = async <T>({ metrics }: IntrospectionCtx, work: () => Promise<T>): Promise<T> => {
  const count = (outcome: string): void =>
    metrics
      .counter('nefos_introspection_reports_total', 'Reports of ramdisks, by what became of them', ['outcome'])
      .inc({ outcome });
  try {
    const result = await work();
    count('taken');
    return result;
  } catch (err) {
    count(err instanceof Fault ? err.code : 'failed');
    throw err;
  }
};
/** Everything that a ramdisk sends goes through here. */
const receive = async (ctx: IntrospectionCtx, req: Request, strict?: Callback['strict']): Promise<string> => {
  const address = clientAddress(req, ctx.proxies ?? NOBODY);
  return counted(ctx, () => {
    ctx.admission.demand(address);
    const callback = { token: parameter(req, 'token'), address, ...(strict && { strict }) };
    return withReportBody(req, senderOf(address), (raw) => takeReport(ctx, raw, callback));
  });
};

/** Of the registry. */
export const continueInspectionEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.continueInspection, async (ctx, { req }) => {
    await receive(ctx, req, { node: parameter(req, 'node_uuid') });
  }),
];
export const reportEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.takeReport, async (ctx, { req }) => ({ uuid: await receive(ctx, req) })),
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
    withReportBody(req, senderOf(clientAddress(req, ctx.proxies ?? NOBODY)), async (raw) => {
      const given = await ctx.reports.given(raw);
      if (given !== undefined && namesVersion(req) && versionOf(req) < REAPPLY_WITH_BODY)
        throw new Fault('invalid', 'reapply.body');
      await requestReapply(ctx, params.node, given);
      return {};
    }),
  ),
];
