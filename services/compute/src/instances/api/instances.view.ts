import { createHash } from 'node:crypto';
import type { Viewer } from '../../access/api/viewer.js';
import { flavorView } from '../../catalog/api/catalog.view.js';
import { localSeconds, localTime } from '../../local-time.js';
import { PLAIN_FAULTS } from '../../operations/api/operations.view.js';
import { displayStatus, displayTask } from '../../operations/instance-states.js';
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
  status: i.vm_state,
  display_status: displayStatus(i.vm_state),
  display_task: displayTask(i.task_state),
  locked: i.locked_by !== null,
  booted_from_iso: i.booted_from_iso,
  created: localSeconds(i.created_at, zone),
  region: i.region_id,
  region_obj: {
    id: i.region_id,
    enable_volumes: i.region_enable_volumes,
    description: i.region_description,
    enable_snapshots: i.region_enable_snapshots,
    enabled: i.region_enabled,
  },
  flavor: flavorView(i),
  image: i.image_id,
  os_distro: i.os_distro,
  client: { id: i.client_id, name: i.client_name },
  access_ip: i.access_ip,
  host_name: staff ? i.host_name : null,
  hostId: hostId(i.project_id, i.host_name),
  // Traffic is not measured yet.
  current_month_traffic: 0,
  current_cycle_traffic: 0,
  allowed_actions: i.allowed_actions,
});

const faultView = (fault: ShownInstance['fault'], staff: boolean) =>
  fault && { ...fault, message: staff || PLAIN_FAULTS.has(fault.code) ? fault.message : 'The operation failed.' };
const addressesView = (addresses: ShownInstance['addresses']) => {
  const byNetwork: Record<string, Omit<ShownInstance['addresses'][number], 'network'>[]> = {};
  for (const { network, ...one } of addresses) (byNetwork[network] ??= []).push(one);
  return byNetwork;
};
export const instanceDetailView = (i: ShownInstance, viewer: Viewer) => {
  const time = (at: string | null): string | null => at && localTime(at, viewer.zone);
  return {
    ...instanceView(i, viewer),
    task_state: i.task_state,
    power_state: i.power_state,
    fault: faultView(i.fault, viewer.staff),
    addresses: addressesView(i.addresses),
    volumes: [],
    security_groups: [],
    ssh_key: null,
    project_id: i.project_id,
    tags: i.tags,
    delete_protection: i.delete_protection,
    updated: localTime(i.updated_at, viewer.zone),
    launched_at: time(i.launched_at),
    terminated_at: time(i.terminated_at),
  };
};
