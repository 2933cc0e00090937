import { facadeCompute } from '@nefos/contracts';
import { endpointFor, Fault } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { publicUrl, queryWith } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryLimit, queryOffset } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import * as net from '../../instances/domain/interfaces.js';
import { changeAttachment, requestAttach, requestDetach } from '../../instances/domain/volumes.js';
import { inNovaWords } from '../domain/domain-words.js';
import * as parts from '../domain/server-parts.js';
import { changeServer, getServer } from '../domain/servers.js';
import { consoleOf } from './actions-access.js';
import { groupView } from './server-groups.view.js';
import { demandFieldsOf, demandKnownQuery } from './newer-fields.js';
import { ofServer } from './servers.js';
import { addressesOf, plainAddresses } from './servers.view.js';

const endpoint = endpointFor<ComputeCtx>();

const attachmentView = (ctx: ComputeRequest, id: string, one: parts.AttachmentRow) => ({
  ...(since(ctx, 89) ? {} : { id: one.volumeId }),
  serverId: id,
  volumeId: one.volumeId,
  device: one.device,
  ...(since(ctx, 70) && { tag: one.tag }),
  ...(since(ctx, 79) && { delete_on_termination: one.deleteOnTermination }),
  ...(since(ctx, 89) && { attachment_id: one.id, bdm_uuid: one.id }),
});
const attachmentOf = async (ctx: ComputeRequest, id: string, volume: string): Promise<parts.AttachmentRow> => {
  const found = (await parts.attachmentsOf(ctx, id)).find(({ volumeId }) => volumeId === volume);
  if (!found) throw faceFault('not_found', `volume_id not found: ${volume}`);
  return found;
};
const ATTACHMENT_CHANGES = { id: 85, serverId: 85, device: 85, tag: 85, delete_on_termination: 85 };
/** A change may repeat what there is, as a client reads and writes it back. @throws Fault invalid */
const demandSame = (sent: object, server: string, { id, volumeId, device, tag }: parts.AttachmentRow): void => {
  const present = { id: [volumeId, id], serverId: [server], device: [device], tag: [tag] };
  for (const [name, same] of Object.entries(present)) {
    const wanted = (sent as Record<string, unknown>)[name];
    if (wanted !== undefined && !(same as unknown[]).includes(wanted))
      throw faceFault('invalid', `The ${name} property is not mutable`);
  }
};
const volumeEndpoints = [
  endpoint(facadeCompute.listAttachments, async (ctx, { params: { id }, query }) => {
    demandKnownQuery(ctx, query, ['limit', 'offset']);
    const rows = await ofServer(id, () => parts.attachmentsOf(ctx, id));
    return {
      volumeAttachments: rows
        .slice(queryOffset(query))
        .slice(0, queryLimit(query))
        .map((one) => attachmentView(ctx, id, one)),
    };
  }),
  endpoint(facadeCompute.showAttachment, async (ctx, { params: { id, volume } }) => ({
    volumeAttachment: attachmentView(ctx, id, await ofServer(id, () => attachmentOf(ctx, id, volume))),
  })),
  endpoint(facadeCompute.attachVolume, async (ctx, { params: { id }, body: { volumeAttachment: b } }) => {
    demandFieldsOf(ctx, b, { tag: 49, delete_on_termination: 79 }, 'volumeAttachment');
    return ofServer(id, async () => {
      const wanted = {
        volume: b.volumeId,
        device: b.device ?? null,
        tag: b.tag ?? null,
        deleteOnTermination: b.delete_on_termination ?? false,
      };
      await getServer(ctx, id);
      await inVolumeWords(b.volumeId, () => requestAttach(ctx, id, wanted));
      return { volumeAttachment: attachmentView(ctx, id, await attachmentOf(ctx, id, b.volumeId)) };
    });
  }),
  endpoint(facadeCompute.changeAttachment, async (ctx, { params: { id, volume }, body: { volumeAttachment: b } }) => {
    demandFieldsOf(ctx, b, ATTACHMENT_CHANGES, 'volumeAttachment');
    await ofServer(id, async () => {
      demandSame(b, id, await attachmentOf(ctx, id, volume));
      if (b.volumeId !== volume) throw faceFault('conflict', 'A server does not get another volume in place of one.');
      const { delete_on_termination: deleteOnTermination } = b;
      if (deleteOnTermination !== undefined)
        await inVolumeWords(volume, () => changeAttachment(ctx, id, volume, { deleteOnTermination }));
    });
  }),
  endpoint(facadeCompute.detachVolume, async (ctx, { params: { id, volume } }) => {
    await ofServer(id, async () => {
      await attachmentOf(ctx, id, volume);
      await inVolumeWords(volume, () => requestDetach(ctx, id, volume));
    });
  }),
];
/** A volume that is not there is a 404 in this API. */
const inVolumeWords = <T>(volume: string, work: () => Promise<T>): Promise<T> =>
  inNovaWords(async () => {
    try {
      return await work();
    } catch (err) {
      const issue = err instanceof Fault && err.kind === 'invalid' ? err.params.issues?.[0] : undefined;
      if (issue?.rule === 'pk') throw faceFault('not_found', `Volume ${volume} could not be found.`);
      throw err;
    }
  });
/** Nefos keeps no tags of interfaces. @throws Fault invalid */
const refuseTag = ({ tag }: { tag?: string | undefined }): void => {
  if (tag !== undefined) throw faceFault('invalid', 'Tags of interfaces are not supported.');
};

const interfaceView = (ctx: ComputeRequest, port: parts.ShownPort) => ({
  port_id: port.id,
  net_id: port.networkId,
  mac_addr: port.macAddress ?? '',
  port_state: port.status,
  fixed_ips: port.addresses.map(({ address, subnetId }) => ({ subnet_id: subnetId ?? '', ip_address: address })),
  ...(since(ctx, 70) && { tag: null }),
});
const interfaceOf = async (ctx: ComputeRequest, id: string, port: string): Promise<parts.ShownPort> => {
  const found = (await parts.interfacesOf(ctx, id)).find((one) => one.id === port);
  if (!found) throw faceFault('not_found', `Port ${port} could not be found.`);
  return found;
};
const interfaceEndpoints = [
  endpoint(facadeCompute.listInterfaces, async (ctx, { params: { id } }) => ({
    interfaceAttachments: (await ofServer(id, () => parts.interfacesOf(ctx, id))).map((one) => interfaceView(ctx, one)),
  })),
  endpoint(facadeCompute.showInterface, async (ctx, { params: { id, port } }) => ({
    interfaceAttachment: interfaceView(ctx, await ofServer(id, () => interfaceOf(ctx, id, port))),
  })),
  endpoint(facadeCompute.attachInterface, async (ctx, { params: { id }, body: { interfaceAttachment: b = {} } }) => {
    demandFieldsOf(ctx, b, { tag: 49 }, 'interfaceAttachment');
    refuseTag(b);
    if (b.net_id !== undefined && b.port_id !== undefined)
      throw faceFault('invalid', 'Must not input both network_id and port_id');
    if (b.net_id === undefined && b.port_id === undefined)
      throw faceFault('invalid', 'Name the network or the port: net_id or port_id.');
    const nic = { network: b.net_id ?? null, port: b.port_id ?? null, fixedIp: b.fixed_ips?.[0]?.ip_address ?? null };
    return ofServer(id, async () => {
      await getServer(ctx, id);
      const { portId } = await inNovaWords(() => net.requestPort(ctx, id, nic));
      return { interfaceAttachment: interfaceView(ctx, await interfaceOf(ctx, id, portId)) };
    });
  }),
  endpoint(facadeCompute.detachInterface, async (ctx, { params: { id, port } }) => {
    await ofServer(id, async () => {
      await interfaceOf(ctx, id, port);
      await inNovaWords(() => net.requestPortRemoval(ctx, id, port));
    });
  }),
];

/** What newer clients ask the network API for. @throws Fault not_found */
const demandOld = (ctx: ComputeRequest): void => {
  if (since(ctx, 36)) throw faceFault('not_found', 'The resource could not be found.');
};
const addressEndpoints = [
  endpoint(facadeCompute.listSecurityGroups, async (ctx, { req, query }) => {
    demandOld(ctx);
    const [limit, offset] = [queryLimit(query), queryOffset(query)];
    const found = await parts.groupsOfProject(ctx, { limit: limit + 1, offset });
    const next = queryWith(req, { offset: String(offset + limit) });
    return {
      security_groups: found.slice(0, limit).map(groupView),
      // Nova ends such a list in silence; here a client can see that there is more.
      ...(limit > 0 &&
        found.length > limit && {
          security_groups_links: [
            { rel: 'next', href: `${publicUrl(ctx, facadeCompute.listSecurityGroups.path)}?${next}` },
          ],
        }),
    };
  }),
  endpoint(facadeCompute.showSecurityGroup, async (ctx, { params: { id } }) => {
    demandOld(ctx);
    const found = await parts.groupOfProject(ctx, id);
    if (!found) throw faceFault('not_found', `Security group ${id} not found.`);
    return { security_group: groupView(found) };
  }),
  endpoint(facadeCompute.listServerGroupsOf, async (ctx, { params: { id } }) => ({
    security_groups: (await ofServer(id, () => parts.groupsOf(ctx, id))).map(groupView),
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
const guestEndpoints = [
  endpoint(facadeCompute.showDiagnostics, async (ctx, { params: { id } }) => {
    const server = await ofServer(id, () => getServer(ctx, id));
    demandAdmin(ctx);
    if (server.vmState !== 'active')
      throw faceFault('conflict', `Cannot 'get_diagnostics' instance ${id} while it is in vm_state ${server.vmState}`);
    return since(ctx, 48)
      ? {
          state: 'running',
          driver: ctx.drivers.of(server.regionId).kind,
          hypervisor: null,
          hypervisor_os: null,
          uptime: null,
          config_drive: server.configDrive ?? false,
          num_cpus: server.vcpus,
          num_nics: new Set(server.addresses.map(({ mac }) => mac)).size,
          num_disks: Math.max(1, (await parts.attachmentsOf(ctx, id)).length),
          cpu_details: [],
          nic_details: [],
          disk_details: [],
          memory_details: { maximum: server.memoryMb, used: null },
        }
      : {};
  }),
  endpoint(facadeCompute.showServerPassword, async (ctx, { params: { id } }) => {
    await ofServer(id, () => getServer(ctx, id));
    return { password: '' };
  }),
  // There is none; who may not change the server is refused all the same.
  endpoint(facadeCompute.clearServerPassword, async (ctx, { params: { id } }) => {
    await ofServer(id, () => changeServer(ctx, id, {}));
  }),
  endpoint(facadeCompute.createConsole, async (ctx, { params: { id }, body: { remote_console: b } }) => {
    if (!since(ctx, 6)) throw faceFault('not_found', 'The resource could not be found.');
    if (!since(ctx, 8) && (b.protocol === 'mks' || b.type === 'webmks'))
      throw faceFault('invalid', `Unavailable console type ${b.type}.`);
    return ofServer(id, async () => {
      await getServer(ctx, id);
      return { remote_console: { protocol: b.protocol, ...(await consoleOf(ctx, id, b)) } };
    });
  }),
];

export const serverPartEndpoints = [...volumeEndpoints, ...interfaceEndpoints, ...addressEndpoints, ...guestEndpoints];
