import { sql } from '@nefos/service-kit';
import { createBody, IMAGE } from '../cloud-support.js';
import { BACKUPS, SNAPSHOTS, useStorage, VOLUMES } from './volume-support.js';

describe('the life of volumes', () => {
  const cloud = useStorage();
  const { service } = cloud;

  it('a volume is made, attached, detached, extended and deleted', async () => {
    const res = await service.staff
      .post(VOLUMES, { region: 'Region1', name: 'data', size: 3, client: service.ownClient })
      .expect(201);
    const { id } = res.body as { id: string };
    expect(res.body).toMatchObject({
      status: 'creating',
      size: 3,
      bootable: false,
      attachments: [],
      multiattach: false,
    });
    const operation = String(res.headers['x-operation-id']);
    expect((await service.staff.get(`/staffapi/operations/${operation}`).expect(200)).body).toMatchObject({
      type: 'volume.create',
      status: 'pending',
      primary_object: { type: 'volume', id },
      cancellable: false,
    });
    await cloud.work();
    expect(await cloud.status(id)).toBe('available');
    expect(await cloud.simulated(id)).toEqual([{ kind: 'volume', size_gb: 3, machine_id: null, restores: 0 }]);

    const instance = await cloud.build();
    const done = await service.user.post(`/api/openstack/instances/${instance}/attach-volume`, { volume: id });
    expect([done.status, done.body]).toEqual([200, { detail: 'Volume is attaching' }]);
    expect(await cloud.status(id)).toBe('attaching');
    await cloud.work();
    expect(await cloud.show(id)).toMatchObject({
      status: 'in-use',
      attachments: [{ instance, device: '/dev/vdb', delete_on_termination: false }],
    });
    expect((await service.staff.get(`/staffapi/openstack/instances/${instance}`).expect(200)).body.volumes).toEqual([
      { id, name: 'data', size: 3, status: 'in-use', device: '/dev/vdb', boot: false, delete_on_termination: false },
    ]);
    expect((await service.staff.delete(`${VOLUMES}/${id}`)).status).toBe(409);
    await service.staff.post(`${VOLUMES}/${id}/extend`, { size: 5 }).expect(200);
    expect(await cloud.show(id)).toMatchObject({ status: 'extending', size: 3 });
    await cloud.work();
    expect(await cloud.show(id)).toMatchObject({ status: 'in-use', size: 5 });
    await cloud.act(instance, 'detach_volume', { volume: id }).expect(200);
    await cloud.work();
    expect(await cloud.show(id)).toMatchObject({ status: 'available', attachments: [] });
    const history = await service.user.get(`/api/openstack/instances/${instance}/history`).expect(200);
    expect((history.body as { objects: { type: string }[] }).objects.map((one) => one.type)).toEqual([
      'volume.detach',
      'volume.attach',
      'instance.create',
    ]);
    await service.staff.delete(`${VOLUMES}/${id}`).expect(204);
    await service.staff.delete(`${VOLUMES}/${id}`).expect(204);
    await cloud.work();
    expect([await cloud.show(id), await cloud.simulated(id)]).toEqual([undefined, []]);
  });

  it('an instance boots from a new volume, which goes with it', async () => {
    const boot = { source_type: 'image', source_id: IMAGE, create_new_volume: true, volume_size: 4 };
    const instance = await cloud.build({ boot_source: { ...boot, delete_on_termination: true } });
    const page = (await service.staff.get(`/staffapi/openstack/instances/${instance}`).expect(200)).body;
    expect(page).toMatchObject({
      status: 'active',
      image: null,
      volumes: [{ size: 4, status: 'in-use', device: '/dev/vda', boot: true, delete_on_termination: true }],
    });
    const root = page.volumes[0].id as string;
    expect(await cloud.show(root)).toMatchObject({ bootable: true, source_image: IMAGE });
    const refused = await cloud.act(instance, 'detach_volume', { volume: root });
    expect([refused.status, refused.body]).toEqual([400, { volume: ['Root volume can not be detached.'] }]);
    const data = await cloud.volume();
    await cloud.attach(instance, data);
    await service.staff.delete(`/staffapi/openstack/instances/${instance}`).expect(200);
    await cloud.work();
    expect([await cloud.show(root), await cloud.status(data)]).toEqual([undefined, 'available']);
    expect((await cloud.simulated(data))[0]).toMatchObject({ machine_id: null });
  });

  it('instances boot from a volume that is there, from one that another has left, and from a snapshot', async () => {
    const root = await cloud.volume({ image: IMAGE, size: 3 });
    const bootsFrom = async (boot: object): Promise<string> => {
      const id = await cloud.build({ boot_source: { delete_on_termination: false, ...boot } });
      expect((await service.staff.get(`/staffapi/openstack/instances/${id}`).expect(200)).body).toMatchObject({
        ...{ id, status: 'active', image: null },
        volumes: [{ status: 'in-use', size: 3, boot: true, delete_on_termination: false }],
      });
      return id;
    };
    for (let round = 0; round < 2; round += 1) {
      const id = await bootsFrom({ source_type: 'volume', source_id: root });
      expect(id).not.toBe(root);
      expect((await cloud.simulated(root))[0]).toMatchObject({ machine_id: id });
      const again = await service.staff.post('/staffapi/openstack/instances', {
        ...createBody({ client: service.ownClient, boot_source: { source_type: 'volume', source_id: root } }),
      });
      expect([400, 409]).toContain(again.status);
      await service.staff.delete(`/staffapi/openstack/instances/${id}`).expect(200);
      await cloud.work();
      expect(await cloud.status(root)).toBe('available');
    }
    await bootsFrom({ source_type: 'volumesnapshot', source_id: await cloud.snapshot(root) });
  });

  it('delete_volumes=true takes all of them, a protected one refuses it', async () => {
    const instance = await cloud.build();
    const [first, second] = [await cloud.volume(), await cloud.volume({ delete_protection: true })];
    await cloud.attach(instance, first);
    await cloud.attach(instance, second, { device: '/dev/vdx' });
    const path = `/staffapi/openstack/instances/${instance}?delete_volumes=true`;
    expect(await cloud.call('delete', path)).toEqual({
      status: 409,
      body: { detail: 'Volume is protected from deletion.' },
    });
    await service.staff.patch(`${VOLUMES}/${second}`, { delete_protection: false }).expect(200);
    expect((await cloud.call('delete', path)).status).toBe(200);
    await cloud.work();
    expect([await cloud.show(first), await cloud.show(second)]).toEqual([undefined, undefined]);
  });

  it('snapshots, backups and what is made of them', async () => {
    const volume = await cloud.volume({ image: IMAGE, size: 2 });
    const snapshot = await cloud.snapshot(volume);
    expect((await service.staff.get(`${SNAPSHOTS}/${snapshot}`).expect(200)).body).toMatchObject({
      status: 'available',
      volume_id: volume,
      size: 2,
    });
    expect(await cloud.call('delete', `${VOLUMES}/${volume}`)).toEqual({
      status: 409,
      body: { detail: 'The volume has snapshots: delete those first.' },
    });
    const copy = await cloud.volume({ snapshot, size: 5 });
    expect(await cloud.show(copy)).toMatchObject({ status: 'available', source_snapshot: snapshot, bootable: true });
    const clone = await cloud.volume({ volume, size: null });
    expect(await cloud.show(clone)).toMatchObject({ status: 'available', source_volume: volume, size: 2 });
    await service.staff.post(`${VOLUMES}/${volume}/revert_to_snapshot`, { snapshot }).expect(200);
    expect(await cloud.status(volume)).toBe('maintenance');
    await cloud.work();
    expect([await cloud.status(volume), (await cloud.simulated(volume))[0]?.restores]).toEqual(['available', 1]);

    const full = await cloud.backup(volume);
    const part = await cloud.backup(volume, { incremental: true });
    expect((await service.staff.get(`${BACKUPS}/${part}`).expect(200)).body).toMatchObject({
      status: 'available',
      is_incremental: true,
      parent_id: full,
    });
    expect(await cloud.call('delete', `${BACKUPS}/${full}`)).toMatchObject({ status: 409 });
    await service.staff.delete(`${SNAPSHOTS}/${snapshot}`).expect(204);
    await cloud.work();
    await service.staff.get(`${SNAPSHOTS}/${snapshot}`).expect(404);
    await service.staff.delete(`${VOLUMES}/${volume}`).expect(204);
    await cloud.work();
    const restored = await service.staff.post(`${BACKUPS}/${part}/restore`, { name: 'again' }).expect(200);
    await cloud.work();
    const again = (restored.body as { id: string }).id;
    expect(await cloud.show(again)).toMatchObject({ status: 'available', name: 'again', source_backup: part, size: 2 });
    await service.staff.post(`${BACKUPS}/${part}/restore`, { volume: clone }).expect(200);
    expect(await cloud.status(clone)).toBe('restoring-backup');
    await cloud.work();
    expect([await cloud.status(clone), (await cloud.simulated(clone))[0]?.restores]).toEqual(['available', 1]);
    for (const one of [part, full]) {
      await service.staff.delete(`${BACKUPS}/${one}`).expect(204);
      await cloud.work();
      await service.staff.get(`${BACKUPS}/${one}`).expect(404);
    }
  });

  it('an image is made of a volume, and deleted', async () => {
    const volume = await cloud.volume();
    const res = await service.staff.post(`${VOLUMES}/${volume}/upload_to_image`, { name: 'golden' }).expect(200);
    const image = String(res.headers['x-image-id']);
    expect((await service.user.get(`/api/openstack/images/${image}`).expect(200)).body.status).toBe('saving');
    await cloud.work();
    expect((await service.user.get(`/api/openstack/images/${image}`).expect(200)).body).toMatchObject({
      status: 'active',
      min_disk: 1,
      visibility: 'private',
    });
    expect(await cloud.status(volume)).toBe('available');
    await service.user.delete(`/api/openstack/images/${image}`).expect(204);
    await cloud.work();
    expect(await sql(service.db, 'select 1 from sim_image where image_id = $1', [image])).toEqual([]);
  });
});
