import { compute } from '@nefos/contracts';
import { endpointFor, Reply, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { envelope } from '../../lists/api/envelope.js';
import { lastOf } from '../../lists/list-query.js';
import { createForeignMachine, importInstance, listImportable } from '../domain/imports.js';

const endpoint = endpointFor<ComputeCtx>();
/** Machines that become instances, for staff (contract compute §14 row 17). */
export const importEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(compute.listImportable, async (ctx, { req, query }) =>
    envelope(ctx, req, await listImportable(ctx, query, lastOf(query.region)), (machine) => ({
      backend_id: machine.backendId,
      name: machine.name,
      region: machine.region,
      power_state: machine.powerState,
      vcpus: machine.vcpus,
      memory_mb: machine.memoryMb,
      root_gb: machine.rootGb,
      host_name: machine.host ?? null,
      addresses: machine.addresses.map(({ addr }) => addr),
    })),
  ),
  endpoint(compute.importInstance, async (ctx, { body }) => {
    const { id, operationId } = await importInstance(ctx, {
      backendId: body.backend_id,
      clientId: body.client,
      region: body.region,
      name: body.name,
      flavorId: body.flavor,
    });
    const headers = operationId && {
      'X-Operation-Id': operationId,
      Location: `${ctx.config.NEFOS_PUBLIC_URL}/staffapi/operations/${operationId}`,
    };
    return new Reply({ detail: 'Instance is being imported', id, uuid: id }, { headers: headers || {} });
  }),
  endpoint(compute.createForeignMachine, async (ctx, { body }) => ({
    backend_id: await createForeignMachine(ctx, { ...body, nics: body.nics ?? [] }),
  })),
];
