import { createHash } from 'node:crypto';
import type { Viewer } from '../../access/api/viewer.js';
import { byKey } from '../../by-key.js';
import { flavorView } from '../../catalog/api/catalog.view.js';
import { localSeconds, localTime } from '../../local-time.js';
import { PLAIN_FAULTS } from '../../operations/api/operations.view.js';
import { displayStatus, displayTask } from '../../operations/display.js';
import type { InstanceDetail } from '../domain/details.js';
import type { ShownInstance } from '../domain/instances.js';

/** Instances as contract compute §6.2 shows them. */
const hostId = (projectId: string, host: string | null): string =>
  host === null
    ? ''
    : createHash('sha224')
        .update(projectId + host)
        .digest('hex');
export const instanceView = (i: ShownInstance, { staff, zone }: Viewer) => ({
  id: i.id,
  uuid: i.id,
  name: i.name,
  description: i.description,
  status: i.vmState,
  display_status: displayStatus(i.vmState),
  display_task: displayTask(i.taskState),
  locked: i.lockedBy !== null,
  booted_from_iso: i.bootedFromIso,
  created: localSeconds(i.createdAt, zone),
  region: i.regionId,
  region_obj: {
    id: i.regionId,
    enable_volumes: i.regionEnableVolumes,
    description: i.regionDescription,
    enable_snapshots: i.regionEnableSnapshots,
    enabled: i.regionEnabled,
  },
  flavor: flavorView(i, { staff }),
  image: i.imageId,
  os_distro: i.osDistro,
  client: { id: i.clientId, name: i.clientName },
  access_ip: i.accessIp,
  host_name: staff ? i.hostName : null,
  hostId: hostId(i.projectId, i.hostName),
  current_month_traffic: i.monthTraffic,
  current_cycle_traffic: i.cycleTraffic,
  allowed_actions: i.allowedActions,
});

const faultView = (fault: ShownInstance['fault'], staff: boolean) =>
  fault && { ...fault, message: staff || PLAIN_FAULTS.has(fault.code) ? fault.message : 'The operation failed.' };
const addressesView = (addresses: ShownInstance['addresses']) =>
  byKey(addresses.map(({ network, ...one }) => [network, one] as const));
export const instanceDetailView = (i: InstanceDetail, viewer: Viewer) => {
  const time = (at: string | null): string | null => at && localTime(at, viewer.zone);
  return {
    ...instanceView(i, viewer),
    task_state: i.taskState,
    power_state: i.powerState,
    fault: faultView(i.fault, viewer.staff),
    addresses: addressesView(i.addresses),
    volumes: i.volumes,
    security_groups: i.securityGroups,
    ssh_key: null,
    project_id: i.projectId,
    tags: i.tags,
    delete_protection: i.deleteProtection,
    updated: localTime(i.updatedAt, viewer.zone),
    launched_at: time(i.launchedAt),
    terminated_at: time(i.terminatedAt),
  };
};
