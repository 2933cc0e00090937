import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { bootstrapUsers } from '../../src/users/domain/bootstrap.js';
import { useService } from '../support.js';

describe('the bootstrap makes each portal user once', () => {
  const service = useService();

  it('staff who were deleted do not come back with the next start', async () => {
    const uuid = randomUUID();
    const user = {
      uuid,
      username: `staff-${uuid}`,
      email: `${uuid}@example.com`,
      firstName: 'A',
      lastName: 'B',
      isStaff: true,
      clients: [],
    };
    const rows = () => sql(service.db, 'select username, is_superuser from portal_user where uuid = $1', [uuid]);
    await bootstrapUsers(service.ctx, [user]);
    expect(await rows()).toEqual([{ username: user.username, is_superuser: true }]);
    await bootstrapUsers(service.ctx, [{ ...user, firstName: 'Changed' }]);
    await sql(service.db, 'delete from portal_user where uuid = $1', [uuid]);
    await bootstrapUsers(service.ctx, [user]);
    expect(await rows()).toEqual([]);
  });
});
