import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../ctx.js';

/** Clients, groups, users, tokens, sessions, services and billing. */
export const portalEndpoints: Endpoint<ComputeCtx>[] = [];
