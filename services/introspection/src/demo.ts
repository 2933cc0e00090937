import { Fault } from '@nefos/service-kit';
import { markLoaded } from './access/domain/fixtures.js';
import type { IntrospectionCtx } from './ctx.js';
import { insertNode } from './nodes/domain/register.js';

/** Three machines of the simulated rack. Their BMCs have addresses for documentation (RFC 5737): nobody is called. */
const NODES = [
  { uuid: 'd0c5f0e6-6f0a-4d0b-8c7e-000000000011', name: 'rack1-small', sample: 'small', bmc: '192.0.2.11' },
  { uuid: 'd0c5f0e6-6f0a-4d0b-8c7e-000000000012', name: 'rack1-storage', sample: 'storage', bmc: '192.0.2.12' },
  { uuid: 'd0c5f0e6-6f0a-4d0b-8c7e-000000000013', name: 'rack1-gpu', sample: 'gpu', bmc: '192.0.2.13' },
] as const;

/** Registers the machines of the demo, once in the life of the database. */
export const loadDemo = (ctx: Pick<IntrospectionCtx, 'db' | 'secrets' | 'log'>): Promise<void> =>
  ctx.db
    .transaction(async (tx) => {
      if (!(await markLoaded(tx, 'demo'))) return;
      for (const { uuid, name, sample, bmc } of NODES)
        await insertNode(ctx, tx, {
          uuid,
          name,
          driver: 'fake-hardware',
          description: 'A machine of the simulated rack: started with introspection, it reports a sample.',
          driver_info: { ipmi_address: bmc, simulated_machine: sample },
        });
    })
    .catch((err: unknown) => {
      // Somebody has a node of such a name already: the installation works without the demo's.
      if (!(err instanceof Fault)) throw err;
      ctx.log.warn({ code: err.code }, 'the nodes of the demo are not registered');
    });
