import { introspection } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import { linkTo } from '../../access/api/origin.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { changesOf, demandPastRun, listPastRuns } from '../domain/history.js';
import { showProgress } from '../domain/progress.js';
import { issueRunToken } from '../domain/run-token.js';
import { demandSchedule, removeSchedule, setSchedule } from '../domain/schedules.js';
import { pastRunView, progressView, scheduleView, wholePastRunView } from './extras.view.js';

const endpoint = endpointFor<IntrospectionCtx>();
/** Where a ramdisk reports, with the token of its run. */
const callbackUrl = (ctx: IntrospectionCtx, req: Request, token: string): string => {
  const url = new URL(ctx.config.NEFOS_INTROSPECTION_CALLBACK_URL ?? linkTo(ctx, req, '/v1/continue'));
  url.searchParams.set('token', token);
  return url.toString();
};
/** What the original has not (contract introspection §12.2). */
export const runExtraEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.showProgress, async (ctx, { params }) => progressView(await showProgress(ctx, params.node))),
  endpoint(introspection.listHistory, async (ctx, { params, query }) => ({
    history: (await listPastRuns(ctx, params.node, query)).map(pastRunView),
  })),
  endpoint(introspection.showPastRun, async (ctx, { params }) =>
    wholePastRunView(await demandPastRun(ctx.db, params.node, params.run)),
  ),
  endpoint(introspection.showChanges, (ctx, { params, query }) => changesOf(ctx, params.node, params.run, query.since)),
  endpoint(introspection.showSchedule, async (ctx, { params }) => scheduleView(await demandSchedule(ctx, params.node))),
  endpoint(introspection.setSchedule, async (ctx, { params, body }) =>
    scheduleView(
      await setSchedule(ctx, params.node, { everySeconds: body.every_seconds, firstInSeconds: body.first_in_seconds }),
    ),
  ),
  endpoint(introspection.deleteSchedule, (ctx, { params }) => removeSchedule(ctx, params.node)),
  endpoint(introspection.issueToken, async (ctx, { params, req }) => {
    const token = await issueRunToken(ctx, params.node);
    return { token, callback_url: callbackUrl(ctx, req, token) };
  }),
];
