import { useFaces, type FaceAs } from '../facade/face-support.js';
import { useStorage } from '../volumes/volume-support.js';

interface Sent {
  command: string;
  method: 'get' | 'post' | 'put' | 'delete';
  /** `{volume}` and others stand for ids of what was made. */
  path: string;
  body?: object;
  status: number;
  as?: 'staff';
  /** What the answer's id is kept as. */
  keep?: string;
}
const action = (command: string, body: object, status = 202, as?: 'staff'): Sent => ({
  command,
  method: 'post',
  path: 'volumes/{volume}/action',
  body,
  status,
  ...(as && { as }),
});
const newVolume = (more: object) => ({
  volume: {
    size: 1,
    consistencygroup_id: null,
    snapshot_id: null,
    name: 'v',
    description: null,
    volume_type: null,
    availability_zone: null,
    metadata: {},
    imageRef: null,
    source_volid: null,
    ...more,
  },
});
/** What openstack 6.0.0 sends for its commands, without a version, and with the project in the path. */
const SENT: readonly Sent[] = [
  {
    command: 'volume type create',
    method: 'post',
    path: 'types',
    status: 200,
    as: 'staff',
    keep: 'type',
    body: { volume_type: { name: 'fast', description: null, 'os-volume-type-access:is_public': true } },
  },
  {
    command: 'volume type set --property',
    method: 'post',
    path: 'types/{type}/extra_specs',
    status: 200,
    as: 'staff',
    body: { extra_specs: { a: 'b' } },
  },
  {
    command: 'volume type set --name',
    method: 'put',
    path: 'types/{type}',
    status: 200,
    as: 'staff',
    body: { volume_type: { name: 'faster', description: null } },
  },
  { command: 'volume type unset', method: 'delete', path: 'types/{type}/extra_specs/a', status: 202, as: 'staff' },
  { command: 'volume type show fast', method: 'get', path: 'types/fast', status: 404 },
  { command: 'volume type list', method: 'get', path: 'types?is_public=None', status: 200 },
  {
    command: 'volume create',
    method: 'post',
    path: 'volumes',
    status: 202,
    keep: 'volume',
    body: newVolume({ metadata: { a: 'b' } }),
  },
  {
    command: 'volume create --multi-attach',
    method: 'post',
    path: 'volumes',
    status: 400,
    body: newVolume({ multiattach: true }),
  },
  { command: 'volume show v', method: 'get', path: 'volumes/v', status: 404 },
  { command: 'volume show v', method: 'get', path: 'volumes/detail?all_tenants=1&name=v', status: 200 },
  { command: 'volume show v', method: 'get', path: 'volumes/{volume}', status: 200 },
  { command: 'volume list', method: 'get', path: 'volumes/detail', status: 200 },
  {
    command: 'volume list --marker --limit',
    method: 'get',
    path: 'volumes/detail?limit=1&marker={volume}',
    status: 200,
  },
  {
    command: 'volume set --name',
    method: 'put',
    path: 'volumes/{volume}',
    status: 200,
    body: { volume: { name: 'w', description: 'd' } },
  },
  {
    command: 'volume set --property',
    method: 'post',
    path: 'volumes/{volume}/metadata',
    status: 200,
    body: { metadata: { c: 'd' } },
  },
  { command: 'volume unset --property', method: 'delete', path: 'volumes/{volume}/metadata/c', status: 200 },
  action('volume set --size', { 'os-extend': { new_size: 2 } }),
  action('volume set --bootable', { 'os-set_bootable': { bootable: true } }, 200),
  action('volume set --image-property', { 'os-set_image_metadata': { metadata: { os: 'x' } } }, 200),
  action('volume unset --image-property', { 'os-unset_image_metadata': { key: 'os' } }, 200),
  action('volume set --read-write', { 'os-update_readonly_flag': { readonly: false } }),
  action('volume set --read-only', { 'os-update_readonly_flag': { readonly: true } }, 400),
  action('volume set --type', { 'os-retype': { new_type: 'faster', migration_policy: 'never' } }, 400),
  action('volume set --state', { 'os-reset_status': { status: 'error' } }, 202, 'staff'),
  action('volume set --state', { 'os-reset_status': { status: 'available' } }, 202, 'staff'),
  action(
    'volume migrate',
    { 'os-migrate_volume': { host: 'h', force_host_copy: false, lock_volume: false } },
    400,
    'staff',
  ),
  action('image create --volume', {
    'os-volume_upload_image': { force: false, image_name: 'i', container_format: 'bare', disk_format: 'raw' },
  }),
  {
    command: 'volume snapshot create',
    method: 'post',
    path: 'snapshots',
    status: 202,
    keep: 'snapshot',
    body: { snapshot: { volume_id: '{volume}', force: false, name: 's', description: null, metadata: {} } },
  },
  { command: 'volume snapshot show s', method: 'get', path: 'snapshots/s', status: 404 },
  { command: 'volume snapshot list', method: 'get', path: 'snapshots/detail?volume_id={volume}', status: 200 },
  {
    command: 'volume snapshot set',
    method: 'put',
    path: 'snapshots/{snapshot}',
    status: 200,
    body: { snapshot: { description: 'd' } },
  },
  {
    command: 'volume snapshot set --property',
    method: 'post',
    path: 'snapshots/{snapshot}/metadata',
    status: 200,
    body: { metadata: { a: 'b' } },
  },
  {
    command: 'volume snapshot set --state',
    method: 'post',
    path: 'snapshots/{snapshot}/action',
    status: 202,
    as: 'staff',
    body: { 'os-reset_status': { status: 'error' } },
  },
  {
    command: 'volume snapshot set --state',
    method: 'post',
    path: 'snapshots/{snapshot}/action',
    status: 202,
    as: 'staff',
    body: { 'os-reset_status': { status: 'available' } },
  },
  {
    command: 'volume backup create',
    method: 'post',
    path: 'backups',
    status: 202,
    keep: 'backup',
    body: {
      backup: {
        volume_id: '{volume}',
        container: null,
        name: 'b',
        description: null,
        incremental: false,
        force: false,
        snapshot_id: null,
      },
    },
  },
  { command: 'volume backup list', method: 'get', path: 'backups/detail', status: 200 },
  {
    command: 'volume backup restore',
    method: 'post',
    path: 'backups/{backup}/restore',
    status: 202,
    body: { restore: { volume_id: '{volume}', name: 'w' } },
  },
  {
    command: 'quota set --volumes',
    method: 'put',
    path: 'os-quota-sets/{project}',
    status: 200,
    as: 'staff',
    body: { quota_set: { tenant_id: '{project}', volumes: 50 } },
  },
  { command: 'quota show', method: 'get', path: 'os-quota-sets/{project}?usage=False', status: 200 },
  { command: 'limits show', method: 'get', path: 'limits', status: 200 },
  { command: 'consistency group list', method: 'get', path: 'consistencygroups', status: 200 },
  {
    command: 'consistency group create',
    method: 'post',
    path: 'consistencygroups',
    status: 400,
    body: { consistencygroup: { name: 'g', volume_types: 'fast' } },
  },
  {
    command: 'volume transfer request create',
    method: 'post',
    path: 'os-volume-transfer',
    status: 400,
    body: { transfer: { volume_id: '{volume}', name: null } },
  },
  {
    command: 'volume service set --disable',
    method: 'put',
    path: 'os-services/disable',
    status: 400,
    as: 'staff',
    body: { host: 'h', binary: 'cinder-volume' },
  },
  { command: 'volume backup delete', method: 'delete', path: 'backups/{backup}', status: 202 },
  { command: 'volume delete', method: 'delete', path: 'volumes/{volume}', status: 400 },
  { command: 'volume snapshot delete', method: 'delete', path: 'snapshots/{snapshot}', status: 202 },
  action('volume delete --force', { 'os-force_delete': null }, 403),
  { command: 'volume delete --purge', method: 'delete', path: 'volumes/{volume}?cascade=True', status: 202 },
  { command: 'volume show', method: 'get', path: 'volumes/{volume}', status: 404 },
  { command: 'volume type delete', method: 'delete', path: 'types/{type}', status: 202, as: 'staff' },
];

describe('the openstack command, 6.0.0', () => {
  const cloud = useStorage();
  const face = useFaces(cloud.service);
  it('each of its requests is answered as it expects', async () => {
    const ids: Record<string, string> = { project: face.project };
    const filled = (text: string): string =>
      text.replace(/\{(volume|snapshot|backup|type|project)\}/g, (_all, name: string) => ids[name] ?? '');
    const ask = async ({ method, path, body, as }: Sent) => {
      const caller: FaceAs = as ? face.staff : face.user;
      // Administrators have a project of their own.
      const at = `/volume/v3/${as ? '' : `${face.project}/`}${filled(path)}`;
      if (method === 'get' || method === 'delete') return caller[method](at);
      return caller[method](at, body && (JSON.parse(filled(JSON.stringify(body))) as object));
    };
    for (const sent of SENT) {
      const res = await ask(sent);
      expect([sent.command, sent.path, res.status, res.status === sent.status ? '' : res.text]).toEqual([
        sent.command,
        sent.path,
        sent.status,
        '',
      ]);
      if (sent.keep) ids[sent.keep] = (Object.values(res.body as object)[0] as { id: string }).id;
      await cloud.work();
    }
  });
});
