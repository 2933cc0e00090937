import { sql } from '@nefos/service-kit';
import { BASE, madeOf, unique, useCatalog } from './catalog-support.js';

describe('staff write regions', () => {
  const cloud = useCatalog();
  const { service } = cloud;
  const path = (id: string): string => `${BASE}/regions/${id}`;

  it('201: with its defaults; staff see its driver, end users do not', async () => {
    const made = await cloud.make('regions', { id: 'Region-2.a_b' });
    expect(made).toEqual({
      id: 'Region-2.a_b',
      description: '',
      enabled: true,
      enable_volumes: true,
      enable_snapshots: true,
      driver: 'sim',
    });
    expect((await service.staff.get(path(made.id)).expect(200)).body).toEqual(made);
    const { driver: _, ...seen } = made;
    expect((await service.user.get('/api/openstack/regions/Region-2.a_b').expect(200)).body).toEqual(seen);
  });
  it('200: PATCH changes what is sent; a disabled region is gone for end users', async () => {
    const id = await cloud.region({ description: 'first' });
    const { body } = await service.staff.patch(path(id), { enabled: false, enable_volumes: 'no' }).expect(200);
    expect(body).toMatchObject({ description: 'first', enabled: false, enable_volumes: false, enable_snapshots: true });
    await service.user.get(`/api/openstack/regions/${id}`).expect(404);
    expect((await service.staff.patch(path(id), {}).expect(200)).body).toEqual(body);
    expect((await service.staff.patch(`${path(id)}/`, { driver: 'sim' }).expect(200)).body).toEqual(body);
  });
  it('400: a name that is taken, that no address can have, or is no text', async () => {
    const id = await cloud.region();
    expect(await cloud.refused('regions', { id })).toEqual({ id: ['This field must be unique.'] });
    for (const bad of ['..', 'a/b', ' ', '', 'a b', '-a', 'x'.repeat(65), 'é', 7, null, [], {}])
      expect([bad, await cloud.refused('regions', { id: bad })]).toEqual([bad, { id: [expect.any(String)] }]);
    expect(await cloud.refused('regions', {})).toEqual({ id: ['This field is required.'] });
    expect(
      await cloud.refused('regions', {
        id: unique(),
        description: 'x'.repeat(1025),
        enabled: 'perhaps',
        driver: 'vax',
      }),
    ).toEqual({
      description: ['Ensure this field has no more than 1024 characters.'],
      enabled: ['Must be a valid boolean.'],
      driver: ['"vax" is not a valid choice.'],
    });
  });
  it.each(['flavors', 'images', 'networks', 'instances'])(
    '409: what is used by %s stays, and says so',
    async (users) => {
      const parts = await cloud.filled();
      if (users === 'instances') await cloud.build({ ...madeOf(parts), name: unique() });
      // What stands before it in the way is taken away.
      if (users !== 'flavors' && users !== 'instances') await service.staff.delete(`${BASE}/flavors/${parts.flavor}`);
      if (users === 'networks') await sql(service.db, 'delete from image where id = $1', [parts.image]);
      const res = await service.staff.delete(path(parts.region)).expect(409);
      expect(res.headers['x-error-code']).toBe('invalid_state');
      const { detail } = res.body as { detail: string };
      expect(detail).toMatch(/^The region is used by (flavors|images|networks|instances): delete those first\.$/);
      if (users === 'networks') expect(detail).toContain('by networks');
      await service.staff.get(path(parts.region)).expect(200);
    },
  );
  it('204: one that is empty goes, also when deleted instances were in it; then 404', async () => {
    const parts = await cloud.filled();
    const id = await cloud.build({ ...madeOf(parts), name: unique() });
    await service.staff.delete(`${BASE}/instances/${id}`).expect(200);
    await cloud.work();
    await service.staff.delete(`${BASE}/flavors/${parts.flavor}`).expect(204);
    await service.staff.delete(`${BASE}/networks/${parts.network}`).expect(204);
    await sql(service.db, 'delete from image where id = $1', [parts.image]);
    await service.staff.delete(path(parts.region)).expect(204);
    await service.staff.delete(path(parts.region)).expect(404);
    await service.staff.get(path(parts.region)).expect(404);
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'deleted', region_id: null, flavor_id: null });
  });
  it('409: the driver stays while there are instances', async () => {
    const parts = await cloud.filled();
    // No driver is called: the row is given a kind that is not served.
    await sql(service.db, 'alter table region drop constraint region_driver_check');
    try {
      await sql(service.db, `update region set driver = 'other' where id = $1`, [parts.region]);
      await cloud.ask({ ...madeOf(parts), name: unique() });
      const { body } = await service.staff.patch(path(parts.region), { driver: 'sim' }).expect(409);
      expect(body).toEqual({ detail: 'The region has instances or volumes: its driver stays other.' });
    } finally {
      await sql(service.db, `update region set driver = 'sim'`);
      await sql(
        service.db,
        `alter table region add constraint region_driver_check check (driver in ('sim', 'openstack', 'qemu'))`,
      );
    }
  });
  it('404, 405: nothing there, and no PUT', async () => {
    await service.staff.patch(path('nowhere'), { enabled: true }).expect(404);
    await service.staff.delete(path('%00')).expect(404);
    const res = await service.staff.put(path('nowhere'), {}).expect(405);
    expect(res.headers.allow).toBe('GET, HEAD, PATCH, DELETE');
    await service.user.post('/api/openstack/regions', { id: 'mine' }).expect(405);
  });
});
