import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { envelope } from '../../lists/api/envelope.js';
import { getHypervisor, listHypervisors, type Hypervisor } from '../domain/hypervisors.js';

const endpoint = endpointFor<ComputeCtx>();
const view = (h: Hypervisor) => ({
  id: h.id,
  host_name: h.hostName,
  type: h.type,
  status: h.status,
  state: h.state,
  vcpus: h.vcpus,
  vcpus_used: h.vcpusUsed,
  memory_mb: h.memoryMb,
  memory_mb_used: h.memoryMbUsed,
  local_gb: h.localGb,
  local_gb_used: h.localGbUsed,
  running_vms: h.runningVms,
  region: h.regionId,
});
/** Hosts, for staff (contract compute §8.1). */
export const hypervisorEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(compute.listHypervisors, async (ctx, { req, query }) =>
    envelope(ctx, req, await listHypervisors(ctx, query), view),
  ),
  endpoint(compute.getHypervisor, async (ctx, { params }) => view(await getHypervisor(ctx, params.id))),
];
