import type { IntrospectionConfig } from '../../config.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { syncPxeFilter } from '../domain/pxe.js';

export const reportSweeps = [
  // Looks every second: a machine that boots asks for an address within some seconds of its start.
  {
    name: 'reports.pxe_filter',
    everySeconds: (config: IntrospectionConfig) => (config.NEFOS_INTROSPECTION_PXE_FILTER === 'noop' ? 0 : 1),
    work: (ctx: IntrospectionCtx) => syncPxeFilter(ctx),
  },
];
