import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { loadCloudFixture } from '../../src/catalog/store/demo.js';
import {
  beginSnapshotImage,
  deleteSnapshotImage,
  finishSnapshotImage,
  listBackupImages,
} from '../../src/catalog/domain/parts.js';
import { createBody, IMAGE, STAFF as INSTANCES, USER as MY_INSTANCES } from '../cloud-support.js';
import { useService } from '../support.js';
import { makeActive, makeImage, newImage, OCTETS, STAFF, USER } from './image-support.js';

/** Contract compute §8.1: the keys of an image, as end users see them. */
const KEYS = [
  ...['id', 'name', 'status', 'visibility', 'min_disk', 'min_ram', 'size', 'disk_format', 'container_format'],
  ...['os_distro', 'os_version', 'architecture', 'hw_qemu_guest_agent', 'hypervisor_type', 'type', 'instance_uuid'],
  ...['region', 'project_id', 'protected', 'created_at', 'updated_at', 'tags', 'virtual_size', 'sha256', 'sha512'],
  ...['properties', 'fault'],
];

describe('images', () => {
  const service = useService();
  const projectOf = async (client: number): Promise<string> =>
    (
      await sql<{ id: string }>(
        service.db,
        'select p.id from project p join service s on s.id = p.service_id where s.client_id = $1',
        [client],
      )
    )[0]?.id as string;
  const names = async (as: typeof service.user, query = ''): Promise<string[]> =>
    ((await as.get(`${USER}${query}`).expect(200)).body as { objects: { name: string }[] }).objects.map((o) => o.name);
  beforeAll(() => loadCloudFixture(service.db));

  it('201: the documented object, queued, private, of the project of the caller', async () => {
    const body = newImage({
      ...{ type: 'iso', disk_format: undefined, min_disk: 2, min_ram: 512, os_distro: 'debian', os_version: '12' },
      ...{ architecture: 'x86_64', tags: ['a', 'b'], properties: { hw_disk_bus: 'virtio' } },
    });
    const res = await service.user.post(USER, body).expect(201);
    expect(Object.keys(res.body as object)).toEqual(KEYS);
    expect(res.body).toMatchObject({
      ...{
        status: 'queued',
        visibility: 'private',
        type: 'iso',
        disk_format: 'iso',
        container_format: 'bare',
        size: 0,
      },
      ...{ project_id: await projectOf(service.ownClient), tags: ['a', 'b'], properties: { hw_disk_bus: 'virtio' } },
      ...{ fault: null, sha256: null, region: 'Region1', protected: false, os_distro: 'debian', os_version: '12' },
    });
    const { id } = res.body as { id: string };
    expect((await service.user.get(`${USER}/${id}/`).expect(200)).body).toEqual(res.body);
    expect((await service.staff.get(`${STAFF}/${id}`).expect(200)).body).toEqual({ ...res.body, backend_id: null });
    await service.stranger.get(`${USER}/${id}`).expect(404, { detail: 'Not found.' });
  });
  it('201: staff make images of the cloud, public, and those of a client; one that the hypervisor has is active', async () => {
    const own = await service.staff.post(STAFF, newImage({ name: 'of-the-cloud', backend_id: 'glance-1' })).expect(201);
    expect(own.body).toMatchObject({
      ...{ visibility: 'public', project_id: null, status: 'active', backend_id: 'glance-1' },
    });
    expect(await names(service.stranger)).toContain('of-the-cloud');
    const client = await service.staff.post(STAFF, newImage({ client: service.ownClient })).expect(201);
    expect(client.body).toMatchObject({ visibility: 'private', project_id: await projectOf(service.ownClient) });
    const refused = await service.staff.post(STAFF, newImage({ visibility: 'private' })).expect(400);
    expect(refused.body).toEqual({ visibility: ['An image of no project is public or community.'] });
    await service.staff
      .post(STAFF, newImage({ client: 111 }))
      .expect(400, { client: ['Invalid pk "111" - object does not exist.'] });
  });
  it('201: a repeated request with an Idempotency-Key makes one image', async () => {
    const send = () => service.user.post(USER, newImage({ name: 'once' })).set('Idempotency-Key', 'image-1');
    const [one, two] = [await send().expect(201), await send().expect(201)];
    expect(two.body).toEqual(one.body);
    expect((await names(service.user, '?search=once')).length).toBe(1);
  });
  it.each([
    [{ name: '' }, { name: ['This field may not be blank.'] }],
    [{ region: 'Nowhere' }, { region: ['Invalid pk "Nowhere" - object does not exist.'] }],
    [{ disk_format: 'exe' }, { disk_format: ['"exe" is not a valid choice.'] }],
    [{ type: 'snapshot' }, { type: ['"snapshot" is not a valid choice.'] }],
    [{ min_disk: -1 }, { min_disk: ['Ensure this value is greater than or equal to 0.'] }],
    [{ min_ram: 1e12 }, { min_ram: ['Ensure this value is less than or equal to 100000000.'] }],
    [{ tags: Array(51).fill('x') }, { tags: ['Ensure this field has no more than 50 elements.'] }],
    [{ properties: ['x'] }, { properties: ['Expected an object of texts.'] }],
    [{ properties: { x: 1 } }, { properties: ['Each value is a text of at most 1000 characters.'] }],
    [
      { properties: { 'a b': 'x' } },
      { properties: ['A name is of letters, digits and _ . : -, at most 255 characters.'] },
    ],
  ])('400: %j changes nothing', async (more, body) => {
    const before = await sql(service.db, 'select count(*) from image');
    expect((await service.user.post(USER, newImage(more)).expect(400)).body).toEqual(body);
    expect(await sql(service.db, 'select count(*) from image')).toEqual(before);
  });
  it('403: end users make nothing public, neither new nor later', async () => {
    const detail = 'Only staff make an image public.';
    await service.user.post(USER, newImage({ visibility: 'public' })).expect(403, { detail });
    const id = await makeImage(service);
    await service.user.patch(`${USER}/${id}`, { visibility: 'public' }).expect(403, { detail });
    await service.staff.patch(`${STAFF}/${id}`, { visibility: 'public' }).expect(200);
    await service.user.patch(`${USER}/${id}`, { name: 'still mine' }).expect(200);
  });
  it('200: PATCH changes what is sent; 403 for an image that one may use but not change, 404 for an unseen one', async () => {
    const id = await makeImage(service, { name: 'before', os_distro: 'debian' });
    const res = await service.user
      .patch(`${USER}/${id}`, { name: 'after', tags: ['t'], properties: { a: 'b' }, os_distro: null, min_ram: 64 })
      .expect(200);
    expect(res.body).toMatchObject({
      name: 'after',
      tags: ['t'],
      properties: { a: 'b' },
      os_distro: null,
      min_ram: 64,
    });
    await service.user.patch(`${USER}/${id}`, { name: null }).expect(400, { name: ['This field may not be null.'] });
    await service.stranger.patch(`${USER}/${id}`, { name: 'x' }).expect(404);
    await service.user.patch(`${USER}/${IMAGE}`, { name: 'x' }).expect(403);
    await service.user.delete(`${USER}/${IMAGE}`).expect(403);
  });
  it.each(['..', '..%2f..%2fetc%2fpasswd', '%2e%2e', 'x'.repeat(255), randomUUID().toUpperCase(), 'import'])(
    '404 or 405: the id %s names nothing',
    async (id) => {
      for (const [method, more] of [
        ['get', ''],
        ['get', '/file'],
        ['delete', ''],
        ['get', '/members'],
      ] as const)
        expect([404, 405]).toContain((await service.staff[method](`${STAFF}/${id}${more}`)).status);
      expect([404, 405]).toContain((await service.staff.put(`${STAFF}/${id}/file`).set(OCTETS).send('x')).status);
    },
  );

  it('shared with a project it is seen there, until it is private or taken back; others never hear of it', async () => {
    const other = await projectOf(service.otherClient);
    const id = await makeImage(service, { name: 'to-share' });
    const members = `${USER}/${id}/members`;
    await service.user.post(members, { project: other }).expect(409);
    await service.user.patch(`${USER}/${id}`, { visibility: 'shared' }).expect(200);
    await service.user
      .post(members, { project: 'x' })
      .expect(400, { project: ['The id of a project has 32 hexadecimal digits.'] });
    const added = await service.user.post(members, { project: other }).expect(201);
    expect(added.body).toEqual({ project_id: other, created_at: expect.any(String) as string });
    await service.user.post(members, { project: other }).expect(201);
    expect((await service.user.get(members).expect(200)).body).toMatchObject({ totalCount: 1, objects: [added.body] });
    const theirs = await service.stranger.get(`${USER}/${id}`).expect(200);
    expect(theirs.body).toMatchObject({ name: 'to-share', project_id: null });
    expect(await names(service.stranger)).toContain('to-share');
    await service.stranger.get(members).expect(403);
    await service.stranger.post(members, { project: other }).expect(403);
    await service.stranger.patch(`${USER}/${id}`, { name: 'x' }).expect(403);
    await service.user.patch(`${USER}/${id}`, { visibility: 'private' }).expect(200);
    await service.stranger.get(`${USER}/${id}`).expect(404);
    await service.user.patch(`${USER}/${id}`, { visibility: 'shared' }).expect(200);
    await service.stranger.delete(`${members}/${other}`).expect(204);
    await service.stranger.get(`${USER}/${id}`).expect(404);
    await service.user.delete(`${members}/${other}`).expect(404);
    await service.staff.post(`${STAFF}/${id}/members`, { project: '0'.repeat(32) }).expect(400);
  });
  it('a community image is found by its id, and listed where community images are asked for', async () => {
    const id = await makeImage(service, { name: 'for-everybody', visibility: 'community' });
    expect(await names(service.stranger)).not.toContain('for-everybody');
    expect(await names(service.stranger, '?visibility=community')).toEqual(['for-everybody']);
    expect((await service.stranger.get(`${USER}/${id}`).expect(200)).body).toMatchObject({ project_id: null });
  });
  it('lists filter by type, status, tag and size', async () => {
    await makeActive(service, { name: 'tagged', tags: ['red', 'blue'] });
    for (const query of [
      '?tag=red',
      '?filtering=tag:blue',
      '?filtering=size:4%2Bname:tagged',
      '?status=active&search=tagged',
    ])
      expect(await names(service.user, query)).toEqual(['tagged']);
    expect(await names(service.user, '?type=backup')).toEqual([]);
  });

  it('409: a protected image is not deleted; 204 when it is not protected any more, and it is gone for everybody', async () => {
    const id = await makeActive(service, { protected: true });
    const refused = await service.user.delete(`${USER}/${id}`).expect(409);
    expect([refused.body, refused.headers['x-error-code']]).toEqual([
      { detail: 'Image is protected from deletion.' },
      'delete_protected',
    ]);
    await service.user.patch(`${USER}/${id}`, { protected: false }).expect(200);
    await service.user.delete(`${USER}/${id}`).expect(204);
    await service.user.get(`${USER}/${id}`).expect(404);
    await service.user.delete(`${USER}/${id}`).expect(404);
    await service.staff.get(`${STAFF}/${id}`).expect(404);
    await service.work();
    expect(await sql(service.db, 'select 1 from image where id = $1', [id])).toEqual([]);
  });
  it('an image that a machine was made from: gone from the lists at once, its data when the machine is', async () => {
    const id = await makeActive(service);
    const boot = { source_type: 'image', source_id: id };
    const made = await service.user.post(MY_INSTANCES, createBody({ boot_source: boot })).expect(201);
    await service.work();
    await service.user.delete(`${USER}/${id}`).expect(204);
    await service.work();
    await service.sweep('images.deleting');
    await service.work();
    const rows = () => sql(service.db, 'select status from image where id = $1', [id]);
    expect(await rows()).toEqual([{ status: 'pending_delete' }]);
    await service.user.post(MY_INSTANCES, createBody({ boot_source: boot })).expect(400);
    await service.user.delete(`${MY_INSTANCES}/${(made.body as { id: string }).id}`).expect(200);
    await service.work();
    expect(await service.sweep('images.deleting')).toBe(1);
    await service.work();
    expect(await rows()).toEqual([]);
    expect(await sql(service.db, 'select 1 from image_data where image_id = $1', [id])).toEqual([]);
  });
  it('403: end users of a suspended client make and change nothing, but read and delete', async () => {
    const id = await makeActive(service);
    await sql(service.db, `update client set hold = 'suspended' where id = $1`, [service.ownClient]);
    try {
      await service.user.post(USER, newImage()).expect(403, { detail: 'Client is suspended.' });
      await service.user.patch(`${USER}/${id}`, { name: 'x' }).expect(403);
      await service.user.put(`${USER}/${id}/file`).set(OCTETS).send('x').expect(403);
      await service.user.get(`${USER}/${id}/file`).expect(200);
      await service.user.delete(`${USER}/${id}`).expect(204);
    } finally {
      await sql(service.db, 'update client set hold = null where id = $1', [service.ownClient]);
    }
  });
  it('deactivated by staff it is neither downloaded nor used; 409 for what is not active', async () => {
    const id = await makeActive(service);
    expect((await service.staff.post(`${STAFF}/${id}/deactivate`).expect(200)).body).toMatchObject({
      status: 'deactivated',
    });
    await service.staff.post(`${STAFF}/${id}/deactivate`).expect(200);
    await service.user.get(`${USER}/${id}/file`).expect(409);
    await service.staff
      .post(INSTANCES, createBody({ client: service.ownClient, boot_source: { source_type: 'image', source_id: id } }))
      .expect(400);
    await service.staff.post(`${STAFF}/${id}/reactivate`).expect(200);
    await service.user.get(`${USER}/${id}/file`).expect(200);
    const queued = await makeImage(service);
    await service.staff
      .post(`${STAFF}/${queued}/deactivate`)
      .expect(409, { detail: 'Image status must be active. Currently in queued' });
  });

  it('the images of a client that is deleted go with it; those that staff made public stay', async () => {
    const client = await service.seedClient();
    const leaving = await service.seedUser({ username: 'leaving', clients: [client] });
    const make = async (more: object): Promise<string> =>
      ((await leaving.as.post(USER, newImage(more)).expect(201)).body as { id: string }).id;
    const [own, open] = [await make({ protected: true }), await make({ name: 'for all' })];
    for (const id of [own, open]) await leaving.as.put(`${USER}/${id}/file`).set(OCTETS).send('data').expect(200);
    await service.staff.patch(`${STAFF}/${open}`, { visibility: 'public' }).expect(200);
    await service.staff.delete(`/staffapi/clients/${client}?delete_cloud_resources=true`).expect(204);
    await service.work();
    await service.staff.get(`/staffapi/clients/${client}`).expect(404);
    await service.staff.get(`${STAFF}/${own}`).expect(404);
    expect((await service.user.get(`${USER}/${open}`).expect(200)).body).toMatchObject({ visibility: 'public' });
    await service.sweep('images.deleting');
    await service.work();
    expect(await sql(service.db, 'select id from image where id = any($1)', [[own, open]])).toEqual([{ id: open }]);
    expect(await sql(service.db, 'select 1 from image_data where image_id = $1', [own])).toEqual([]);
  });
  it('snapshots: saving, then active or killed with the reason; never public', async () => {
    const instanceId = randomUUID();
    const projectId = await projectOf(service.ownClient);
    const begin = (more: object = {}) =>
      service.db.transaction((tx) =>
        beginSnapshotImage(tx, {
          ...{ name: 'snap', type: 'backup', instanceId, projectId, regionId: 'Region1', minDisk: 1 },
          ...{ properties: { backup_type: 'daily' } },
          ...more,
        }),
      );
    const [good, bad] = [await begin(), await begin({ type: 'snapshot' })];
    const get = async (id: string) => (await service.user.get(`${USER}/${id}`).expect(200)).body as object;
    expect(await get(good)).toMatchObject({ status: 'saving', type: 'backup', instance_uuid: instanceId, min_disk: 1 });
    await service.db.transaction((tx) => finishSnapshotImage(tx, good, { backendId: 'b-1', size: 7 }));
    await service.db.transaction((tx) => deleteSnapshotImage(tx, bad));
    // What comes late changes nothing.
    const late = service.db.transaction((tx) => finishSnapshotImage(tx, bad, { backendId: null, size: 1 }));
    expect(await late).toBe(false);
    expect(await get(good)).toMatchObject({ status: 'active', size: 7 });
    await service.user.get(`${USER}/${bad}`).expect(404);
    expect(
      (await listBackupImages(service.db, instanceId, { kind: 'daily', schedule: null })).map(({ id }) => id),
    ).toEqual([good]);
    await service.staff.patch(`${STAFF}/${good}`, { visibility: 'public' }).expect(400);
    await service.user.get(`${USER}/${good}/file`).expect(409, { detail: 'The image has no data here.' });
    await sql(service.db, `update image_data set touched_at = now() - interval '1 hour'`);
    await service.sweep('images.data');
    const saving = await begin();
    await service.sweep('images.data');
    expect(await get(saving)).toMatchObject({ status: 'saving' });
    await service.user.delete(`${USER}/${good}`).expect(204);
    await service.work();
    expect(await sql(service.db, 'select 1 from image where id = $1', [good])).toEqual([]);
  });
});
