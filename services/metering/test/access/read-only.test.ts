import { sql } from '@nefos/service-kit';
import request from 'supertest';
import { PERSON, useService } from '../support.js';

describe('a token that may only read', () => {
  const service = useService();
  const call = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string) =>
    request(service.app)
      [method](`/v2/${path}`)
      .set('X-Auth-Token', 'reading-token')
      .send(method === 'get' ? undefined : {});
  beforeAll(() => {
    service.tokens.set('reading-token', {
      kind: 'user',
      uuid: PERSON,
      displayName: PERSON,
      roles: ['reader'],
      readOnly: true,
      via: 'x-auth-token',
    });
  });

  it.each<['post' | 'put' | 'patch' | 'delete', string]>([
    ['post', 'accounts/'],
    ['put', 'accounts/1/'],
    ['patch', 'accounts/1/'],
    ['delete', 'accounts/1/'],
    ['patch', 'images/1/'],
  ])('403: %s %s', async (method, path) => {
    const users = 'select account_number from app_user order by id';
    const before = await sql(service.db, users);
    expect((await call(method, path).expect(403)).body).toEqual({
      detail: 'You do not have permission to perform this action.',
    });
    // Who is refused is made no user by asking.
    expect(await sql(service.db, users)).toEqual(before);
  });
  it('200: reads', async () => {
    await call('get', 'accounts/').expect(200);
  });
  it('405 for a method that the path does not know', async () => {
    await call('put', 'concurrent/').expect(405);
  });
});
