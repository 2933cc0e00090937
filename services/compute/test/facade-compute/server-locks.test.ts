import { sql } from '@nefos/service-kit';
import { useFaces } from '../facade/face-support.js';
import { useCloud } from '../cloud-support.js';
import { useRoom } from './server-support.js';

const at = (id: string): string => `/compute/v2.1/servers/${id}`;

describe('why a server is locked', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  useRoom(cloud, face);
  const shown = async (id: string) => {
    const { body } = await face.user.get(at(id), 'compute 2.73').expect(200);
    const { locked, locked_reason: reason } = (body as { server: Record<string, unknown> }).server;
    return [locked, reason];
  };
  const lock = (id: string, reason?: string) =>
    face.user
      .post(`${at(id)}/action`, { lock: reason === undefined ? null : { locked_reason: reason } }, 'compute 2.73')
      .expect(202);

  it('202: it is shown while the lock is there, whichever API removes that', async () => {
    const id = await cloud.build();
    await lock(id, 'inventory');
    expect(await shown(id)).toEqual([true, 'inventory']);
    await cloud.act(id, 'unlock', {}).expect(200);
    expect(await shown(id)).toEqual([false, null]);
    await cloud.act(id, 'lock', {}).expect(200);
    expect(await shown(id)).toEqual([true, null]);
    await cloud.act(id, 'unlock', {}).expect(200);
    await lock(id, 'again');
    await face.user.post(`${at(id)}/action`, { unlock: null }).expect(202);
    expect(await shown(id)).toEqual([false, null]);
  });
  it('202: a lock without a reason keeps that of the lock before, another one replaces it', async () => {
    const id = await cloud.build();
    await lock(id, 'first');
    await lock(id);
    expect(await shown(id)).toEqual([true, 'first']);
    await cloud.act(id, 'lock', {}).expect(200);
    expect(await shown(id)).toEqual([true, 'first']);
    await face.user.post(`${at(id)}/action`, { lock: { locked_reason: 'mine' } }, 'compute 2.73').expect(409);
    await face.staff.post(`${at(id)}/action`, { lock: { locked_reason: 'theirs' } }, 'compute 2.73').expect(202);
    expect(await shown(id)).toEqual([true, 'theirs']);
  });
  it('the upgrade keeps reasons of locks that are there, and none of those that were removed', async () => {
    const [locked, open] = [await cloud.build(), await cloud.build()];
    await lock(locked, 'kept');
    const has = async () => (await sql(service.db, `select from migrations where name like 'LockReasons%'`)).length > 0;
    while (await has()) await service.db.source.undoLastMigration();
    expect(await sql(service.db, 'select locked_reason from server_record where instance_id = $1', [locked])).toEqual([
      { locked_reason: 'kept' },
    ]);
    await sql(
      service.db,
      `insert into server_record (instance_id, locked_reason) values ($1, 'stale')
      on conflict (instance_id) do update set locked_reason = excluded.locked_reason`,
      [open],
    );
    await service.db.source.runMigrations();
    expect(await shown(locked)).toEqual([true, 'kept']);
    expect(await shown(open)).toEqual([false, null]);
  });
});
