import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { useCloud } from '../cloud-support.js';
import { useFaces } from '../facade/face-support.js';

const V = '/compute/v2.1';
const message = (body: unknown): string =>
  (Object.values(body as Record<string, { message: string }>)[0] as { message: string }).message;

describe('what flavors take', () => {
  const { service } = useCloud();
  const face = useFaces(service);
  const AT = `${V}/flavors`;
  const make = async (more: object = {}): Promise<string> => {
    const flavor = { name: randomUUID(), ram: 512, vcpus: 1, disk: 1, ...more };
    return ((await face.staff.post(AT, { flavor }).expect(200)).body as { flavor: { id: string } }).flavor.id;
  };
  it.each([
    { 'os-flavor-access:is_public': 'perhaps' },
    { ram: '9999999999' },
    { ram: 67_108_865 },
    { vcpus: 4097 },
    { disk: '999999999' },
    { swap: 67_108_865 },
    { name: '   ' },
    { name: 'nul\u0000' },
    { ram: 1.5 },
    { ram: null },
    { rxtx_factor: 0 },
  ])('400: a flavor with %j', async (wrong) => {
    const flavor = { name: 'wrong', ram: 512, vcpus: 1, disk: 1, ...wrong };
    await face.staff.post(AT, { flavor }).expect(400);
    expect(await sql(service.db, `select 1 from flavor where name in ('wrong', '   ')`)).toEqual([]);
  });
  it('200: truth as Nova takes it', async () => {
    for (const [sent, isPublic] of [
      ['False', false],
      ['yes', true],
    ] as const) {
      const id = await make({ 'os-flavor-access:is_public': sent });
      expect((await face.staff.get(`${AT}/${id}`)).body).toMatchObject({
        flavor: { 'os-flavor-access:is_public': isPublic },
      });
    }
  });
  it('404, 409: a public flavor has no list of projects', async () => {
    const id = await make();
    expect(message((await face.staff.get(`${AT}/${id}/os-flavor-access`).expect(404)).body)).toBe(
      'Access list not available for public flavors.',
    );
    const add = { addTenantAccess: { tenant: face.project } };
    expect(message((await face.staff.post(`${AT}/${id}/action`, add, 'compute 2.7').expect(409)).body)).toBe(
      'Can not add access to a public flavor.',
    );
  });
  it('extra specs: numbers become texts, and the portal’s bounds hold for all of them', async () => {
    const id = await make();
    const at = `${AT}/${id}/os-extra_specs`;
    await face.staff.post(at, { extra_specs: { a: 1, b: 2.5, c: '' } }).expect(200);
    expect((await face.user.get(at)).body).toEqual({ extra_specs: { a: '1', b: '2.5', c: '' } });
    const many = (first: number) =>
      Object.fromEntries(Array.from({ length: 100 }, (_one, i) => [`k${first + i}`, 'v']));
    await face.staff.post(at, { extra_specs: many(0) }).expect(200);
    await face.staff.post(at, { extra_specs: many(100) }).expect(400);
    expect(Object.keys(((await face.user.get(at)).body as { extra_specs: object }).extra_specs)).toHaveLength(103);
    for (const wrong of [
      { a: true },
      { a: null },
      { a: 'x'.repeat(256) },
      { 'a\u0000': 'x' },
      { ['x'.repeat(256)]: '' },
    ])
      await face.staff.post(at, { extra_specs: wrong }).expect(400);
  });
});

describe("other users' key pairs", () => {
  const { service } = useCloud();
  const face = useFaces(service);
  const AT = `${V}/os-keypairs`;
  const owner = async (as: typeof face.user): Promise<string> =>
    ((await as.get(`${AT}/same`, 'compute 2.10')).body as { keypair: { user_id: string } }).keypair.user_id;
  beforeAll(async () => {
    for (const as of [face.user, face.staff, face.stranger])
      await as.post(AT, { keypair: { name: 'same' } }).expect(200);
  });
  it("an administrator who names a user makes and deletes that user's, never an own one of that name", async () => {
    const [user, staff] = [await owner(face.user), await owner(face.staff)];
    const made = await face.staff
      .post(AT, { keypair: { name: 'by staff', user_id: user } }, 'compute 2.10')
      .expect(201);
    expect(made.body).toMatchObject({
      keypair: { user_id: user, private_key: expect.stringContaining('PRIVATE KEY') as string },
    });
    await face.user.get(`${AT}/by staff`).expect(200);
    await face.staff.get(`${AT}/by staff`).expect(404);
    await face.staff.post(AT, { keypair: { name: 'by staff', user_id: user } }, 'compute 2.10').expect(409);
    await face.staff.delete(`${AT}/by staff?user_id=${user}`, 'compute 2.10').expect(204);
    await face.user.get(`${AT}/by staff`).expect(404);
    await face.staff.delete(`${AT}/by staff?user_id=${user}`, 'compute 2.10').expect(404);
    await face.staff.post(AT, { keypair: { name: 'own', user_id: staff } }, 'compute 2.10').expect(201);
    await face.staff.delete(`${AT}/own?user_id=${staff}`, 'compute 2.10').expect(204);
    for (const as of [face.user, face.staff]) await as.get(`${AT}/same`).expect(200);
  });
  it('403: an end user acts on no other, there or not, and a restricted credential on nobody', async () => {
    const staff = await owner(face.staff);
    for (const id of [staff, await owner(face.stranger), randomUUID(), 'x'.repeat(255)]) {
      const { body } = await face.user.post(AT, { keypair: { name: 'x', user_id: id } }, 'compute 2.10').expect(403);
      expect(message(body)).not.toContain(id);
      await face.user.delete(`${AT}/same?user_id=${id}`, 'compute 2.10').expect(403);
    }
    const restricted = face.as(face.tokenFor(staff, staff, { restricted: true }));
    const user_id = await owner(face.user);
    await restricted.post(AT, { keypair: { name: 'x', user_id } }, 'compute 2.10').expect(403);
    await restricted.delete(`${AT}/same?user_id=${user_id}`, 'compute 2.10').expect(403);
  });
  it('400, 404: of a user who is not there nothing is made; below 2.10 nobody is named', async () => {
    for (const id of [randomUUID(), 'nobody', 'x'.repeat(255)]) {
      await face.staff.post(AT, { keypair: { name: 'x', user_id: id } }, 'compute 2.10').expect(400);
      await face.staff.delete(`${AT}/same?user_id=${id}`, 'compute 2.10').expect(404);
    }
    await face.staff.post(AT, { keypair: { name: 'x', user_id: await owner(face.user) } }, 'compute 2.9').expect(400);
    await face.staff.get(`${AT}/same`).expect(200);
  });
  it('403: keys of staff are shown to superusers and to themselves, as in the portal', async () => {
    const other = await owner(face.stranger);
    await face.staff.get(`${AT}?user_id=${other}`, 'compute 2.10').expect(200);
    await sql(service.db, 'update portal_user set is_staff = true where uuid = $1', [other]);
    await face.staff.get(`${AT}?user_id=${other}`, 'compute 2.10').expect(403);
    await face.staff.get(`${AT}/same?user_id=${other}`, 'compute 2.10').expect(403);
    await face.staff.delete(`${AT}/same?user_id=${other}`, 'compute 2.10').expect(403);
    await face.staff.post(AT, { keypair: { name: 'x', user_id: other } }, 'compute 2.10').expect(403);
    await face.staff.get(`${AT}?user_id=${await owner(face.staff)}`, 'compute 2.10').expect(200);
  });
  it('200: a user who is not there has none', async () => {
    for (const id of [randomUUID(), 'nobody', 'x'.repeat(2000)]) {
      const { body } = await face.staff.get(`${AT}?user_id=${id}`, 'compute 2.10').expect(200);
      expect(body).toEqual({ keypairs: [] });
      await face.staff.get(`${AT}/same?user_id=${id}`, 'compute 2.10').expect(404);
      await face.staff.get(`${AT}?user_id=${id}&marker=same`, 'compute 2.35').expect(400);
    }
  });
  it('400: a marker that names no key pair; unknown names in the query from 2.75 on', async () => {
    expect(message((await face.user.get(`${AT}?marker=nothing`, 'compute 2.35').expect(400)).body)).toBe(
      'marker [nothing] not found',
    );
    await face.user.get(`${AT}?nonsense=1`, 'compute 2.35').expect(200);
    await face.user.get(`${AT}?nonsense=1`, 'compute 2.75').expect(400);
    await face.user.get(`${AT}/same?nonsense=1`, 'compute 2.75').expect(400);
  });
});
