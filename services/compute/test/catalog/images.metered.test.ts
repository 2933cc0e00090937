import { randomUUID } from 'node:crypto';
import { sql, type Tx } from '@nefos/service-kit';
import {
  endUsage,
  recordUsageOfFloatingIp,
  recordUsageOfVolume,
  recordUsageOfVolumeBackup,
  recordUsageOfVolumeSnapshot,
} from '../../src/owners/domain/usage.js';
import { useCloud } from '../cloud-support.js';

interface Told {
  type: string;
  sequence: number;
  client: string;
  quantity: string;
  unit: string;
}

describe('what metering is told of things beside instances', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const told = (aggregate: string): Promise<Told[]> =>
    sql<Told>(
      service.db,
      `select payload ->> 'type' type, (payload ->> 'sequence')::int sequence, payload #>> '{account,number}' client,
        payload #>> '{resource,quantity}' quantity, payload #>> '{resource,unit}' unit
      from outbox where aggregate = $1 order by id`,
      [aggregate],
    );
  const inTx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => service.db.transaction(work);
  const volume = (clientId = service.ownClient, id: string = randomUUID()) => ({ id, clientId, region: 'Region1' });

  it("an uploaded image counts from the upload to its deletion, and the cloud's own never", async () => {
    const body = { name: 'mine', region: 'Region1', disk_format: 'raw' };
    const images = '/api/openstack/images';
    const { id } = (await service.user.post(images, body).expect(201)).body as { id: string };
    expect(await told(`image:${id}`)).toEqual([]);
    await service.user
      .put(`${images}/${id}/file`)
      .set('Content-Type', 'application/octet-stream')
      .send(Buffer.alloc(1000, 1) as unknown as object)
      .expect(200);
    await service.user.patch(`${images}/${id}`, { name: 'renamed' }).expect(200);
    await service.user.delete(`${images}/${id}`).expect(204);
    const client = String(service.ownClient);
    expect(await told(`image:${id}`)).toEqual([
      { type: 'resource.usage', sequence: 1, client, quantity: '1000', unit: 'byte' },
      { type: 'resource.ended', sequence: 2, client, quantity: '1000', unit: 'byte' },
    ]);
    const own = (await service.staff.post('/staffapi/openstack/images', body).expect(201)).body as { id: string };
    await service.staff
      .put(`/staffapi/openstack/images/${own.id}/file`)
      .set('Content-Type', 'application/octet-stream')
      .send(Buffer.alloc(1000, 1) as unknown as object)
      .expect(200);
    expect(await told(`image:${own.id}`)).toEqual([]);
  });

  it('a backup counts once it is made, and no more when the rotation drops it', async () => {
    const instance = await cloud.build();
    const made = await cloud.act(instance, 'create_backup', { backup_type: 'daily', rotation: 1 }).expect(200);
    const id = String(made.headers['x-image-id']);
    expect(await told(`image:${id}`)).toEqual([]);
    await cloud.work();
    expect((await told(`image:${id}`)).map(({ type }) => type)).toEqual(['resource.usage']);
    await cloud.act(instance, 'create_backup', { backup_type: 'daily', rotation: 1 }).expect(200);
    await cloud.work();
    expect((await told(`image:${id}`)).map(({ type }) => type)).toEqual(['resource.usage', 'resource.ended']);
  });

  it('volumes and addresses: begin, change, the same again, end; twice is once', async () => {
    const one = volume();
    for (const size of [10, 10, 20]) await inTx((tx) => recordUsageOfVolume(tx, one, size));
    for (let i = 0; i < 2; i += 1) await inTx((tx) => endUsage(tx, 'volume', one.id));
    expect((await told(`volume:${one.id}`)).map(({ type, sequence, quantity }) => [type, sequence, quantity])).toEqual([
      ['resource.usage', 1, '10'],
      ['resource.usage', 2, '20'],
      ['resource.ended', 3, '20'],
    ]);
    const address = volume();
    await inTx((tx) => recordUsageOfFloatingIp(tx, address));
    await inTx((tx) => recordUsageOfVolumeSnapshot(tx, address, 3));
    await inTx((tx) => recordUsageOfVolumeBackup(tx, address, 4));
    expect(await told(`floating_ip:${address.id}`)).toMatchObject([{ quantity: '1', unit: 'address' }]);
    expect(await told(`volume_snapshot:${address.id}`)).toMatchObject([{ quantity: '3', unit: 'gibibyte' }]);
    expect(await told(`volume_backup:${address.id}`)).toMatchObject([{ quantity: '4', unit: 'gibibyte' }]);
  });

  it('many at once: numbers rise without a gap, and instants with them', async () => {
    const one = volume();
    await Promise.all(Array.from({ length: 8 }, (_, i) => inTx((tx) => recordUsageOfVolume(tx, one, i + 1))));
    const all = await sql<{ sequence: number; at: string }>(
      service.db,
      `select (payload ->> 'sequence')::int sequence, payload ->> 'occurred_at' "at" from outbox where aggregate = $1
      order by 1`,
      [`volume:${one.id}`],
    );
    expect(all.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(all.map(({ at }) => at)).toEqual([...all.map(({ at }) => at)].sort());
  });

  it("another client's from now on is the end of it for the former one", async () => {
    const { id } = volume();
    await inTx((tx) => recordUsageOfVolume(tx, volume(service.ownClient, id), 5));
    await inTx((tx) => recordUsageOfVolume(tx, volume(service.otherClient, id), 5));
    expect((await told(`volume:${id}`)).map(({ type, sequence, client }) => [type, sequence, Number(client)])).toEqual([
      ['resource.usage', 1, service.ownClient],
      ['resource.ended', 2, service.ownClient],
      ['resource.usage', 3, service.otherClient],
    ]);
  });

  it('what dies with its transaction was never told', async () => {
    const one = volume();
    await expect(
      inTx(async (tx) => {
        await recordUsageOfVolume(tx, one, 5);
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    expect(await told(`volume:${one.id}`)).toEqual([]);
    await inTx((tx) => recordUsageOfVolume(tx, one, 5));
    expect(await told(`volume:${one.id}`)).toMatchObject([{ sequence: 1 }]);
  });

  it('what was there before it was metered is told of once; what has ended meanwhile is not', async () => {
    const [kept, gone] = [volume(), volume()];
    for (const { id, clientId } of [kept, gone])
      await sql(
        service.db,
        `insert into metered_resource (kind, resource_id, client_id, region_id, quantity, sequence, due)
        values ('image', $1, $2, 'Region1', 7, 0, true)`,
        [id, clientId],
      );
    await inTx((tx) => endUsage(tx, 'image', gone.id));
    await service.sweep('usage.due');
    await service.sweep('usage.due');
    expect(await told(`image:${kept.id}`)).toMatchObject([{ type: 'resource.usage', sequence: 1, quantity: '7' }]);
    expect(await told(`image:${gone.id}`)).toEqual([]);
  });
});
