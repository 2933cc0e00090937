import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { queryLimit, queryText } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { demandUuid } from '../../facade/domain/known-id.js';
import { projectOnWire } from '../../facade/project-ids.js';
import * as net from '../../instances/domain/interfaces.js';
import { requestAttach, requestDetach } from '../../instances/domain/volumes.js';
import { inNovaWords } from '../domain/domain-words.js';
import * as parts from '../domain/server-parts.js';
import { getServer } from '../domain/servers.js';
import { consoleOf } from './actions-access.js';
import { actionView } from './instance-actions.view.js';
import { demandFieldsOf } from './newer-fields.js';
import { ofServer } from './servers.js';
import { addressesOf } from './servers.view.js';

const endpoint = endpointFor<ComputeCtx>();

const attachmentView = (ctx: ComputeRequest, id: string, one: parts.AttachmentRow) => ({
  ...(since(ctx, 89) ? {} : { id: one.volumeId }),
  serverId: id,
  volumeId: one.volumeId,
  device: one.device,
  ...(since(ctx, 70) && { tag: null }),
  ...(since(ctx, 79) && { delete_on_termination: one.deleteOnTermination }),
  ...(since(ctx, 89) && { attachment_id: one.id, bdm_uuid: one.id }),
});
const attachmentOf = async (ctx: ComputeRequest, id: string, volume: string): Promise<parts.AttachmentRow> => {
  const found = (await parts.attachmentsOf(ctx, id)).find(({ volumeId }) => volumeId === volume);
  if (!found) throw faceFault('not_found', `volume_id not found: ${volume}`);
  return found;
};
const volumeEndpoints = [
  endpoint(facadeCompute.listAttachments, async (ctx, { params: { id }, query }) => {
    const rows = await ofServer(id, () => parts.attachmentsOf(ctx, id));
    return { volumeAttachments: rows.slice(0, queryLimit(query)).map((one) => attachmentView(ctx, id, one)) };
  }),
  endpoint(facadeCompute.showAttachment, async (ctx, { params: { id, volume } }) => ({
    volumeAttachment: attachmentView(ctx, id, await ofServer(id, () => attachmentOf(ctx, id, volume))),
  })),
  endpoint(facadeCompute.attachVolume, async (ctx, { params: { id }, body: { volumeAttachment: b } }) => {
    demandFieldsOf(ctx, b, { tag: 49, delete_on_termination: 79 });
    return ofServer(id, async () => {
      const wanted = {
        volume: b.volumeId,
        device: b.device ?? null,
        deleteOnTermination: b.delete_on_termination ?? false,
      };
      await getServer(ctx, id);
      demandUuid(b.volumeId, `Volume ${b.volumeId} could not be found.`, 'not_found');
      await inVolumeWords(b.volumeId, () => requestAttach(ctx, id, wanted));
      return { volumeAttachment: attachmentView(ctx, id, await attachmentOf(ctx, id, b.volumeId)) };
    });
  }),
  endpoint(facadeCompute.changeAttachment, async (ctx, { params: { id, volume }, body: { volumeAttachment: b } }) => {
    await ofServer(id, async () => {
      await attachmentOf(ctx, id, volume);
      if (b.volumeId !== volume) throw faceFault('conflict', 'A server does not get another volume in place of one.');
      if (b.delete_on_termination !== undefined)
        await parts.changeAttachment(ctx, id, { volumeId: volume, goes: b.delete_on_termination });
    });
  }),
  endpoint(facadeCompute.detachVolume, async (ctx, { params: { id, volume } }) => {
    await ofServer(id, async () => {
      await attachmentOf(ctx, id, volume);
      await requestDetach(ctx, id, volume);
    });
  }),
];
/** A volume that is not there is a 404 in this API. */
const inVolumeWords = async <T>(volume: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (err) {
    const { kind, params } = err as { kind?: string; params?: { issues?: { rule: string }[] } };
    if (kind === 'invalid' && params?.issues?.[0]?.rule === 'pk')
      throw faceFault('not_found', `Volume ${volume} could not be found.`);
    throw err;
  }
};

const interfaceView = ({ portId, networkId, mac, status, fixedIps }: parts.InterfaceRow) => ({
  port_id: portId,
  net_id: networkId,
  mac_addr: mac ?? '',
  port_state: status,
  fixed_ips: fixedIps ?? [],
});
const interfaceOf = async (ctx: ComputeRequest, id: string, port: string): Promise<parts.InterfaceRow> => {
  const found = (await parts.interfacesOf(ctx, id)).find(({ portId }) => portId === port);
  if (!found) throw faceFault('not_found', `Port ${port} could not be found.`);
  return found;
};
const interfaceEndpoints = [
  endpoint(facadeCompute.listInterfaces, async (ctx, { params: { id } }) => ({
    interfaceAttachments: (await ofServer(id, () => parts.interfacesOf(ctx, id))).map(interfaceView),
  })),
  endpoint(facadeCompute.showInterface, async (ctx, { params: { id, port } }) => ({
    interfaceAttachment: interfaceView(await ofServer(id, () => interfaceOf(ctx, id, port))),
  })),
  endpoint(facadeCompute.attachInterface, async (ctx, { params: { id }, body: { interfaceAttachment: b = {} } }) => {
    demandFieldsOf(ctx, b, { tag: 49 });
    if (b.net_id !== undefined && b.port_id !== undefined)
      throw faceFault('invalid', 'Must not input both network_id and port_id');
    if (b.net_id === undefined && b.port_id === undefined)
      throw faceFault('invalid', 'Name the network or the port: net_id or port_id.');
    const nic = { network: b.net_id ?? null, port: b.port_id ?? null, fixedIp: b.fixed_ips?.[0]?.ip_address ?? null };
    if (b.net_id !== undefined) demandUuid(b.net_id, `Network ${b.net_id} could not be found.`);
    if (b.port_id !== undefined) demandUuid(b.port_id, `Port ${b.port_id} could not be found.`);
    return ofServer(id, async () => {
      await getServer(ctx, id);
      const { portId } = await inNovaWords(() => net.requestPort(ctx, id, nic));
      return { interfaceAttachment: interfaceView(await interfaceOf(ctx, id, portId)) };
    });
  }),
  endpoint(facadeCompute.detachInterface, async (ctx, { params: { id, port } }) => {
    await ofServer(id, async () => {
      await interfaceOf(ctx, id, port);
      await net.requestPortRemoval(ctx, id, port);
    });
  }),
];

const addressEndpoints = [
  endpoint(facadeCompute.listServerGroupsOf, async (ctx, { params: { id } }) => ({
    security_groups: (await ofServer(id, () => parts.groupsOf(ctx, id))).map(({ projectId, ...group }) => ({
      ...group,
      tenant_id: projectOnWire(projectId),
      rules: [],
    })),
  })),
  endpoint(facadeCompute.listIps, async (ctx, { params: { id } }) => ({
    addresses: plainAddresses(addressesOf(await ofServer(id, () => getServer(ctx, id)))),
  })),
  endpoint(facadeCompute.listIpsOf, async (ctx, { params: { id, network } }) => {
    const all = plainAddresses(addressesOf(await ofServer(id, () => getServer(ctx, id))));
    const found = Object.hasOwn(all, network) ? all[network] : undefined;
    if (!found) throw faceFault('not_found', 'Instance is not a member of specified network');
    return { [network]: found };
  }),
];
/** Here addresses have neither type nor MAC address. */
const plainAddresses = (byNetwork: Record<string, object[]>) =>
  Object.fromEntries(
    Object.entries(byNetwork).map(([network, all]) => [
      network,
      (all as { version: number; addr: string }[]).map(({ version, addr }) => ({ version, addr })),
    ]),
  );

const historyEndpoints = [
  endpoint(facadeCompute.listInstanceActions, async (ctx, { params: { id }, query }) => {
    const page = { limit: queryLimit(query), after: queryText(query, 'marker') ?? null };
    const rows = await ofServer(id, () => parts.actionsOf(ctx, id, page));
    return { instanceActions: rows.map((row) => actionView(ctx, id, row, false)) };
  }),
  endpoint(facadeCompute.showInstanceAction, async (ctx, { params: { id, request } }) => ({
    instanceAction: actionView(ctx, id, await ofServer(id, () => parts.actionOf(ctx, id, request)), true),
  })),
  endpoint(facadeCompute.listServerMigrations, async (ctx, { params: { id } }) => {
    await ofServer(id, () => getServer(ctx, id));
    return { migrations: [] };
  }),
  endpoint(facadeCompute.showDiagnostics, async (ctx, { params: { id } }) => {
    const server = await ofServer(id, () => getServer(ctx, id));
    return since(ctx, 48)
      ? {
          state: server.vmState === 'active' ? 'running' : 'shutdown',
          num_cpus: server.vcpus,
          config_drive: server.configDrive ?? false,
        }
      : {};
  }),
  endpoint(facadeCompute.showServerPassword, async (ctx, { params: { id } }) => {
    await ofServer(id, () => getServer(ctx, id));
    return { password: '' };
  }),
  endpoint(facadeCompute.createConsole, async (ctx, { params: { id }, body: { remote_console: b } }) => {
    if (!since(ctx, 6)) throw faceFault('not_found', 'The resource could not be found.');
    return ofServer(id, async () => {
      await getServer(ctx, id);
      return { remote_console: { protocol: b.protocol, ...(await consoleOf(ctx, id, b.type)) } };
    });
  }),
];

export const serverPartEndpoints = [
  ...volumeEndpoints,
  ...interfaceEndpoints,
  ...addressEndpoints,
  ...historyEndpoints,
];
