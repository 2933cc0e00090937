import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { byKey } from '../../by-key.js';
import type { ComputeRequest } from '../../ctx.js';
import { publicUrl } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { microseconds, secondsZ } from '../../facade/api/times.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { projectOnWire } from '../../facade/project-ids.js';
import { PLAIN_FAULTS } from '../../operations/api/operations.view.js';
import type { ShownServer } from '../domain/servers.js';
import { statusOf } from '../server-states.js';

/** How servers are shown to one caller: everything that is the same for all rows. */
interface Shown {
  admin: boolean;
  minor: number;
  base: string;
  at: (minor: number) => boolean;
  /** What many rows have in common, made once: flavors, hosts, projects. */
  flavors: Map<string | null, unknown>;
  hosts: Map<string, string>;
  projects: Map<string, string>;
}
/** What was made for a key before, or `make`'s. */
const remembered = <K, V>(known: Map<K, V>, key: K, make: () => V): V => {
  let found = known.get(key);
  if (found === undefined) known.set(key, (found = make()));
  return found;
};
const shownTo = (ctx: ComputeRequest): Shown => ({
  admin: scopeOf(ctx).admin,
  minor: ctx.microversion ?? 1,
  base: publicUrl(ctx, '/compute'),
  at: (minor) => since(ctx, minor),
  flavors: new Map(),
  hosts: new Map(),
  projects: new Map(),
});
const linksOf = (base: string, id: string) => [
  { rel: 'self', href: `${base}/v2.1/servers/${id}` },
  { rel: 'bookmark', href: `${base}/servers/${id}` },
];
export const serverLinks = (ctx: ComputeRequest, id: string) => linksOf(publicUrl(ctx, '/compute'), id);
const hostId = (projectId: string, host: string | null, { hosts }: Shown): string =>
  host === null
    ? ''
    : remembered(hosts, projectId + host, () =>
        createHash('sha224')
          .update(projectId + host)
          .digest('hex'),
      );

/** Addresses by the name of their network. */
export const addressesOf = ({ addresses, floating }: Pick<ShownServer, 'addresses' | 'floating'>) => {
  const shown = (addr: string, mac: string | null, type: string): object => ({
    version: addr.includes(':') ? 6 : 4,
    addr,
    'OS-EXT-IPS:type': type,
    'OS-EXT-IPS-MAC:mac_addr': mac ?? '',
  });
  return byKey([
    ...addresses
      .filter(({ type }) => type === 'fixed')
      .map((one) => [one.network, shown(one.addr, one.mac, 'fixed')] as const),
    ...(floating ?? []).map((one) => [one.network, shown(one.address, one.mac, 'floating')] as const),
  ]);
};
/** Without their types and MAC addresses. */
export const plainAddresses = (byNetwork: Record<string, object[]>) =>
  Object.fromEntries(
    Object.entries(byNetwork).map(([network, all]) => [
      network,
      (all as { version: number; addr: string }[]).map(({ version, addr }) => ({ version, addr })),
    ]),
  );
const flavorOf = (s: ShownServer, { base, at }: Shown): unknown =>
  at(47)
    ? {
        original_name: s.flavorName ?? '',
        vcpus: s.vcpus ?? 0,
        ram: s.memoryMb ?? 0,
        disk: s.rootGb ?? 0,
        ephemeral: s.ephemeralGb ?? 0,
        swap: s.swapMb ?? 0,
        extra_specs: s.properties ?? {},
      }
    : { id: s.flavorId ?? '', links: [{ rel: 'bookmark', href: `${base}/flavors/${s.flavorId ?? ''}` }] };
const faultOf = ({ fault }: ShownServer, admin: boolean) =>
  fault && {
    code: 500,
    created: secondsZ(fault.created),
    message: admin || PLAIN_FAULTS.has(fault.code) ? fault.message : 'The operation failed.',
    ...(admin && { details: fault.code }),
  };
/** What only administrators are shown. */
const adminPart = (s: ShownServer, { admin, at }: Shown): object =>
  admin
    ? {
        'OS-EXT-SRV-ATTR:host': s.hostName,
        'OS-EXT-SRV-ATTR:hypervisor_hostname': s.hostName,
        'OS-EXT-SRV-ATTR:instance_name': s.backendId ?? `instance-${s.id}`,
        ...(at(3) && {
          'OS-EXT-SRV-ATTR:reservation_id': s.reservationId || `r-${s.id.slice(0, 8)}`,
          'OS-EXT-SRV-ATTR:launch_index': 0,
          'OS-EXT-SRV-ATTR:ramdisk_id': '',
          'OS-EXT-SRV-ATTR:kernel_id': '',
          'OS-EXT-SRV-ATTR:root_device_name': '/dev/vda',
          'OS-EXT-SRV-ATTR:user_data': null,
        }),
        ...(at(16) && { host_status: s.hostName === null ? '' : 'UP' }),
      }
    : {};
/** A name as a host can have it. */
const hostnameOf = ({ hostname, name, id }: ShownServer): string => {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  return hostname ?? (words.filter(Boolean).join('-').slice(0, 63) || `server-${id}`);
};

/** A server at the microversion of the request (contract compute §12.3). @param list whether it is one of a list */
export const serverView = (s: ShownServer, shown: Shown, list = false): Record<string, unknown> => {
  const { base, at, admin } = shown;
  const status = statusOf(s.vmState, s.taskState);
  const fault = status === 'ERROR' || status === 'DELETED' ? faultOf(s, admin) : null;
  return {
    id: s.id,
    name: s.name,
    status,
    tenant_id: remembered(shown.projects, s.projectId, () => projectOnWire(s.projectId)),
    user_id: s.userId ?? '',
    metadata: s.metadata ?? {},
    hostId: hostId(s.projectId, s.hostName, shown),
    image:
      s.imageId === null ? '' : { id: s.imageId, links: [{ rel: 'bookmark', href: `${base}/images/${s.imageId}` }] },
    flavor: remembered(shown.flavors, s.flavorId, () => flavorOf(s, shown)),
    created: secondsZ(s.createdAt),
    updated: secondsZ(s.updatedAt),
    addresses: addressesOf(s),
    accessIPv4: s.accessIpv4 || (s.accessIp !== null && isIPv4(s.accessIp) ? s.accessIp : ''),
    accessIPv6: s.accessIpv6 || (s.accessIp !== null && isIPv6(s.accessIp) ? s.accessIp : ''),
    links: linksOf(base, s.id),
    'OS-DCF:diskConfig': 'AUTO',
    ...(status !== 'ERROR' && status !== 'DELETED' && { progress: 0 }),
    'OS-EXT-AZ:availability_zone': s.regionId ?? '',
    config_drive: s.configDrive ? 'True' : '',
    key_name: s.keyName,
    'OS-SRV-USG:launched_at': s.launchedAt && microseconds(s.launchedAt),
    'OS-SRV-USG:terminated_at': s.terminatedAt && microseconds(s.terminatedAt),
    ...(s.groups?.length && { security_groups: s.groups.map((name) => ({ name })) }),
    'OS-EXT-STS:task_state': s.taskState,
    'OS-EXT-STS:vm_state': s.vmState,
    'OS-EXT-STS:power_state': s.powerState,
    'os-extended-volumes:volumes_attached': (s.volumes ?? []).map(({ id, keep }) =>
      at(3) ? { id, delete_on_termination: !keep } : { id },
    ),
    ...(fault && { fault }),
    ...adminPart(s, shown),
    ...((at(90) || (admin && at(3))) && { 'OS-EXT-SRV-ATTR:hostname': hostnameOf(s) }),
    ...(at(9) && { locked: s.lockedBy !== null }),
    ...(at(19) && { description: s.description }),
    ...(at(26) && { tags: s.tags }),
    ...(at(63) && { trusted_image_certificates: null }),
    ...(at(71) && !list && { server_groups: [] }),
    ...(at(73) && { locked_reason: s.lockedReason }),
  };
};
export const serverViews = (ctx: ComputeRequest, rows: readonly ShownServer[]) => {
  const shown = shownTo(ctx);
  return rows.map((row) => serverView(row, shown, true));
};
/** What only a whole server has: below 2.75 the answers to a change and to a rebuild are without. */
const WHOLE = [
  'OS-EXT-AZ:availability_zone',
  'config_drive',
  'key_name',
  'OS-SRV-USG:launched_at',
  'OS-SRV-USG:terminated_at',
  'security_groups',
  'OS-EXT-STS:task_state',
  'OS-EXT-STS:vm_state',
  'OS-EXT-STS:power_state',
  'os-extended-volumes:volumes_attached',
  'host_status',
] as const;
/** A server in the answer to what changed it (contract compute §12.3, the row 2.75). */
export const changedServerView = (ctx: ComputeRequest, row: ShownServer): Record<string, unknown> => {
  const view = serverView(row, shownTo(ctx));
  if (since(ctx, 75)) return view;
  const kept = Object.entries(view).filter(
    ([name]) => !name.startsWith('OS-EXT-SRV-ATTR:') && !(WHOLE as readonly string[]).includes(name),
  );
  return { ...Object.fromEntries(kept), addresses: plainAddresses(addressesOf(row)) };
};
export const oneServerView = (ctx: ComputeRequest, row: ShownServer) => serverView(row, shownTo(ctx));
