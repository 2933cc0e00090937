import { createHash, randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { IMAGE, useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';

const AT = '/image/v2/images';
const PATCH = 'application/openstack-images-v2.1-json-patch';
type Image = Record<string, unknown> & { id: string };

describe('the image API', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  const make = async (attributes: object = {}, as: FaceAs = face.user): Promise<Image> => {
    const res = await as.post(AT, { name: 'image', disk_format: 'raw', container_format: 'bare', ...attributes });
    if (res.status !== 201) throw new Error(`${res.status} ${res.text}`);
    return res.body as Image;
  };
  const get = async (id: string, as: FaceAs = face.user): Promise<Image> =>
    (await as.get(`${AT}/${id}`).expect(200)).body as Image;
  const patch = (id: string, changes: unknown, as: FaceAs = face.user) =>
    as.patch(`${AT}/${id}`).set('Content-Type', PATCH).send(JSON.stringify(changes));
  const upload = (id: string, data: Buffer, as: FaceAs = face.user) =>
    as.put(`${AT}/${id}/file`).set('Content-Type', 'application/octet-stream').send(data);
  const list = async (query = '', as: FaceAs = face.user): Promise<Image[]> =>
    ((await as.get(`${AT}${query}`).expect(200)).body as { images: Image[] }).images;
  const ids = async (query = '', as: FaceAs = face.user): Promise<string[]> =>
    (await list(query, as)).map(({ id }) => id);

  it.each(['/image', '/image/'])('300: %s says its versions without a token', async (path) => {
    const { body } = await face.nobody.get(path).expect(300);
    expect((body as { versions: object[] }).versions[0]).toEqual({
      id: 'v2.9',
      status: 'CURRENT',
      links: [{ rel: 'self', href: 'http://cloud.test/image/v2/' }],
    });
    await face.nobody.get('/image/versions').expect(200);
  });

  it('201: a new image, bare, with its properties flat beside', async () => {
    const made = await make({ color: 'red', os_distro: 'debian', tags: ['a'], min_ram: 64 });
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      name: 'image',
      status: 'queued',
      visibility: 'shared',
      protected: false,
      owner: face.project,
      checksum: null,
      os_hash_algo: null,
      os_hash_value: null,
      os_hidden: false,
      container_format: 'bare',
      disk_format: 'raw',
      min_disk: 0,
      min_ram: 64,
      size: null,
      virtual_size: null,
      tags: ['a'],
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      self: `/v2/images/${made.id}`,
      file: `/v2/images/${made.id}/file`,
      schema: '/v2/schemas/image',
      color: 'red',
      os_distro: 'debian',
      nefos_region: 'Region1',
    });
  });
  it('204, 200: data goes up and comes down, with a digest that clients can check', async () => {
    const { id } = await make();
    expect((await face.user.get(`${AT}/${id}/file`).expect(204)).text).toBe('');
    const data = Buffer.alloc(300_000, 'nefos');
    await upload(id, data).expect(204);
    const shown = await get(id);
    expect(shown).toMatchObject({ status: 'active', size: data.length, os_hash_algo: 'sha512' });
    expect(shown.os_hash_value).toBe(createHash('sha512').update(data).digest('hex'));
    const down = await face.user.get(`${AT}/${id}/file`).buffer(true).expect(200);
    expect(Buffer.from(down.body as Buffer).equals(data)).toBe(true);
    await upload(id, data).expect(409);
    await face.user.put(`${AT}/${id}/file`).set('Content-Type', 'text/plain').send('x').expect(415);
    await face.stranger.get(`${AT}/${id}/file`).expect(404);
    await face.reader.get(`${AT}/${id}/file`).expect(200);
    await upload((await make()).id, data, face.reader).expect(403);
  });
  it.each(['cirros', randomUUID()])('404: %s is no image', async (id) => {
    expect((await face.user.get(`${AT}/${id}`).expect(404)).body).toEqual({
      code: '404 Not Found',
      title: 'Not Found',
      message: `Failed to find image ${id}`,
    });
  });
  it.each([
    [{ name: 7 }, 400],
    [{ name: 'x'.repeat(256) }, 400],
    [{ visibility: 'secret' }, 400],
    [{ visibility: 'public' }, 403],
    [{ disk_format: 'floppy' }, 400],
    [{ min_disk: -1 }, 400],
    [{ tags: 'a' }, 400],
    [{ color: 7 }, 400],
    [{ color: 'x'.repeat(1001) }, 400],
    [{ os_distro: 'x'.repeat(256) }, 400],
    [{ os_glance_failed_import: '' }, 403],
    [{ nefos_fault: '' }, 403],
    [{ status: 'active' }, 403],
    [{ id: randomUUID() }, 403],
    [{ nefos_region: 'Mars' }, 400],
    [{ name: 'a\u0000' }, 400],
  ])('%j: %i', async (attributes, status) => {
    const before = await ids('?limit=1000');
    const { body } = await face.user.post(AT, { disk_format: 'raw', ...attributes }).expect(status);
    expect(Object.keys(body as object).sort()).toEqual(['code', 'message', 'title']);
    expect(await ids('?limit=1000')).toEqual(before);
  });

  it('200: changes, one by one', async () => {
    const { id } = await make({ color: 'red' });
    const { body } = await patch(id, [
      { op: 'replace', path: '/name', value: 'after' },
      { op: 'add', path: '/size_of_it', value: 'large' },
      { op: 'replace', path: '/color', value: 'blue' },
      { op: 'add', path: '/os_distro', value: 'debian' },
      { op: 'replace', path: '/tags', value: ['x', 'y'] },
      { op: 'add', path: '/a~1b', value: 'slash' },
    ]).expect(200);
    expect(body).toMatchObject({
      name: 'after',
      size_of_it: 'large',
      color: 'blue',
      os_distro: 'debian',
      tags: ['x', 'y'],
      'a/b': 'slash',
    });
    expect((await patch(id, [{ op: 'remove', path: '/color' }]).expect(200)).body).not.toHaveProperty('color');
  });
  it.each([
    [[{ op: 'replace', path: '/nothing', value: 'x' }], 409],
    [[{ op: 'remove', path: '/nothing' }], 409],
    [[{ op: 'remove', path: '/name' }], 403],
    [[{ op: 'replace', path: '/status', value: 'active' }], 403],
    [[{ op: 'replace', path: '/owner', value: 'x' }], 403],
    [[{ op: 'replace', path: 'name', value: 'x' }], 400],
    [[{ op: 'replace', path: '/a/b', value: 'x' }], 400],
    [[{ op: 'move', path: '/name' }], 400],
    [[{ op: 'replace', path: '/name' }], 400],
    [{}, 400],
    ['x', 400],
    [[7], 400],
  ])('%j: %i, and nothing is changed', async (changes, status) => {
    const { id } = await make({ name: 'kept' });
    await patch(id, [
      { op: 'add', path: '/first', value: 'x' },
      ...(Array.isArray(changes) ? changes : []),
    ] as unknown).expect(Array.isArray(changes) ? status : 200);
    if (!Array.isArray(changes)) await patch(id, changes).expect(status);
    expect((await get(id)).name).toBe('kept');
    if (Array.isArray(changes)) expect(await get(id)).not.toHaveProperty('first');
  });
  it('200: of changes at once none is lost', async () => {
    const { id } = await make();
    await Promise.all(
      Array.from({ length: 8 }, (_one, i) => patch(id, [{ op: 'add', path: `/k${i}`, value: 'v' }]).expect(200)),
    );
    expect(Object.keys(await get(id)).filter((key) => /^k\d$/.test(key))).toHaveLength(8);
  });
  it('415, 403, 404: who may not change it', async () => {
    const { id } = await make();
    await face.user.patch(`${AT}/${id}`).set('Content-Type', 'text/plain').send('[]').expect(415);
    await patch(id, [], face.reader).expect(403);
    await patch(id, [], face.stranger).expect(404);
    await patch(IMAGE, [{ op: 'replace', path: '/name', value: 'x' }]).expect(403);
    await face.stranger.delete(`${AT}/${id}`).expect(404);
    await face.user.delete(`${AT}/${IMAGE}`).expect(403);
  });
  it('403, 204: a protected one stays', async () => {
    const { id } = await make({ protected: true });
    const { body } = await face.user.delete(`${AT}/${id}`).expect(403);
    expect(body).toMatchObject({ message: `Image ${id} is protected and cannot be deleted.` });
    await patch(id, [{ op: 'replace', path: '/protected', value: false }]).expect(200);
    await face.user.delete(`${AT}/${id}`).expect(204);
    await face.user.get(`${AT}/${id}`).expect(404);
    await face.user.delete(`${AT}/${id}`).expect(404);
  });

  it('members: shared, accepted, ended', async () => {
    const { id } = await make();
    const members = `${AT}/${id}/members`;
    await face.stranger.get(`${AT}/${id}`).expect(404);
    expect((await face.user.post(members, { member: face.otherProject }).expect(200)).body).toMatchObject({
      member_id: face.otherProject,
      image_id: id,
      status: 'pending',
    });
    await face.user.post(members, { member: face.otherProject }).expect(409);
    await face.stranger.get(`${AT}/${id}`).expect(200);
    expect(await ids('?limit=1000', face.stranger)).not.toContain(id);
    expect(await ids('?member_status=pending&visibility=shared', face.stranger)).toEqual([id]);
    await face.user.put(`${members}/${face.otherProject}`, { status: 'accepted' }).expect(403);
    await face.stranger.put(`${members}/${face.otherProject}`, { status: 'perhaps' }).expect(400);
    await face.stranger.put(`${members}/${face.otherProject}`, { status: 'accepted' }).expect(200);
    expect(await ids('?limit=1000', face.stranger)).toContain(id);
    await face.stranger.post(members, { member: face.project }).expect(403);
    expect((await face.stranger.get(members).expect(200)).body).toMatchObject({ members: [{ status: 'accepted' }] });
    await face.user.get(`${members}/${randomUUID()}`).expect(404);
    await face.user.delete(`${members}/${face.otherProject}`).expect(204);
    await face.stranger.get(`${AT}/${id}`).expect(404);
    await face.user.post(members, { member: 'x' }).expect(400);
  });
  it('tags, one by one', async () => {
    const { id } = await make();
    await face.user.put(`${AT}/${id}/tags/one`).expect(204);
    await face.user.put(`${AT}/${id}/tags/one`).expect(204);
    expect((await get(id)).tags).toEqual(['one']);
    await face.user.delete(`${AT}/${id}/tags/one`).expect(204);
    await face.user.delete(`${AT}/${id}/tags/one`).expect(404);
    await face.user.put(`${AT}/${id}/tags/${'x'.repeat(61)}`).expect(400);
  });
  it('403: administrators switch images off and on', async () => {
    const { id } = await make();
    await upload(id, Buffer.alloc(512)).expect(204);
    await face.user.post(`${AT}/${id}/actions/deactivate`).expect(403);
    await face.staff.post(`${AT}/${id}/actions/deactivate`).expect(204);
    expect((await get(id)).status).toBe('deactivated');
    await face.user.get(`${AT}/${id}/file`).expect(403);
    await face.staff.post(`${AT}/${id}/actions/reactivate`).expect(204);
    expect((await get(id)).status).toBe('active');
  });
  it('202: an import begins; what is no address is refused', async () => {
    const { id } = await make();
    const at = `${AT}/${id}/import`;
    await face.user.post(at, { method: { name: 'glance-direct' } }).expect(400);
    await face.user.post(at, { method: { name: 'web-download', uri: 'file:///etc/passwd' } }).expect(400);
    await face.user
      .post(at, { method: { name: 'web-download', uri: 'http://images.example.com/one.img' } })
      .expect(202);
    expect(await get(id)).toMatchObject({ status: 'importing', os_glance_importing_to_stores: 'file' });
  });

  describe('lists', () => {
    let made: Image[] = [];
    beforeAll(async () => {
      for (const name of ['list-a', 'list-b', 'list, c'])
        made.push(await make({ name, shape: name.length > 6 ? 'odd' : 'even' }));
      made = made.reverse();
    });
    it('200: public ones and one’s own, the newest first, page by page', async () => {
      expect(await ids('?limit=1000')).toEqual(expect.arrayContaining([IMAGE, ...made.map(({ id }) => id)]));
      const seen: string[] = [];
      let path = `${AT}?limit=2&shape=even&shape=even`;
      for (let i = 0; i < 3; i += 1) {
        const { body } = await face.user.get(path).expect(200);
        const page = body as { images: Image[]; next?: string; first: string; schema: string };
        expect(page).toMatchObject({
          schema: '/v2/schemas/images',
          first: expect.stringContaining('/v2/images?') as string,
        });
        seen.push(...page.images.map(({ id }) => id));
        if (page.next === undefined) break;
        path = `/image${page.next}`;
      }
      expect(seen).toEqual(made.filter(({ shape }) => shape === 'even').map(({ id }) => id));
    });
    it('200: filters', async () => {
      expect(await ids('?name=list-a')).toEqual([made.find(({ name }) => name === 'list-a')?.id]);
      expect((await list(`?name=in:list-a,"list, c"&sort=name:asc`)).map(({ name }) => name)).toEqual([
        'list, c',
        'list-a',
      ]);
      expect((await ids(`?id=in:${made.map(({ id }) => id).join(',')},x`)).length).toBe(3);
      expect(await ids('?name=list')).toEqual([]);
      expect((await ids(`?owner=${face.project}&name=list-a`)).length).toBe(1);
      expect(await ids(`?owner=${face.otherProject}`)).toEqual([]);
      expect(await ids('?name=list-a&visibility=public')).toEqual([]);
      expect((await ids('?name=list-a&status=in:queued,active')).length).toBe(1);
      expect((await ids('?name=list-a&created_at=gt:2000-01-01T00:00:00Z')).length).toBe(1);
      expect(await ids('?name=list-a&created_at=lt:2000-01-01T00:00:00Z')).toEqual([]);
      expect(await ids('?size_min=999999999999999')).toEqual([]);
    });
    it('200: what is hidden is listed where it is asked for', async () => {
      const { id } = await make({ os_hidden: true });
      expect(await ids('?limit=1000')).not.toContain(id);
      expect(await ids('?os_hidden=true')).toEqual([id]);
      expect((await get(id)).os_hidden).toBe(true);
    });
    it.each([
      '?limit=-1', '?limit=x', '?marker=x', '?sort_key=secret', '?sort=name:up', '?sort=name&sort_key=name',
      '?visibility=x', '?created_at=yesterday', '?size_min=x', '?protected=perhaps', '?member_status=x',
    ])('400: %s', async (query) => {
      const { body } = await face.user.get(AT + query).expect(400);
      expect(Object.keys(body as object).sort()).toEqual(['code', 'message', 'title']);
    }); // prettier-ignore
    it('404: a marker that is another project’s', async () => {
      const { id } = await make({}, face.stranger);
      await face.user.get(`${AT}?marker=${id}`).expect(404);
      await face.user.get(`${AT}?marker=${randomUUID()}`).expect(404);
    });
    it('200: strangers see none of them, administrators all', async () => {
      expect(await ids('?limit=1000', face.stranger)).not.toContain(made[0]?.id);
      expect(await ids('?limit=1000', face.staff)).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
      expect(await ids('?limit=1000', face.homeless)).toContain(IMAGE);
      await face.homeless.post(AT, { name: 'x' }).expect(403);
      await face.nobody.get(AT).expect(401);
      await face.unscoped.get(AT).expect(403);
    });
  });
  it('403: a suspended client reads and deletes only', async () => {
    const { id } = await make();
    await sql(service.db, `update client set hold = 'suspended' where id = $1`, [service.ownClient]);
    await face.user.post(AT, { name: 'x' }).expect(403);
    await patch(id, [{ op: 'replace', path: '/name', value: 'x' }]).expect(403);
    await face.user.get(`${AT}/${id}`).expect(200);
    await face.user.delete(`${AT}/${id}`).expect(204);
    const { id: shared } = await make({ visibility: 'shared' }, face.stranger);
    await face.stranger.post(`${AT}/${shared}/members`, { member: face.project }).expect(200);
    await face.user.put(`${AT}/${shared}/members/${face.project}`, { status: 'accepted' }).expect(403);
    await sql(service.db, 'update client set hold = null where id = $1', [service.ownClient]);
  });
  it('200: schemas, ways to import, stores', async () => {
    for (const name of ['image', 'images', 'member', 'members'])
      await face.user.get(`/image/v2/schemas/${name}`).expect(200);
    expect((await face.user.get('/image/v2/info/import').expect(200)).body).toMatchObject({
      'import-methods': { value: ['web-download'] },
    });
    await face.user.get('/image/v2/info/stores').expect(200);
    await face.user.get('/image/v2/schemas/nothing').expect(404);
  });
  it('201: an administrator without a client makes images of the cloud, which are public', async () => {
    const { id } = await make({ visibility: 'public' }, face.staff);
    expect(await get(id)).toMatchObject({ owner: '', visibility: 'public' });
    await face.staff.post(AT, { name: 'x', visibility: 'private' }).expect(400);
  });
});
