import { addFigure } from '@nefos/service-kit';
import type { IntrospectionCtx } from './ctx.js';
import { RUN_STATES } from './runs/run-states.js';
import { countRuns } from './runs/store/listing.js';

/** Registers the gauge of /metrics that is counted in the database. */
export const addFigures = ({ metrics, db, log }: IntrospectionCtx): void =>
  addFigure(metrics, {
    name: 'nefos_introspection_runs',
    help: 'Last runs of nodes, by state',
    label: 'state',
    values: RUN_STATES,
    count: () => countRuns(db),
    log,
  });
