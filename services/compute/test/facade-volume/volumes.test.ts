import { IMAGE } from '../cloud-support.js';
import { useFaces } from '../facade/face-support.js';
import { useStorage } from '../volumes/volume-support.js';

const V = '/volume/v3';
const NOBODY = '0b0b0b0b-0000-4000-8000-000000000000';
interface Shown {
  id: string;
  status: string;
  [attribute: string]: unknown;
}

describe('the block storage API', () => {
  const cloud = useStorage();
  const face = useFaces(cloud.service);

  const make = async (more: object = {}, version?: string): Promise<Shown> => {
    const { body } = await face.user.post(`${V}/volumes`, { volume: { size: 1, name: 'data', ...more } }, version);
    const { volume } = body as { volume: Shown };
    await cloud.work();
    return volume;
  };
  const show = async (id: string, version?: string): Promise<Shown> =>
    ((await face.user.get(`${V}/volumes/${id}`, version).expect(200)).body as { volume: Shown }).volume;
  const act = (id: string, action: object, version?: string) =>
    face.user.post(`${V}/volumes/${id}/action`, action, version);

  it.each(['/volume', '/volume/'])('300: %s says its versions without a token', async (path) => {
    const { body } = await face.nobody.get(path).expect(300);
    expect(body).toMatchObject({ versions: [{ id: 'v3.0', min_version: '3.0', version: '3.67', status: 'CURRENT' }] });
  });
  it.each([V, `${V}/`])('200: %s says its range without a token', async (path) => {
    const { headers } = await face.nobody.get(path, 'volume 3.59').expect(200);
    expect(headers['openstack-api-version']).toBe('volume 3.59');
  });

  it('202: a volume is made, extended, labelled and deleted', async () => {
    const { body } = await face.user
      .post(`${V}/${face.project}/volumes`, {
        volume: { size: '1', name: 'a', description: 'b', metadata: { k: 'v' } },
      })
      .expect(202);
    const { volume } = body as { volume: Shown };
    expect(volume).toMatchObject({
      name: 'a',
      description: 'b',
      status: 'creating',
      size: 1,
      bootable: 'false',
      encrypted: false,
      multiattach: false,
      metadata: { k: 'v' },
      attachments: [],
      availability_zone: 'Region1',
      volume_type: null,
      consistencygroup_id: null,
      'os-vol-tenant-attr:tenant_id': face.project,
    });
    expect(volume.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(volume).not.toHaveProperty('os-vol-host-attr:host');
    expect(volume).not.toHaveProperty('group_id');
    const { id } = volume;
    await cloud.work();
    expect(await show(id, 'volume 3.65')).toMatchObject({ status: 'available', group_id: null, consumes_quota: true });
    await act(id, { 'os-extend': { new_size: 2 } }).expect(202);
    await cloud.work();
    await act(id, { 'os-set_bootable': { bootable: true } }).expect(200);
    await face.user.put(`${V}/volumes/${id}`, { volume: { name: 'c' } }).expect(200);
    await face.user.post(`${V}/volumes/${id}/metadata`, { metadata: { l: 'w' } }).expect(200);
    await face.user.delete(`${V}/volumes/${id}/metadata/k`).expect(200);
    await act(id, { 'os-set_image_metadata': { metadata: { os: 'x' } } }).expect(200);
    expect(await show(id)).toMatchObject({
      name: 'c',
      size: 2,
      bootable: 'true',
      metadata: { l: 'w' },
      volume_image_metadata: { os: 'x' },
    });
    await face.user.delete(`${V}/volumes/${id}`).expect(202);
    await cloud.work();
    const { body: gone } = await face.user.get(`${V}/volumes/${id}`).expect(404);
    expect(gone).toEqual({ itemNotFound: { code: 404, message: `Volume ${id} could not be found.` } });
  });
  it('202: a volume is made of an image, a snapshot, a volume and a backup', async () => {
    const one = await make({ imageRef: IMAGE, size: 10 });
    expect(await show(one.id)).toMatchObject({ bootable: 'true', volume_image_metadata: { image_id: IMAGE } });
    const made = await face.user
      .post(`${V}/snapshots`, { snapshot: { volume_id: one.id, name: 's', metadata: { a: 'b' } } })
      .expect(202);
    const { snapshot } = made.body as { snapshot: Shown };
    await cloud.work();
    const kept = await face.user.post(`${V}/backups`, { backup: { volume_id: one.id, name: 'k' } }).expect(202);
    const { backup } = kept.body as { backup: Shown };
    await cloud.work();
    const { body } = await face.user.get(`${V}/snapshots/detail?volume_id=${one.id}`).expect(200);
    expect(body).toMatchObject({ snapshots: [{ id: snapshot.id, status: 'available', metadata: { a: 'b' } }] });
    for (const source of [{ snapshot_id: snapshot.id }, { source_volid: one.id }, { backup_id: backup.id }]) {
      const { id } = await make({ ...source, size: null }, 'volume 3.47');
      expect(await show(id)).toMatchObject({ status: 'available', size: 10 });
      await face.user.delete(`${V}/volumes/${id}`).expect(202);
      await cloud.work();
    }
    const back = await face.user.post(`${V}/backups/${backup.id}/restore`, { restore: { volume_id: one.id } });
    expect([back.status, back.body]).toMatchObject([202, { restore: { volume_id: one.id, backup_id: backup.id } }]);
    await cloud.work();
    await act(one.id, { revert: { snapshot_id: snapshot.id } }, 'volume 3.40').expect(202);
    await cloud.work();
    const image = await act(one.id, { 'os-volume_upload_image': { image_name: 'i', disk_format: 'qcow2' } }).expect(
      202,
    );
    expect(image.body).toMatchObject({
      'os-volume_upload_image': { id: one.id, image_name: 'i', status: 'uploading' },
    });
    await cloud.work();
    await face.user.delete(`${V}/volumes/${one.id}`).expect(400);
    await face.user.delete(`${V}/volumes/${one.id}?cascade=True`).expect(202);
    await cloud.work();
    await face.user.get(`${V}/snapshots/${snapshot.id}`).expect(404);
    await face.user.get(`${V}/volumes/${one.id}`).expect(404);
    await face.user.delete(`${V}/backups/${backup.id}`).expect(202);
    await cloud.work();
    await face.user.get(`${V}/backups/${backup.id}`).expect(404);
  });
  it('200: an attachment is made, shown and taken back', async () => {
    const { id } = await make();
    const server = await cloud.build();
    const attachment = { volume_uuid: id, instance_uuid: server };
    const { body } = await face.user.post(`${V}/attachments`, { attachment }, 'volume 3.44').expect(200);
    await cloud.work();
    const made = (body as { attachment: Shown }).attachment.id;
    expect(await show(id)).toMatchObject({
      status: 'in-use',
      attachments: [{ server_id: server, attachment_id: made, volume_id: id, device: '/dev/vdb', host_name: null }],
    });
    await face.user.post(`${V}/attachments/${made}/action`, { 'os-complete': {} }, 'volume 3.44').expect(204);
    await face.user.post(`${V}/attachments/${made}/action`, { 'os-complete': made }, 'volume 3.44').expect(204);
    await face.user.post(`${V}/attachments/${made}/action`, { 'os-complete': 1 }, 'volume 3.44').expect(400);
    await face.stranger.get(`${V}/attachments/${made}`, 'volume 3.44').expect(404);
    const list = await face.user.get(`${V}/attachments?volume_id=${id}`, 'volume 3.27').expect(200);
    expect(list.body).toEqual({ attachments: [{ id: made, status: 'attached', instance: server, volume_id: id }] });
    await face.user.delete(`${V}/attachments/${made}`, 'volume 3.27').expect(200);
    await cloud.work();
    expect(await show(id)).toMatchObject({ status: 'available', attachments: [] });
  });

  it('200: lists are filtered, sorted and paged', async () => {
    const ids = [];
    for (const name of ['p1', 'p2', 'p3']) ids.push((await make({ name, metadata: { page: 'y' } })).id);
    const names = async (query: string, version?: string): Promise<string[]> =>
      (
        (await face.user.get(`${V}/volumes/detail?${query}`, version).expect(200)).body as {
          volumes: { name: string }[];
        }
      ).volumes.map((one) => one.name);
    const words = encodeURIComponent("{'page': 'y'}");
    expect(await names(`metadata=${words}&sort=name:asc`)).toEqual(['p1', 'p2', 'p3']);
    expect(await names(`metadata=${words}`)).toEqual(['p3', 'p2', 'p1']);
    expect(await names('name=p2&status=available&bootable=false')).toEqual(['p2']);
    expect(await names(`metadata=${words}&sort=name:asc&marker=${ids[0]}&limit=1`)).toEqual(['p2']);
    expect(await names(`metadata=${words}&sort=name:asc&offset=2`)).toEqual(['p3']);
    expect(await names(`metadata=${words}&created_at=gt:2999-01-01T00:00:00`, 'volume 3.60')).toEqual([]);
    const { body } = await face.user
      .get(`${V}/volumes?metadata=${words}&limit=2&with_count=True`, 'volume 3.45')
      .expect(200);
    expect(body).toMatchObject({ count: 3, volumes_links: [{ rel: 'next' }] });
    expect((await face.stranger.get(`${V}/volumes?all_tenants=1`).expect(200)).body).toEqual({ volumes: [] });
    const all = (await face.staff.get(`${V}/volumes/detail?all_tenants=1&name=p1`).expect(200)).body;
    expect(all).toMatchObject({ volumes: [{ 'os-vol-host-attr:host': 'Region1@nefos#Region1' }] });
    const sum = (await face.user.get(`${V}/volumes/summary`, 'volume 3.12').expect(200)).body;
    expect(sum).toMatchObject({ 'volume-summary': { total_count: expect.any(Number) as number } });
    for (const strange of ['{"a":"\\u0000"}', '{"\\ud800":"a"}'])
      await face.user.get(`${V}/volumes?metadata=${encodeURIComponent(strange)}`).expect(400);
    for (const bad of ['sort=nothing', 'sort_dir=up', 'limit=x', 'offset=-1', 'metadata=x', 'sort=id&sort_key=id'])
      await face.user.get(`${V}/volumes?${bad}`).expect(400);
    await face.user.get(`${V}/volumes?marker=x`).expect(404);
  });

  it.each([
    [{}, 400],
    [{ volume: {} }, 400],
    [{ volume: { size: 'x' } }, 400],
    [{ volume: { size: 0 } }, 400],
    [{ volume: { size: 1, name: 'x'.repeat(256) } }, 400],
    [{ volume: { size: 1, name: 'a\0b' } }, 400],
    [{ volume: { size: 1, metadata: { '': 'x' } } }, 400],
    [{ volume: { size: 1, availability_zone: 'nowhere' } }, 400],
    [{ volume: { size: 1, imageRef: 'nothing' } }, 400],
    [{ volume: { size: 1, volume_type: 'nothing' } }, 404],
    [{ volume: { size: 1, snapshot_id: 'nothing' } }, 400],
    [{ volume: { size: 1, source_volid: NOBODY } }, 404],
    [{ volume: { size: 1, snapshot_id: NOBODY } }, 404],
    [{ volume: { size: 1, multiattach: true } }, 400],
    [{ volume: { size: 100_000 } }, 413],
  ])('%#: a volume that is refused: %j is a %i', async (body, status) => {
    const { body: refused } = await face.user.post(`${V}/volumes`, body).expect(status);
    const key = { 400: 'badRequest', 404: 'itemNotFound', 413: 'overLimit' }[status] ?? '';
    expect(refused).toEqual({ [key]: expect.objectContaining({ code: status }) as object });
  });
  it.each(['volume', 'snapshot', 'backup'])('200: the description of a %s is cleared by null', async (kind) => {
    const { id: volume } = await make();
    const path = `${V}/${kind}s`;
    const makeCopy = async (): Promise<string> => {
      const { body } = await face.user.post(path, { [kind]: { volume_id: volume, name: 'c' } }).expect(202);
      await cloud.work();
      return (body as Record<string, Shown>)[kind]?.id ?? '';
    };
    const made = kind === 'volume' ? volume : await makeCopy();
    const put = (value: string | null) =>
      face.user.put(`${path}/${made}`, { [kind]: { description: value } }, 'volume 3.67').expect(200);
    for (const value of ['long', null]) {
      await put(value);
      const { body } = await face.user.get(`${path}/${made}`).expect(200);
      expect((body as Record<string, unknown>)[kind]).toMatchObject({ description: value });
    }
  });
  it('400: nobody uses a volume that goes with its snapshots, and it goes', async () => {
    const { id } = await make();
    await face.user.post(`${V}/snapshots`, { snapshot: { volume_id: id, name: 's' } }).expect(202);
    const { body: kept } = await face.user.post(`${V}/backups`, { backup: { volume_id: id, name: 'k' } }).expect(202);
    await cloud.work();
    const server = await cloud.build();
    await face.user.delete(`${V}/volumes/${id}?cascade=True`).expect(202);
    expect(await show(id)).toMatchObject({ status: 'deleting' });
    await face.user.post(`${V}/snapshots`, { snapshot: { volume_id: id, name: 'late' } }).expect(400);
    await face.user.post(`${V}/backups`, { backup: { volume_id: id, name: 'late' } }).expect(400);
    await face.user.post(`${V}/volumes`, { volume: { source_volid: id } }).expect(400);
    await act(id, { 'os-extend': { new_size: 3 } }).expect(400);
    await act(id, { 'os-volume_upload_image': { image_name: 'i' } }).expect(400);
    const { backup } = kept as { backup: Shown };
    await face.user.post(`${V}/backups/${backup.id}/restore`, { restore: { volume_id: id } }).expect(400);
    const attach = { volumeAttachment: { volumeId: id } };
    const { status } = await face.user.post(`/compute/v2.1/servers/${server}/os-volume_attachments`, attach);
    expect([400, 409]).toContain(status);
    await cloud.work();
    await face.user.get(`${V}/volumes/${id}`).expect(404);
  });
  it('404: what is another client’s looks as if it were not there', async () => {
    const { id } = await make();
    await face.stranger.get(`${V}/volumes/${id}`).expect(404);
    await face.stranger.delete(`${V}/volumes/${id}`).expect(404);
    await face.stranger.put(`${V}/volumes/${id}`, { volume: { name: 'x' } }).expect(404);
    await face.stranger.post(`${V}/volumes/${id}/action`, { 'os-extend': { new_size: 9 } }).expect(404);
    await face.stranger.post(`${V}/snapshots`, { snapshot: { volume_id: id } }).expect(404);
    await face.stranger.post(`${V}/backups`, { backup: { volume_id: id } }).expect(404);
    await face.reader.delete(`${V}/volumes/${id}`).expect(403);
    await act(id, { 'os-reset_status': { status: 'error' } }).expect(403);
    await act(id, { 'os-retype': { new_type: 'x' } }).expect(400);
    await act(id, { 'os-extend': { new_size: 1 } }).expect(400);
    await act(id, {}).expect(400);
    await act('name', { 'os-extend': { new_size: 2 } }).expect(404);
    const reset = { 'os-reset_status': { status: 'error' } };
    await face.staff.post(`${V}/volumes/${id}/action`, reset).expect(202);
    expect(await show(id)).toMatchObject({ status: 'error' });
  });
  it('200: types, with their extra specs, are staff’s to change', async () => {
    const volumeType = { name: 'fast', description: 'd', extra_specs: { a: 'b' } };
    await face.user.post(`${V}/types`, { volume_type: volumeType }).expect(403);
    const { body } = await face.staff.post(`${V}/types`, { volume_type: volumeType }).expect(200);
    const { id } = (body as { volume_type: Shown }).volume_type;
    await face.staff.post(`${V}/types`, { volume_type: volumeType }).expect(409);
    expect(body).toMatchObject({ volume_type: { name: 'fast', is_public: true, extra_specs: { a: 'b' } } });
    await face.staff.post(`${V}/types/${id}/extra_specs`, { extra_specs: { c: 'd' } }).expect(200);
    await face.staff.delete(`${V}/types/${id}/extra_specs/a`).expect(202);
    expect((await face.staff.get(`${V}/types/${id}/extra_specs`).expect(200)).body).toEqual({
      extra_specs: { c: 'd' },
    });
    expect((await face.user.get(`${V}/types`).expect(200)).body).toMatchObject({
      volume_types: expect.arrayContaining([expect.objectContaining({ id, extra_specs: {} })]) as object,
    });
    expect(await make({ volume_type: 'fast' })).toMatchObject({ volume_type: 'fast' });
    await face.staff.put(`${V}/types/${id}`, { volume_type: { description: 'e' } }).expect(200);
    await face.staff.delete(`${V}/types/${id}`).expect(409);
    await face.user.get(`${V}/types/default`).expect(404);
  });
  it('200: zones, limits, quotas, services and what there is none of', async () => {
    const zones = (await face.user.get(`${V}/os-availability-zone`).expect(200)).body;
    expect(zones).toEqual({ availabilityZoneInfo: [{ zoneName: 'Region1', zoneState: { available: true } }] });
    const limits = (await face.user.get(`${V}/limits`).expect(200)).body;
    expect(limits).toMatchObject({ limits: { rate: [], absolute: { maxTotalVolumeGigabytes: 1000 } } });
    const quota = `${V}/os-quota-sets/${face.project}`;
    expect((await face.user.get(`${quota}?usage=True`).expect(200)).body).toMatchObject({
      quota_set: { id: face.project, backups: { limit: 10, reserved: 0 } },
    });
    await face.user.put(quota, { quota_set: { volumes: 50 } }).expect(403);
    const set = (await face.staff.put(quota, { quota_set: { volumes: 50 } }).expect(200)).body;
    expect(set).toMatchObject({ quota_set: { volumes: 50, gigabytes: 1000 } });
    await face.staff.delete(quota).expect(200);
    await face.stranger.get(quota).expect(403);
    for (const path of ['os-services', 'scheduler-stats/get_pools']) {
      await face.staff.get(`${V}/${path}`).expect(200);
      await face.user.get(`${V}/${path}`).expect(403);
    }
    for (const path of ['qos-specs', 'consistencygroups', 'os-volume-transfer', 'extensions', 'cgsnapshots'])
      await face.user.get(`${V}/${path}`).expect(200);
    await face.user.get(`${V}/groups`, 'volume 3.13').expect(200);
    await face.user.get(`${V}/groups`).expect(404);
    await face.user.post(`${V}/os-volume-transfer`, { transfer: { volume_id: 'x' } }).expect(400);
  });
});
