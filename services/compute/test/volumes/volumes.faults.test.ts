import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { IMAGE } from '../cloud-support.js';
import { BACKUPS, SNAPSHOTS, useStorage, VOLUMES } from './volume-support.js';

const INSTANCES = '/staffapi/openstack/instances';

describe('when the hypervisor fails or something is lost', () => {
  const cloud = useStorage();
  const { service } = cloud;
  const rename = (id: string, name: string) =>
    sql(service.db, 'update sim_volume set name = $2 where portal_id = $1', [id, name]);
  const operationOf = async (res: { headers: Record<string, string> }) =>
    (await service.staff.get(`/staffapi/operations/${String(res.headers['x-operation-id'])}`).expect(200)).body as {
      status: string;
      error: { code: string } | null;
    };
  /** Jobs that wait for their next attempt are due now. */
  const hurry = async (): Promise<void> => {
    await sql(service.db, `update graphile_worker._private_jobs set run_at = now()`);
    await cloud.work();
  };

  it('a volume that can not be made is in error, and is deleted', async () => {
    const id = await cloud.volume({ name: 'data sim:fail=volume' });
    expect(await cloud.show(id)).toMatchObject({
      status: 'error',
      fault: { code: 'internal', message: 'Simulated failure of volume.' },
    });
    await service.staff.delete(`${VOLUMES}/${id}`).expect(204);
    await cloud.work();
    expect(await cloud.show(id)).toBeUndefined();
  });
  it('what fails once is tried again', async () => {
    const id = await cloud.volume({ name: 'data sim:fail=volume@1' });
    expect(await cloud.status(id)).toBe('creating');
    await hurry();
    expect(await cloud.status(id)).toBe('available');
  });
  it('each action that fails for good leaves the status of the contract', async () => {
    const fails = async (
      name: string,
      path: string,
      body: object,
      ends: string,
      method: 'post' | 'delete' = 'post',
    ) => {
      const id = await cloud.volume();
      await rename(id, `data sim:fail=${name}`);
      const res = await (method === 'post'
        ? service.staff.post(`${VOLUMES}/${id}${path}`, body).expect(200)
        : service.staff.delete(`${VOLUMES}/${id}`).expect(204));
      await cloud.work();
      expect([name, await cloud.status(id), await operationOf(res)]).toMatchObject([
        name,
        ends,
        { status: 'failed', error: { code: 'internal' } },
      ]);
      return id;
    };
    const stuck = await fails('volumedelete', '', {}, 'error_deleting', 'delete');
    await rename(stuck, 'data');
    await service.staff.delete(`${VOLUMES}/${stuck}`).expect(204);
    await cloud.work();
    expect(await cloud.show(stuck)).toBeUndefined();
    const small = await fails('extend', '/extend', { size: 4 }, 'error_extending');
    expect(await cloud.show(small)).toMatchObject({ size: 1 });
    await rename(small, 'data');
    await service.staff.post(`${VOLUMES}/${small}/extend`, { size: 4 }).expect(200);
    await cloud.work();
    expect(await cloud.show(small)).toMatchObject({ status: 'available', size: 4, fault: null });
    const kept = await fails('upload', '/upload_to_image', { name: 'image' }, 'available');
    expect(await sql(service.db, 'select status from image where volume_id = $1', [kept])).toEqual([]);
  });
  it('a snapshot and a backup that fail are in error, the volume is as it was', async () => {
    const volume = await cloud.volume();
    const snapshot = await cloud.snapshot(volume, { name: 'x sim:fail=volumesnapshot' });
    const backup = await cloud.backup(volume, { name: 'x sim:fail=volumebackup' });
    expect((await service.staff.get(`${SNAPSHOTS}/${snapshot}`)).body.status).toBe('error');
    expect((await service.staff.get(`${BACKUPS}/${backup}`)).body.status).toBe('error');
    expect(await cloud.status(volume)).toBe('available');
    await service.staff.delete(`${SNAPSHOTS}/${snapshot}`).expect(204);
    await service.staff.delete(`${BACKUPS}/${backup}`).expect(204);
    await cloud.work();
    await service.staff.get(`${SNAPSHOTS}/${snapshot}`).expect(404);
    await service.staff.get(`${BACKUPS}/${backup}`).expect(404);
  });
  it('a revert that fails leaves an error: what is on the volume is not known; a restore mends it', async () => {
    const volume = await cloud.volume();
    const [snapshot, backup] = [await cloud.snapshot(volume), await cloud.backup(volume)];
    await rename(volume, 'data sim:fail=revert');
    await service.staff.post(`${VOLUMES}/${volume}/revert_to_snapshot`, { snapshot }).expect(200);
    await cloud.work();
    expect(await cloud.status(volume)).toBe('error');
    expect((await service.staff.get(`${SNAPSHOTS}/${snapshot}`)).body.status).toBe('available');
    await service.staff.post(`${BACKUPS}/${backup}/restore`, { volume }).expect(200);
    await cloud.work();
    expect(await cloud.status(volume)).toBe('available');
  });
  it('a guest that does not let go keeps the volume; a failed attachment gives it back', async () => {
    const [instance, volume, other] = [await cloud.build(), await cloud.volume(), await cloud.volume()];
    await cloud.attach(instance, volume);
    await rename(volume, 'data sim:guest-ignores-acpi');
    const res = await cloud.act(instance, 'detach_volume', { volume }).expect(200);
    await cloud.work();
    expect(await operationOf(res)).toMatchObject({ status: 'failed', error: { code: 'guest' } });
    expect(await cloud.show(volume)).toMatchObject({ status: 'in-use', attachments: [{ instance }] });
    await rename(other, 'data sim:fail=attach');
    await cloud.attach(instance, other);
    expect(await cloud.show(other)).toMatchObject({ status: 'available', attachments: [] });
  });
  it('an instance whose volume can not be made fails, keeps it, and goes with it', async () => {
    const boot = { source_type: 'image', source_id: IMAGE, create_new_volume: true, delete_on_termination: true };
    const { id } = await cloud.ask({ name: 'vm sim:fail=volume', boot_source: boot });
    await cloud.work();
    await hurry();
    expect((await service.staff.get(`${INSTANCES}/${id}`)).body).toMatchObject({
      status: 'error',
      volumes: [{ status: 'error' }],
    });
    await service.staff.delete(`${INSTANCES}/${id}`).expect(200);
    await cloud.work();
    expect(await sql(service.db, 'select 1 from volume_attachment where instance_id = $1', [id])).toEqual([]);
  });
  it('a failed build is tried again with the same volumes', async () => {
    const boot = { source_type: 'image', source_id: IMAGE, create_new_volume: true };
    const { id, operation } = await cloud.ask({ name: 'vm sim:fail=spawn', boot_source: boot });
    await cloud.work();
    expect((await service.staff.get(`${INSTANCES}/${id}`)).body).toMatchObject({
      status: 'error',
      volumes: [{ status: 'reserved' }],
    });
    await sql(service.db, `update instance set name = 'vm' where id = $1`, [id]);
    await service.staff.post(`/staffapi/operations/${operation}/retry`).expect(200);
    await cloud.work();
    expect((await service.staff.get(`${INSTANCES}/${id}`)).body).toMatchObject({
      status: 'active',
      volumes: [{ status: 'in-use', device: '/dev/vda' }],
    });
  });
  it('a job that is lost is found; an operation that is lost ends', async () => {
    const ask = async () =>
      (
        (
          await service.staff
            .post(VOLUMES, { region: 'Region1', name: 'data', size: 1, client: service.ownClient })
            .expect(201)
        ).body as { id: string }
      ).id;
    const id = await ask();
    await sql(service.db, 'delete from graphile_worker._private_jobs');
    await sql(service.db, `update operation set next_check_at = now() where status = 'pending'`);
    await service.sweep('volumes.stuck');
    await cloud.work();
    expect(await cloud.status(id)).toBe('available');
    const lost = await ask();
    await sql(service.db, 'delete from graphile_worker._private_jobs');
    await sql(service.db, 'delete from operation where object_id = $1', [lost]);
    await service.sweep('volumes.stuck');
    expect(await cloud.status(lost)).toBe('error');
  });
  it('a volume that is gone here is destroyed; one with a row stays, and one that was never here', async () => {
    const kept = await cloud.volume({}, await service.seedClient());
    const gone = await cloud.volume({}, await service.seedClient());
    await service.staff.delete(`${VOLUMES}/${gone}`).expect(204);
    await cloud.work();
    // Made after the backup of a database that was put back, or by the installation of which this one is a copy.
    const unknown = randomUUID();
    for (const portalId of [gone, unknown])
      await service.ctx.drivers
        .of('Region1')
        .volumes?.create({ portalId, projectId: 'p', name: 'x', sizeGb: 1, type: null, source: null });
    expect(await service.sweep('volumes.orphans')).toEqual({ destroyed: 1 });
    expect(await cloud.simulated(gone)).toEqual([]);
    for (const id of [kept, unknown]) expect(await cloud.simulated(id)).toHaveLength(1);
  });
  it('with its client everything goes, protected things and increments too', async () => {
    const client = await service.seedClient();
    const volume = await cloud.volume({ delete_protection: true }, client);
    await cloud.snapshot(volume);
    await cloud.backup(volume);
    await cloud.backup(volume, { incremental: true });
    const instance = await cloud.build({}, client);
    await cloud.attach(instance, volume);
    await service.staff.post(`/staffapi/clients/${client}/terminate`, {}).expect(409);
    await service.staff.delete(`/staffapi/clients/${client}`).expect(409);
    await service.staff.delete(`/staffapi/clients/${client}?delete_cloud_resources=true`).expect(204);
    for (let i = 0; i < 8; i += 1) await hurry();
    expect(await sql(service.db, 'select 1 from client where id = $1', [client])).toEqual([]);
    expect(await sql(service.db, 'select 1 from volume where client_id = $1', [client])).toEqual([]);
    expect(await sql(service.db, 'select 1 from volume_backup where client_id = $1', [client])).toEqual([]);
    expect(await sql(service.db, `select 1 from sim_volume where not goes and portal_id = $1`, [volume])).toEqual([]);
  });
});
