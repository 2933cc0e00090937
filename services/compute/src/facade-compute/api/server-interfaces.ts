import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { faceFault } from '../../facade/api/refused.js';
import { requestPort, requestPortRemoval } from '../../instances/domain/interfaces.js';
import { listPortsOfInstance, type ShownPort } from '../../networking/domain/of-instance.js';
import { getServer, onServer } from './in-nova.js';
import { refuseNewer } from './versioned.js';

const endpoint = endpointFor<ComputeCtx>();

const view = (ctx: ComputeRequest, port: ShownPort) => ({
  net_id: port.networkId,
  port_id: port.id,
  mac_addr: port.macAddress ?? '',
  port_state: port.status,
  fixed_ips: port.addresses.map(({ address, subnetId }) => ({ subnet_id: subnetId ?? '', ip_address: address })),
  ...(since(ctx, 70) && { tag: null }),
});
const noPort = (port: string) => faceFault('not_found', `Port id ${port} could not be found.`);
/** @throws Fault not_found */
const findInterface = async (ctx: ComputeRequest, id: string, port: string): Promise<ShownPort> => {
  await getServer(ctx, id);
  const found = (await listPortsOfInstance(dbOf(ctx), id)).find((one) => one.id === port);
  if (!found) throw noPort(port);
  return found;
};
/** @throws Fault invalid */
const demandOneOf = (net: string | undefined, port: string | undefined, fixedIp: string | undefined): void => {
  if (net !== undefined && port !== undefined) throw faceFault('invalid', 'Must not input both network_id and port_id');
  if (fixedIp !== undefined && net === undefined)
    throw faceFault('invalid', 'Must input network_id when request IP address');
  if (net === undefined && port === undefined)
    throw faceFault('invalid', 'Say which network or port the interface is for: net_id or port_id.');
};

export const serverInterfaceEndpoints = [
  endpoint(facadeCompute.listServerInterfaces, async (ctx, { params: { id } }) => {
    await getServer(ctx, id);
    const found = await listPortsOfInstance(dbOf(ctx), id);
    return { interfaceAttachments: found.map((one) => view(ctx, one)) };
  }),
  endpoint(facadeCompute.showServerInterface, async (ctx, { params: { id, port } }) => ({
    interfaceAttachment: view(ctx, await findInterface(ctx, id, port)),
  })),
  endpoint(facadeCompute.attachServerInterface, async (ctx, { params: { id }, body }) => {
    const { interfaceAttachment: wanted } = body;
    refuseNewer(ctx, wanted, { tag: 49 });
    if (wanted.tag !== undefined) throw faceFault('invalid', 'Tags of devices are not supported.');
    const { net_id: network, port_id: port } = wanted;
    const fixedIp = wanted.fixed_ips?.[0]?.ip_address;
    await getServer(ctx, id);
    demandOneOf(network, port, fixedIp);
    const nic = { network: network ?? null, port: port ?? null, fixedIp: fixedIp ?? null };
    const { portId } = await onServer(id, () => requestPort(ctx, id, nic), {
      missing: {
        network: faceFault('invalid', `Network ${network ?? ''} could not be found.`),
        port: noPort(port ?? ''),
      },
    });
    return { interfaceAttachment: view(ctx, await findInterface(ctx, id, portId)) };
  }),
  endpoint(facadeCompute.detachServerInterface, async (ctx, { params: { id, port } }) => {
    await findInterface(ctx, id, port);
    await onServer(id, () => requestPortRemoval(ctx, id, port), { missing: { port: noPort(port) } });
  }),
];
