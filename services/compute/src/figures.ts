import { addFigure } from '@nefos/service-kit';
import type { ComputeCtx } from './ctx.js';
import { VM_STATES } from './operations/instance-states.js';
import { countClients } from './clients/store/clients.js';
import { countInstances } from './instances/store/instances.js';

const pairs = (rows: { value: string; count: number }[]): [string, number][] =>
  rows.map((row) => [row.value, row.count]);

/** Adds gauges of the whole cloud to /metrics. */
export const addFigures = ({ metrics, db, log }: ComputeCtx): void => {
  addFigure(metrics, {
    name: 'nefos_compute_instances',
    help: 'Instances that are not deleted, by state',
    label: 'state',
    values: VM_STATES.filter((state) => state !== 'deleted'),
    count: async () => pairs(await countInstances(db)),
    log,
  });
  addFigure(metrics, {
    name: 'nefos_compute_clients',
    help: 'Clients, by what holds them back',
    label: 'hold',
    values: ['none', 'suspending', 'suspended', 'deleting'],
    count: async () => pairs(await countClients(db)),
    log,
  });
};
