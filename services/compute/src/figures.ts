import { addFigure } from '@nefos/service-kit';
import type { ComputeCtx } from './ctx.js';
import { VM_STATES } from './operations/instance-states.js';
import { countClients, countInstances } from './figures-store.js';

/** What /metrics says of the cloud as a whole. */
export const addFigures = ({ metrics, db, log }: ComputeCtx): void => {
  addFigure(metrics, {
    name: 'nefos_compute_instances',
    help: 'Instances that are not deleted, by state',
    label: 'state',
    values: VM_STATES.filter((state) => state !== 'deleted'),
    count: () => countInstances(db),
    log,
  });
  addFigure(metrics, {
    name: 'nefos_compute_clients',
    help: 'Clients, by what holds them back',
    label: 'hold',
    values: ['none', 'suspending', 'suspended', 'deleting'],
    count: () => countClients(db),
    log,
  });
};
