import { sql } from '@nefos/service-kit';
import { useService } from '../support.js';

describe('a job that is lost: the reconciler finds the row, and the work is done in the end', () => {
  const service = useService();
  const wanted = {
    username: 'lora',
    email: 'lora@example.com',
    first_name: 'A',
    last_name: 'B',
    password: 'Aa1-something-long',
  };
  const atIdentity = () => [...service.identity.users.values()].find((one) => one.email === wanted.email);
  /** Identity does not answer `call` while `work` runs, and then every job is lost. */
  const losing = async (
    call: 'activateUser' | 'deleteUser' | 'revokeToken',
    work: () => Promise<unknown>,
  ): Promise<void> => {
    const before = service.identity[call];
    service.identity[call] = () => Promise.reject(new Error('silent'));
    try {
      await work();
    } finally {
      Object.assign(service.identity, { [call]: before });
    }
    await sql(service.db, 'delete from graphile_worker._private_jobs');
    await service.work();
  };

  it('201, 204: users.unsettled: a new user is let in, a deleted one is deleted at identity', async () => {
    await losing('activateUser', () => service.staff.post('/staffapi/users', wanted).expect(201));
    expect(atIdentity()?.active).toBe(false);
    const [user] = await sql<{ id: number }>(service.db, "select id from portal_user where username = 'lora'");
    const id = user?.id as number;
    // One that has its job already keeps that one job.
    for (const _ of [1, 2]) await service.sweep('users.unsettled');
    expect(await sql(service.db, 'select task_identifier from graphile_worker.jobs')).toEqual([
      { task_identifier: 'user.activate' },
    ]);
    await service.work();
    expect(atIdentity()?.active).toBe(true);

    await losing('deleteUser', () => service.staff.delete(`/staffapi/users/${id}`).expect(204));
    expect(atIdentity()?.active).toBe(true);
    await service.sweep('users.unsettled');
    await service.work();
    expect(atIdentity()).toBeUndefined();
    expect(await sql(service.db, 'select 1 from portal_user where id = $1', [id])).toEqual([]);
  });
  it('204: tokens.revoked: identity revokes the token; the row stays for an hour', async () => {
    const { body } = await service.user.post('/api/tokens', { name: 'lost' }).expect(201);
    await losing('revokeToken', () => service.user.delete(`/api/tokens/${body.id}`).expect(204));
    expect(service.identity.tokens.has(body.key)).toBe(true);
    expect(await service.sweep('tokens.revoked')).toBe(1);
    await service.work();
    expect(service.identity.tokens.has(body.key)).toBe(false);
    const rows = () => sql(service.db, 'select 1 from portal_token where id = $1', [body.id]);
    expect(await rows()).toHaveLength(1);
    service.clock.advance(3601);
    await service.sweep('tokens.revoked');
    await service.work();
    expect(await rows()).toEqual([]);
    expect(await service.sweep('tokens.revoked')).toBe(0);
  });
});
