import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { viewerOf } from '../../access/api/viewer.js';
import type { ComputeCtx } from '../../ctx.js';
import { localTime } from '../../local-time.js';
import { offerConsole } from '../domain/consoles.js';
import { sendPage } from './files.js';
import { answerSocket } from './socket.js';

const endpoint = endpointFor<ComputeCtx>();

const forRoot = (at: typeof compute.staffInstances | typeof compute.userInstances): Endpoint<ComputeCtx> =>
  endpoint(at.console, async (ctx, { params, body }) => {
    const { url, type, expiresAt } = await offerConsole(ctx, params.id, body.type ?? 'vnc');
    return { url, type, expires_at: localTime(expiresAt.toISOString(), viewerOf(ctx).zone) };
  });
export const consoleEndpoints: Endpoint<ComputeCtx>[] = [
  forRoot(compute.staffInstances),
  forRoot(compute.userInstances),
  endpoint(compute.vncConsolePage, (ctx, { req, res }) => sendPage(req, res, 'vnc', ctx.config.NEFOS_PUBLIC_URL)),
  endpoint(compute.serialConsolePage, (ctx, { req, res }) => sendPage(req, res, 'serial', ctx.config.NEFOS_PUBLIC_URL)),
  endpoint(compute.consoleSocket, (ctx, { req }) => answerSocket(ctx, req)),
];
