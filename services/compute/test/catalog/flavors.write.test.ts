import { randomUUID } from 'node:crypto';
import { BASE, madeOf, unique, useCatalog } from './catalog-support.js';

describe('staff write flavors and their groups', () => {
  const cloud = useCatalog();
  const { service } = cloud;
  const path = (id: string): string => `${BASE}/flavors/${id}`;
  const body = (more: object = {}) => ({ region: 'Region1', name: unique(), vcpus: 2, memory_mb: 512, ...more });
  const usable = async (as = service.user): Promise<string[]> =>
    (
      (await as.get('/api/openstack/flavors?page_size=500').expect(200)).body as { objects: { id: string }[] }
    ).objects.map(({ id }) => id);

  it('201: with its defaults, and all that can be said', async () => {
    expect(await cloud.make('flavors', body({ name: 'plain' }))).toEqual({
      id: expect.any(String) as string,
      name: 'plain',
      description: 'plain',
      region: 'Region1',
      vcpus: 2,
      memory_mb: 512,
      memory_gb: 0.5,
      root_gb: 0,
      ephemeral_gb: 0,
      swap: 0,
      properties: '{}',
      out_of_stock: false,
      used_by_resellers: [],
      reseller_resources: null,
      flavor_group: null,
      is_public: true,
      project_ids: [],
      disabled: false,
      stock_limit: null,
      stock_used: 0,
    });
    const project = await cloud.projectOf(service.ownClient);
    const group = await cloud.make('flavorgroups', { name: unique(), priority: 3 });
    const full = {
      description: 'two cores',
      root_gb: 20,
      ephemeral_gb: 5,
      swap: 1024,
      properties: '{"hw:cpu_policy":"dedicated","quota":1.5,"on":true,"none":null}',
      is_public: false,
      project_ids: [project],
      disabled: true,
      stock_limit: 4,
    };
    const made = await cloud.make('flavors', body({ ...full, out_of_stock: true, flavor_group: group.id }));
    expect({ ...made, properties: JSON.parse(made.properties as string) as object }).toMatchObject({
      ...full,
      properties: JSON.parse(full.properties) as object,
      out_of_stock: true,
      flavor_group: { id: group.id, name: group.name, priority: 3 },
    });
    expect((await service.staff.get(path(made.id)).expect(200)).body).toEqual(made);
  });
  it('200: PATCH changes what is sent; grants are replaced as a whole', async () => {
    const [own, other] = [await cloud.projectOf(service.ownClient), await cloud.projectOf(service.otherClient)];
    const id = await cloud.flavor('Region1', { is_public: false, project_ids: [own], description: 'x' });
    expect(await usable()).toContain(id);
    expect(await usable(service.stranger)).not.toContain(id);
    const { body: changed } = await service.staff.patch(path(id), { project_ids: [other, other] }).expect(200);
    expect(changed).toMatchObject({ project_ids: [other], description: 'x' });
    expect(await usable()).not.toContain(id);
    expect(await usable(service.stranger)).toContain(id);
    await service.staff.patch(path(id), { is_public: true, project_ids: [], description: '' }).expect(200);
    expect(await usable()).toContain(id);
    await service.staff.patch(path(id), { disabled: true }).expect(200);
    expect(await usable()).not.toContain(id);
    expect((await service.staff.get(path(id)).expect(200)).body).toMatchObject({ project_ids: [], disabled: true });
  });
  it('400: every field that is refused is named, and none of these is made', async () => {
    const before = (await service.staff.get(`${BASE}/flavors`).expect(200)).body.totalCount as number;
    expect(await cloud.refused('flavors', {})).toEqual(
      Object.fromEntries(['region', 'name', 'vcpus', 'memory_mb'].map((name) => [name, ['This field is required.']])),
    );
    expect(
      await cloud.refused('flavors', {
        region: 'nowhere',
        name: 'x',
        vcpus: 1,
        memory_mb: 1,
        flavor_group: 999_999,
        project_ids: ['nobody'],
      }),
    ).toEqual({
      region: ['Invalid pk "nowhere" - object does not exist.'],
      flavor_group: ['Invalid pk "999999" - object does not exist.'],
      project_ids: { 0: ['Invalid pk "nobody" - object does not exist.'] },
    });
    for (const [field, values] of Object.entries({
      name: ['', ' ', 'x'.repeat(256), null, [], '\u0000'],
      region: ['', null, {}, '\u0000'],
      vcpus: [0, -1, 1.5, '1e3', 4097, 'two', null, true, 9007199254740993],
      memory_mb: [0, -5, 67_108_865, null],
      root_gb: [-1, 1_048_577, 2 ** 31, null],
      ephemeral_gb: [-1, 1_048_577],
      swap: [-1, 67_108_865],
      flavor_group: [0, -1, 2 ** 31, 'x', 1.5],
      is_public: ['perhaps', null, 2],
      stock_limit: [-1, 1_000_001, 'many'],
      description: ['x'.repeat(1025), {}],
      project_ids: ['x', null, {}, Array.from({ length: 1001 }, () => 'x'), ['x'.repeat(65)], [null]],
      properties: [
        {},
        '',
        '[]',
        'null',
        '1',
        '{',
        '{"a":[]}',
        '{"a":{}}',
        '{"":1}',
        '{"a":1e999}',
        null,
        '"'.repeat(16_385),
      ],
    }))
      for (const value of values)
        expect([field, value, await cloud.refused('flavors', body({ [field]: value }))]).toEqual([
          field,
          value,
          { [field]: expect.anything() as unknown },
        ]);
    for (const text of [
      '{"a":"\\u0000"}',
      '{"\\u0000":1}',
      '{"a":"\\ud800"}',
      `{"a":${'['.repeat(3000)}${']'.repeat(3000)}}`,
    ])
      expect(await cloud.refused('flavors', body({ properties: text }))).toEqual({ properties: [expect.any(String)] });
    for (const number of ['12345678901234567890', '1e400', '1e-400', '0.1234567890123456'])
      expect(await cloud.refused('flavors', body({ properties: `{"a":${number}}` }))).toEqual({
        properties: ['Write numbers with at most 15 digits and without exponent, or as texts.'],
      });
    const texts = { a: '12345678901234567890', b: '1e5 \\" 12345678901234567890' };
    expect((await cloud.make('flavors', body({ properties: JSON.stringify(texts) }))).properties).toBe(
      JSON.stringify(texts),
    );
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`k${i}`, 1])));
    expect(await cloud.refused('flavors', body({ properties: many }))).toEqual({
      properties: ['Ensure this field has no more than 128 elements.'],
    });
    expect((await service.staff.get(`${BASE}/flavors`).expect(200)).body.totalCount).toBe(before + 1);
  });
  it('400: a name is taken in its region only, also by two at once', async () => {
    const name = unique();
    const both = await Promise.all([1, 2].map(() => service.staff.post(`${BASE}/flavors`, body({ name }))));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 400]);
    expect(await cloud.refused('flavors', body({ name }))).toEqual({ name: ['This field must be unique.'] });
    await cloud.make('flavors', body({ name, region: await cloud.region() }));
    const id = await cloud.flavor('Region1');
    expect((await service.staff.patch(path(id), { name }).expect(400)).body).toEqual({
      name: ['This field must be unique.'],
    });
  });
  it('400: a flavor stays in its region', async () => {
    const id = await cloud.flavor('Region1');
    await service.staff.patch(path(id), { region: 'Region1' }).expect(200);
    expect((await service.staff.patch(path(id), { region: await cloud.region() }).expect(400)).body).toEqual({
      region: ['This can not be changed afterwards.'],
    });
  });
  it('409: in use it stays, and keeps its size; everything else changes', async () => {
    const parts = await cloud.filled();
    const id = await cloud.build({ ...madeOf(parts), name: unique() });
    const size = 'The size of a flavor can not be changed while instances use it.';
    for (const change of [{ vcpus: 2 }, { memory_mb: 64 }, { root_gb: 2 }, { ephemeral_gb: 1 }, { swap: 1 }]) {
      const res = await service.staff.patch(path(parts.flavor), { ...change, description: 'new' }).expect(409);
      expect([res.body, res.headers['x-error-code']]).toEqual([{ detail: size }, 'invalid_state']);
    }
    const same = { vcpus: 1, memory_mb: 128, root_gb: 1, name: unique(), stock_limit: 1, properties: '{"a":1}' };
    const { body: changed } = await service.staff.patch(path(parts.flavor), same).expect(200);
    expect(changed).toMatchObject({ ...same, stock_used: 1, out_of_stock: true });
    expect((await service.staff.delete(path(parts.flavor)).expect(409)).body).toEqual({
      detail: 'The flavor is used by instances: delete those first.',
    });
    await service.staff.delete(`${BASE}/instances/${id}`).expect(200);
    await cloud.work();
    await service.staff.patch(path(parts.flavor), { vcpus: 3 }).expect(200);
    await service.staff.delete(path(parts.flavor)).expect(204);
    await service.staff.delete(path(parts.flavor)).expect(404);
  });
  it('either the instance is made or the flavor goes, never both', async () => {
    for (let i = 0; i < 8; i += 1) {
      const parts = await cloud.filled();
      const [made, gone] = await Promise.all([
        service.staff.post(`${BASE}/instances`, { client: service.ownClient, name: 'race', ...madeOf(parts) }),
        service.staff.delete(path(parts.flavor)),
      ]);
      expect([
        [201, 409],
        [400, 204],
      ]).toContainEqual([made.status, gone.status]);
      if (made.status === 201) {
        await service.staff.delete(`${BASE}/instances/${made.body.id as string}`).expect(200);
        await cloud.work();
      }
    }
  });
  it('groups: made, changed, and deleted without their flavors', async () => {
    const group = await cloud.make('flavorgroups', { name: unique(), description: 'd' });
    expect(group).toEqual({ id: expect.any(Number) as number, name: group.name, priority: 0, description: 'd' });
    const id = await cloud.flavor('Region1', { flavor_group: group.id });
    const one = `${BASE}/flavorgroups/${group.id}`;
    expect((await service.staff.patch(one, { priority: -5 }).expect(200)).body).toEqual({ ...group, priority: -5 });
    expect(await cloud.refused('flavorgroups', { name: group.name })).toEqual({ name: ['This field must be unique.'] });
    expect(await cloud.refused('flavorgroups', { name: 'x'.repeat(129), priority: 'high', description: null })).toEqual(
      {
        name: ['Ensure this field has no more than 128 characters.'],
        priority: ['A valid integer is required.'],
        description: ['This field may not be null.'],
      },
    );
    await service.staff.patch(path(id), { flavor_group: null }).expect(200);
    await service.staff.patch(path(id), { flavor_group: group.id }).expect(200);
    await service.staff.delete(one).expect(204);
    expect((await service.staff.get(path(id)).expect(200)).body).toMatchObject({ flavor_group: null });
    for (const gone of [group.id, 0, 'x', '99999999999', '1.5'])
      for (const method of ['patch', 'delete'] as const)
        await service.staff[method](`${BASE}/flavorgroups/${gone}`, method === 'patch' ? {} : undefined).expect(404);
  });
  it('404: ids that name nothing', async () => {
    for (const id of [randomUUID(), 'x', '%00', randomUUID().toUpperCase()]) {
      await service.staff.patch(path(id), { vcpus: 1 }).expect(404);
      await service.staff.delete(path(id)).expect(404);
    }
  });
  it('201: one Idempotency-Key makes one flavor', async () => {
    const sent = body();
    const ask = () => service.staff.post(`${BASE}/flavors`, sent).set('Idempotency-Key', sent.name).expect(201);
    const [first, again] = [await ask(), await ask()];
    expect(again.text).toBe(first.text);
  });
});
