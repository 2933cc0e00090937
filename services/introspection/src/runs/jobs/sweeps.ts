import type { IntrospectionConfig } from '../../config.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { tidyAccess } from '../../access/domain/tidy.js';
import { rescueRuns } from '../domain/rescue.js';
import { startDue } from '../domain/schedules.js';
import { timeOutRuns } from '../domain/timeouts.js';
import { forgetReplacedEvents } from '../domain/told.js';

export const runSweeps = [
  {
    name: 'runs.timeouts',
    everySeconds: (config: IntrospectionConfig) => config.NEFOS_INTROSPECTION_CLEAN_UP_PERIOD,
    work: (ctx: IntrospectionCtx) => timeOutRuns(ctx),
  },
  { name: 'runs.rescue', everySeconds: 15, work: (ctx: IntrospectionCtx) => rescueRuns(ctx) },
  { name: 'runs.schedule', everySeconds: 30, work: (ctx: IntrospectionCtx) => startDue(ctx) },
  { name: 'runs.events', everySeconds: 3600, work: (ctx: IntrospectionCtx) => forgetReplacedEvents(ctx) },
  { name: 'access.tidy', everySeconds: 3600, work: (ctx: IntrospectionCtx) => tidyAccess(ctx) },
];
