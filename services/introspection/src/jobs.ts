import type { JobHandler } from '@nefos/service-kit';
import type { IntrospectionCtx } from './ctx.js';

/** Everything that introspection does after a request. Payloads hold ids only. */
export const tasks = (_ctx: IntrospectionCtx): Record<string, JobHandler> => ({});
