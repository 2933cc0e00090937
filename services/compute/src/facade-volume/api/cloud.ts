import { facadeVolume } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { queryBoolean } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { defaultQuotas, quotasOf, setQuotas } from '../../facade/domain/quotas.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import type { Quotas } from '../../projects/quota-resources.js';
import { volumeZones } from '../domain/zones.js';
import { absentNow, isTrue, refuseAbsent } from './refuse.js';

const endpoint = endpointFor<ComputeCtx>();
const LIMITED = ['volumes', 'gigabytes', 'snapshots', 'backups'] as const;
/** What Cinder limits beside that, and Nefos does not. */
const FREE = ['per_volume_gigabytes', 'backup_gigabytes', 'groups'] as const;
const quotaSet = (quotas: Quotas, usage = false): Record<string, unknown> => {
  const of = (limit: number, inUse: number, reserved: number) =>
    usage ? { limit, in_use: inUse, reserved, allocated: 0 } : limit;
  return {
    ...Object.fromEntries(LIMITED.map((one) => [one, of(quotas[one].limit, quotas[one].inUse, quotas[one].reserved)])),
    ...Object.fromEntries(FREE.map((one) => [one, of(-1, 0, 0)])),
  };
};
const absoluteLimits = ({ volumes, gigabytes, snapshots, backups }: Quotas) => ({
  maxTotalVolumes: volumes.limit,
  maxTotalVolumeGigabytes: gigabytes.limit,
  maxTotalSnapshots: snapshots.limit,
  maxTotalBackups: backups.limit,
  maxTotalBackupGigabytes: -1,
  totalVolumesUsed: volumes.inUse + volumes.reserved,
  totalGigabytesUsed: gigabytes.inUse + gigabytes.reserved,
  totalSnapshotsUsed: snapshots.inUse + snapshots.reserved,
  totalBackupsUsed: backups.inUse + backups.reserved,
  totalBackupGigabytesUsed: 0,
});
const poolOf = (region: string) => `${region}@nefos#${region}`;
const FILTERS: Readonly<Record<string, readonly string[]>> = {
  volume: ['name', 'status', 'metadata', 'bootable', 'availability_zone', 'size', 'created_at', 'updated_at'],
  snapshot: ['name', 'status', 'volume_id', 'metadata', 'availability_zone', 'created_at', 'updated_at'],
  backup: ['name', 'status', 'volume_id'],
  attachment: ['volume_id', 'instance_id', 'status'],
};
const time = (): string => `${new Date().toISOString().slice(0, -1)}000`;
const demandLater = (ctx: ComputeRequest, minor: number): void => {
  if (!since(ctx, minor)) throw faceFault('not_found', 'The resource could not be found.');
};

export const cloudEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(facadeVolume.listZones, async (ctx) => ({
    availabilityZoneInfo: (await volumeZones(ctx)).map((zoneName) => ({ zoneName, zoneState: { available: true } })),
  })),
  endpoint(facadeVolume.showLimits, async (ctx) => ({
    limits: { rate: [], absolute: absoluteLimits(await quotasOf(ctx)) },
  })),
  endpoint(facadeVolume.showQuotaDefaults, async (ctx, { params: { project } }) => {
    await quotasOf(ctx, project);
    return { quota_set: { id: project, ...quotaSet(defaultQuotas()) } };
  }),
  endpoint(facadeVolume.showQuotaSet, async (ctx, { params: { project }, query }) => ({
    quota_set: { id: project, ...quotaSet(await quotasOf(ctx, project), queryBoolean(query, 'usage') ?? false) },
  })),
  endpoint(facadeVolume.updateQuotaSet, async (ctx, { params: { project }, body: { quota_set: sent } }) => {
    const changes = Object.fromEntries(
      LIMITED.flatMap((one) => (sent[one] === undefined ? [] : [[one, Number(sent[one])]])),
    );
    return { quota_set: quotaSet(await setQuotas(ctx, project, changes, isTrue(sent.force))) };
  }),
  endpoint(facadeVolume.deleteQuotaSet, async (ctx, { params: { project } }) => {
    await setQuotas(ctx, project, Object.fromEntries(LIMITED.map((one) => [one, null])), true);
  }),
  endpoint(facadeVolume.showQuotaClass, async (_ctx, { params: { id } }) =>
    Promise.resolve({ quota_class_set: { id, ...quotaSet(defaultQuotas()) } }),
  ),
  endpoint(facadeVolume.listServices, async (ctx) => {
    demandAdmin(ctx);
    const zones = await volumeZones(ctx);
    return {
      services: zones.map((zone) => ({
        binary: 'cinder-volume',
        host: `${zone}@nefos`,
        zone,
        status: 'enabled',
        state: 'up',
        updated_at: time(),
        disabled_reason: null,
        ...(since(ctx, 7) && { cluster: null }),
      })),
    };
  }),
  endpoint(facadeVolume.listPools, async (ctx, { query }) => {
    demandAdmin(ctx);
    const zones = await volumeZones(ctx);
    const detail = queryBoolean(query, 'detail') ?? false;
    const capabilities = (zone: string) => ({
      volume_backend_name: zone,
      driver_version: '1',
      storage_protocol: 'nefos',
      vendor_name: 'Nefos',
      // Nobody tells what a hypervisor has: clients print these as they are.
      total_capacity_gb: 'unknown',
      free_capacity_gb: 'unknown',
      reserved_percentage: 0,
      QoS_support: false,
    });
    return {
      pools: zones.map((zone) => ({ name: poolOf(zone), ...(detail && { capabilities: capabilities(zone) }) })),
    };
  }),
  endpoint(facadeVolume.listExtensions, async () => Promise.resolve({ extensions: [] })),
  endpoint(facadeVolume.listResourceFilters, async (ctx) => {
    demandLater(ctx, 33);
    return Promise.resolve({
      resource_filters: Object.entries(FILTERS).map(([resource, filters]) => ({ resource, filters })),
    });
  }),
];

interface Absent {
  at: (typeof facadeVolume.absent)[keyof typeof facadeVolume.absent];
  key: string;
  word: string;
  why: string;
  from?: number;
}
const GROUPS = 'there are no groups of volumes.';
const TRANSFERS = 'volumes are not handed over to other projects.';
const ABSENT: readonly Absent[] = [
  { at: facadeVolume.absent.messages, key: 'messages', word: 'Message', why: 'messages are not kept.', from: 3 },
  { at: facadeVolume.absent.qos_specs, key: 'qos_specs', word: 'QoS specs', why: 'there are no QoS specs.' },
  { at: facadeVolume.absent.groups, key: 'groups', word: 'Group', why: GROUPS, from: 13 },
  { at: facadeVolume.absent.group_types, key: 'group_types', word: 'Group type', why: GROUPS, from: 11 },
  { at: facadeVolume.absent.group_snapshots, key: 'group_snapshots', word: 'GroupSnapshot', why: GROUPS, from: 14 },
  { at: facadeVolume.absent.consistencygroups, key: 'consistencygroups', word: 'ConsistencyGroup', why: GROUPS },
  { at: facadeVolume.absent.cgsnapshots, key: 'cgsnapshots', word: 'CgSnapshot', why: GROUPS },
  { at: facadeVolume.absent.transfers, key: 'transfers', word: 'Transfer', why: TRANSFERS },
  { at: facadeVolume.absent.new_transfers, key: 'transfers', word: 'Transfer', why: TRANSFERS, from: 55 },
];
/** What this cloud has not: lists are empty, and to make one is refused. */
export const absentEndpoints: Endpoint<ComputeCtx>[] = ABSENT.flatMap(({ at, key, word, why, from = 0 }) => [
  endpoint(at.detail, async (ctx) => {
    demandLater(ctx, from);
    return Promise.resolve({ [key]: [] });
  }),
  endpoint(at.list, async (ctx) => {
    demandLater(ctx, from);
    return Promise.resolve({ [key]: [] });
  }),
  endpoint(at.show, async (ctx, { params: { id } }) => {
    demandLater(ctx, from);
    return Promise.resolve(absentNow(word, id));
  }),
  endpoint(at.create, async (ctx) => {
    demandLater(ctx, from);
    return Promise.resolve(refuseAbsent(why));
  }),
]);
