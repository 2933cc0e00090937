import { facadeVolume } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { isTrue, queryBoolean, queryText } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { defaultQuotas, quotasOf, setQuotas } from '../../facade/domain/quotas.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import type { Quotas } from '../../projects/quota-resources.js';
import { volumeZones } from '../domain/zones.js';
import { ATTACHMENT_FILTERS } from './attachments.js';
import { BACKUP_FILTERS } from './backups.js';
import { openFilters, type FilterSet } from './filters.js';
import { demandSince, refuseAbsent } from './refuse.js';
import { SNAPSHOT_FILTERS } from './snapshots.js';
import { TYPE_FILTERS } from './types.js';
import { VOLUME_FILTERS } from './volumes.js';

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
/** What lists can be filtered by, as the lists themselves have it. */
const FILTERS: Readonly<Record<string, FilterSet>> = {
  volume: VOLUME_FILTERS,
  snapshot: SNAPSHOT_FILTERS,
  backup: BACKUP_FILTERS,
  attachment: ATTACHMENT_FILTERS,
  volume_type: TYPE_FILTERS,
  pool: { all: {}, open: ['name', 'volume_type'], later: { volume_type: 35 } },
};

export const cloudEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(facadeVolume.listZones, async (ctx) => ({
    availabilityZoneInfo: (await volumeZones(ctx)).map((zoneName) => ({ zoneName, zoneState: { available: true } })),
  })),
  endpoint(facadeVolume.showLimits, async (ctx, { query }) => {
    // Of others' limits only administrators hear; what end users name is not heard (3.39).
    const admin = since(ctx, 39) && (ctx.scope?.admin ?? false);
    const other = admin ? (queryText(query, 'project_id') ?? queryText(query, 'tenant_id')) : undefined;
    return { limits: { rate: [], absolute: absoluteLimits(await quotasOf(ctx, other)) } };
  }),
  endpoint(facadeVolume.showQuotaDefaults, async (ctx, { params: { project } }) => {
    await quotasOf(ctx, project);
    return { quota_set: { id: project, ...quotaSet(defaultQuotas()) } };
  }),
  endpoint(facadeVolume.showQuotaSet, async (ctx, { params: { project }, query }) => ({
    quota_set: { id: project, ...quotaSet(await quotasOf(ctx, project), queryBoolean(query, 'usage') ?? false) },
  })),
  endpoint(facadeVolume.updateQuotaSet, async (ctx, { params: { project }, body: { quota_set: sent } }) => {
    if (Object.keys(sent).length === 0)
      throw faceFault(
        'invalid',
        'Invalid input for field/attribute quota_set. Value: {}. {} does not have enough properties',
      );
    const limited = FREE.find((one) => sent[one] !== undefined && Number(sent[one]) !== -1);
    if (limited) refuseAbsent(`${limited} are not limited here: -1 is all that it can be.`);
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
  endpoint(facadeVolume.updateQuotaClass, async (ctx) => {
    demandAdmin(ctx);
    return Promise.resolve(refuseAbsent('default quotas are those of the portal.'));
  }),
  endpoint(facadeVolume.listExtensions, async () => Promise.resolve({ extensions: [] })),
  endpoint(facadeVolume.listResourceFilters, async (ctx, { query }) => {
    demandSince(ctx, 33);
    const only = queryText(query, 'resource');
    return Promise.resolve({
      resource_filters: Object.entries(FILTERS)
        .filter(([resource]) => only === undefined || resource === only)
        .map(([resource, set]) => ({ resource, filters: openFilters(ctx, set) })),
    });
  }),
];
