import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { FLAVOR, IMAGE, NETWORK, useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';

const SERVERS = '/compute/v2.1/servers';
const server = (more: object = {}) => ({
  server: { name: 'vm1', imageRef: IMAGE, flavorRef: FLAVOR, networks: [{ uuid: NETWORK }], ...more },
});

describe('servers of the compute API', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  beforeAll(() =>
    sql(
      service.db,
      `update project set quota_limits = '{"instances": 500, "cores": 5000, "ram": 5000000, "ports": 5000}'`,
    ),
  );
  const make = async (more: object = {}, as: FaceAs = face.user, version?: string): Promise<string> => {
    const { body, status, text } = await as.post(SERVERS, server(more), version);
    if (status !== 202) throw new Error(`${status} ${text}`);
    await cloud.work();
    return (body as { server: { id: string } }).server.id;
  };
  const get = async (id: string, as: FaceAs = face.user, version?: string) =>
    ((await as.get(`${SERVERS}/${id}`, version).expect(200)).body as { server: Record<string, unknown> }).server;
  const message = (body: unknown): string =>
    (Object.values(body as Record<string, { message: string }>)[0] as { message: string }).message;

  it.each(['__proto__', 'constructor'])(
    '200: a network of the name %s is one as any other, also to staff',
    async (name) => {
      const { body } = await face.user.post('/network/v2.0/networks', { network: { name } }).expect(201);
      const { id: uuid } = (body as { network: { id: string } }).network;
      const subnet = { network_id: uuid, cidr: '10.77.0.0/24' };
      await face.user.post('/network/v2.0/subnets', { subnet }).expect(201);
      const id = await make({ networks: [{ uuid }] });
      for (const [as, path] of [
        [face.user, `${SERVERS}/${id}`],
        [face.user, `${SERVERS}/detail`],
        [face.staff, `${SERVERS}/detail?all_tenants=1`],
        [service.user, `/api/openstack/instances/${id}`],
      ] as const) {
        const { text } = await as.get(path).expect(200);
        expect(text).toMatch(new RegExp(`"addresses":\\{"${name}":\\[`));
      }
      await face.user.get(`${SERVERS}/${id}/ips/${name}`).expect(200);
    },
  );
  it('202: the trace of `server create`, in its original form', async () => {
    const sent = { ...server().server, min_count: 1, max_count: 1 };
    const { body, headers } = await face.user.post(SERVERS, { server: sent }).expect(202);
    const { id } = (body as { server: { id: string } }).server;
    expect(body).toEqual({
      server: {
        id,
        links: [
          { rel: 'self', href: `http://cloud.test/compute/v2.1/servers/${id}` },
          { rel: 'bookmark', href: `http://cloud.test/compute/servers/${id}` },
        ],
        'OS-DCF:diskConfig': 'AUTO',
        security_groups: [{ name: 'default' }],
        adminPass: expect.any(String) as string,
      },
    });
    expect(headers.location).toBe(`http://cloud.test/compute/v2.1/servers/${id}`);
    expect(await get(id)).toMatchObject({ status: 'BUILD', 'OS-EXT-STS:task_state': 'scheduling', addresses: {} });
    await cloud.work();
    expect(await get(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:vm_state': 'active' });
  });

  it('200: a server at 2.1 has exactly these fields, in these forms', async () => {
    const shown = await get(await make({ name: 'plain', metadata: { role: 'web' } }));
    expect(Object.keys(shown).sort()).toEqual(
      [
        'id', 'name', 'status', 'tenant_id', 'user_id', 'metadata', 'hostId', 'image', 'flavor', 'created', 'updated',
        'addresses', 'accessIPv4', 'accessIPv6', 'links', 'OS-DCF:diskConfig', 'progress',
        'OS-EXT-AZ:availability_zone', 'config_drive', 'key_name', 'OS-SRV-USG:launched_at',
        'OS-SRV-USG:terminated_at', 'security_groups', 'OS-EXT-STS:task_state', 'OS-EXT-STS:vm_state',
        'OS-EXT-STS:power_state', 'os-extended-volumes:volumes_attached',
      ].sort(), // prettier-ignore
    );
    expect(shown).toMatchObject({
      tenant_id: face.project,
      metadata: { role: 'web' },
      image: { id: IMAGE, links: [{ rel: 'bookmark', href: `http://cloud.test/compute/images/${IMAGE}` }] },
      flavor: { id: FLAVOR, links: [{ rel: 'bookmark', href: `http://cloud.test/compute/flavors/${FLAVOR}` }] },
      config_drive: '',
      progress: 0,
      'OS-SRV-USG:terminated_at': null,
      security_groups: [{ name: 'default' }],
    });
    expect(shown['OS-SRV-USG:launched_at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(shown.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(shown.updated).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const [addresses] = Object.values(shown.addresses as Record<string, object[]>);
    expect(addresses).toEqual([
      {
        version: 4,
        addr: expect.any(String) as string,
        'OS-EXT-IPS:type': 'fixed',
        'OS-EXT-IPS-MAC:mac_addr': expect.stringMatching(/^[0-9a-f:]{17}$/) as string,
      },
    ]);
  });
  it.each([
    [3, ['os-extended-volumes:volumes_attached']],
    [9, ['locked']],
    [19, ['locked', 'description']],
    [26, ['locked', 'description', 'tags']],
    [63, ['trusted_image_certificates']],
    [71, ['server_groups']],
    [73, ['locked_reason']],
    [90, ['OS-EXT-SRV-ATTR:hostname']],
  ])('200: 2.%i adds its fields, and the version before lacks the last one', async (minor, fields) => {
    const id = await make({ name: `at-${minor}` });
    const now = await get(id, face.user, `compute 2.${minor}`);
    expect(Object.keys(now)).toEqual(expect.arrayContaining(fields));
    const last = fields.at(-1) as string;
    if (minor > 3) expect(Object.keys(await get(id, face.user, `compute 2.${minor - 1}`))).not.toContain(last);
  });
  it('200: from 2.47 the flavor is embedded, without its id', async () => {
    const { flavor } = await get(await make({ name: 'embedded' }), face.user, 'compute 2.47');
    expect(Object.keys(flavor as object)).toEqual([
      'original_name',
      'vcpus',
      'ram',
      'disk',
      'ephemeral',
      'swap',
      'extra_specs',
    ]);
  });
  it('200: hosts are shown to administrators only', async () => {
    const id = await make({ name: 'hosted' });
    expect(await get(id, face.staff)).toHaveProperty('OS-EXT-SRV-ATTR:hypervisor_hostname');
    expect(await get(id)).not.toHaveProperty('OS-EXT-SRV-ATTR:hypervisor_hostname');
    expect(await get(id, face.staff, 'compute 2.16')).toHaveProperty('host_status');
  });

  it.each(['vm1', 'nothing', randomUUID(), '%00', '../x'])('404: %s is no server', async (id) => {
    const { body } = await face.user.get(`${SERVERS}/${encodeURIComponent(id)}`);
    expect(Object.keys(body as object)).toEqual([expect.stringMatching(/itemNotFound|badRequest/)]);
  });
  it('404: a stranger looks at nothing', async () => {
    const id = await make({ name: 'private' });
    const { body } = await face.stranger.get(`${SERVERS}/${id}`).expect(404);
    expect(body).toEqual({ itemNotFound: { code: 404, message: `Instance ${id} could not be found.` } });
    await face.homeless.get(`${SERVERS}/${id}`).expect(404);
    await face.stranger.delete(`${SERVERS}/${id}`).expect(404);
    await face.stranger.post(`${SERVERS}/${id}/action`, { 'os-stop': null }).expect(404);
    expect((await face.stranger.get(SERVERS).expect(200)).body).toEqual({ servers: [] });
  });
  it('401, 403: without a token, without a project', async () => {
    const { body, headers } = await face.nobody.get(SERVERS).expect(401);
    expect(headers['www-authenticate']).toBe('Keystone uri="http://cloud.test/identity"');
    expect(body).toEqual({
      error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' },
    });
    await face.garbage.get(SERVERS).expect(401);
    expect(message((await face.unscoped.get(SERVERS).expect(403)).body)).toMatch(/has no project/);
    expect(message((await face.homeless.post(SERVERS, server()).expect(403)).body)).toMatch(/belongs to no client/);
    await face.reader.post(SERVERS, server()).expect(403);
    await face.component.get(SERVERS).expect(403);
  });
  it('400: the project in the path is the one of the token, or it is refused', async () => {
    await face.user.get(`/compute/v2.1/${face.project}/servers`).expect(200);
    await face.user.get(`/compute/v2.1/${face.project.replaceAll('-', '')}/servers/detail`).expect(200);
    const { body } = await face.user.get(`/compute/v2.1/${face.otherProject}/servers`).expect(400);
    expect(message(body)).toContain("doesn't match Context's project_id");
  });

  describe('lists', () => {
    let ids: string[] = [];
    beforeAll(async () => {
      for (const name of ['list-a', 'list-b', 'list-c', 'list-dd'])
        ids.push(await make({ name, tags: [name] }, face.user, 'compute 2.52'));
      ids = ids.reverse();
    });
    const list = async (query: string, as: FaceAs = face.user, version?: string) =>
      (await as.get(`${SERVERS}/detail?${query}`, version).expect(200)).body as {
        servers: { id: string; name: string }[];
        servers_links?: { rel: string; href: string }[];
      };
    const names = async (query: string, as?: FaceAs, version?: string) =>
      (await list(query, as, version)).servers.map(({ name }) => name);

    it('200: pages by marker, newest first, each with the way to the next', async () => {
      const seen: string[] = [];
      let path = `${SERVERS}?name=list-&limit=3`;
      for (let i = 0; i < 5; i += 1) {
        const { body } = await face.user.get(path).expect(200);
        const { servers, servers_links: links } = body as Awaited<ReturnType<typeof list>>;
        expect(Object.keys(servers[0] ?? { id: 0, name: 0, links: 0 })).toEqual(['id', 'name', 'links']);
        seen.push(...servers.map(({ id }) => id));
        if (!links) break;
        path = (links[0] as { href: string }).href.replace('http://cloud.test', '');
      }
      expect(seen).toEqual(ids);
    });
    it('200: the name is a regular expression, not anchored', async () => {
      expect(await names('name=ist-[ab]$')).toEqual(['list-b', 'list-a']);
      expect(await names('name=^ist')).toEqual([]);
    });
    it.each(['name=(', 'name=[', `name=${'a'.repeat(256)}`, 'name=(a)\\1', 'ip=*', 'name=(((a{1,30}){1,30}){1,20})?'])(
      '400: %s',
      async (query) => {
        await face.user.get(`${SERVERS}?${query}`).expect(400);
      },
    );
    it('200: of several expressions the last counts', async () => {
      expect(await names('name=^nothing$&name=^list-a$')).toEqual(['list-a']);
      expect(await names('name=(q{1,30}){1,30}|^list-b$')).toEqual(['list-b']);
    });
    it('200: filters', async () => {
      expect(await names('name=list-&status=ACTIVE')).toHaveLength(4);
      expect(await names('name=list-&status=SHUTOFF')).toEqual([]);
      expect(await names('status=NONSENSE')).toEqual([]);
      expect(await names(`name=list-&flavor=${FLAVOR}&image=${IMAGE}`)).toHaveLength(4);
      expect(await names(`flavor=${randomUUID()}`)).toEqual([]);
      expect(await names('flavor=x')).toEqual([]);
      expect(await names('tags=list-a', face.user, 'compute 2.26')).toEqual(['list-a']);
      expect(await names('tags-any=list-a,list-b', face.user, 'compute 2.26')).toEqual(['list-b', 'list-a']);
      expect(await names('name=list-&not-tags=list-a', face.user, 'compute 2.26')).not.toContain('list-a');
      expect(await names('name=list-&changes-since=2000-01-01T00:00:00Z')).toHaveLength(4);
      expect(await names('name=list-&changes-since=2100-01-01T00:00:00Z')).toEqual([]);
      expect(await names('name=list-&locked=true', face.user, 'compute 2.73')).toEqual([]);
      expect(await names('name=list-&deleted=False')).toHaveLength(4);
    });
    it('200: sorted as asked', async () => {
      expect(await names('name=list-&sort_key=display_name&sort_dir=asc')).toEqual([
        'list-a',
        'list-b',
        'list-c',
        'list-dd',
      ]);
      expect(await names('name=list-&sort_key=name&sort_dir=desc&limit=1')).toEqual(['list-dd']);
    });
    it('200: pages in an order of two directions', async () => {
      const order = 'name=list-&sort_key=vm_state&sort_dir=asc&sort_key=display_name&sort_dir=desc';
      const [first] = (await list(`${order}&limit=1`)).servers;
      expect(await names(`${order}&marker=${first?.id}`)).toEqual(['list-c', 'list-b', 'list-a']);
    });
    it.each([
      ['limit=-1', 400],
      ['limit=x', 400],
      ['limit=99999999999999999999', 400],
      [`marker=${randomUUID()}`, 400],
      ['marker=x', 400],
      ['sort_key=secret', 400],
      ['sort_key=name&sort_dir=up', 400],
      ['changes-since=yesterday', 400],
      ['all_tenants=perhaps', 400],
    ])('%s: %i', async (query, status) => {
      const { body } = await face.user.get(`${SERVERS}?${query}`).expect(status);
      expect(Object.keys(body as object)).toEqual(['badRequest']);
    });
    it('200 without rows: limit=0', async () => {
      expect(await list('limit=0')).toEqual({ servers: [] });
    });
    it('unknown parameters are ignored below 2.75, and refused from there on', async () => {
      await face.user.get(`${SERVERS}?nonsense=1`, 'compute 2.74').expect(200);
      await face.user.get(`${SERVERS}?nonsense=1`, 'compute 2.75').expect(400);
    });
    it('all_tenants is for staff only', async () => {
      await face.user.get(`${SERVERS}?all_tenants=1`).expect(403);
      await face.user.get(`${SERVERS}?all_tenants=0`).expect(200);
      const strangers = await make({ name: 'list-x' }, face.stranger);
      expect((await list('name=list-&all_tenants=1', face.staff)).servers.map(({ id }) => id)).toContain(strangers);
      expect(await names('name=list-', face.staff)).toEqual([]);
      expect(await names('name=list-', face.staffInside)).toHaveLength(4);
      await face.staffInside.get(`${SERVERS}?all_tenants=1`).expect(403);
      expect(await names(`all_tenants=1&project_id=${face.otherProject}`, face.staff)).toEqual(['list-x']);
    });
    it('a marker of another project is none', async () => {
      const strangers = await make({ name: 'marker' }, face.stranger);
      await face.user.get(`${SERVERS}?marker=${strangers}`).expect(400);
    });
    it('changes-since shows what was deleted', async () => {
      const id = await make({ name: 'short-lived' });
      await face.user.delete(`${SERVERS}/${id}`).expect(204);
      await cloud.work();
      expect(await names('name=short-lived')).toEqual([]);
      const { servers } = await list('name=short-lived&changes-since=2000-01-01T00:00:00Z');
      expect(servers).toMatchObject([{ id, status: 'DELETED' }]);
    });
  });

  describe('create', () => {
    it.each([
      ['no name', { name: undefined }],
      ['an empty name', { name: '' }],
      ['a long name', { name: 'x'.repeat(256) }],
      ['a number as name', { name: 7 }],
      ['a flavor that is none', { flavorRef: 'm1.tiny' }],
      ['an unknown flavor', { flavorRef: randomUUID() }],
      ['an unknown image', { imageRef: randomUUID() }],
      ['an image that is none', { imageRef: 'cirros' }],
      ['no image', { imageRef: undefined }],
      ['an unknown network', { networks: [{ uuid: randomUUID() }] }],
      ['a network that is none', { networks: [{ uuid: 'private' }] }],
      ['a port that is none', { networks: [{ port: 'x' }] }],
      [
        'a volume that is none',
        { imageRef: '', block_device_mapping_v2: [{ boot_index: 0, uuid: 'x', source_type: 'volume' }] },
      ],
      ['a network without id', { networks: [{}] }],
      ['a tag of an interface', { networks: [{ uuid: NETWORK, tag: 'a' }] }],
      ['an unknown port', { networks: [{ port: randomUUID() }] }],
      ['an unknown key', { key_name: 'nothing' }],
      ['an unknown group', { security_groups: [{ name: 'nothing' }] }],
      ['an unknown zone', { availability_zone: 'mars' }],
      ['a field that there is not', { nonsense: 1 }],
      ['a list as metadata', { metadata: [] }],
      ['metadata of numbers', { metadata: { a: 1 } }],
      ['more than it has at most', { min_count: 3, max_count: 2 }],
      ['none at all', { min_count: 0 }],
      ['a thousand', { max_count: 1000 }],
      ['user data that is no Base64', { user_data: '***' }],
      ['files', { personality: [{ path: '/x', contents: '' }] }],
      ['tags before 2.52', { tags: ['a'] }],
      ['a description before 2.19', { description: 'a' }],
      ['NUL', { name: 'a\u0000b' }],
    ])('400: %s', async (_what, more) => {
      const count = async () => (await sql<{ n: number }>(service.db, 'select count(*)::int n from instance'))[0]?.n;
      const before = await count();
      const { body } = await face.user.post(SERVERS, server(more)).expect(400);
      expect(Object.keys(body as object)).toEqual(['badRequest']);
      expect(await count()).toBe(before);
    });
    it('400: the sentences are those of Nova', async () => {
      const said = async (more: object, version?: string) =>
        message((await face.user.post(SERVERS, server(more), version).expect(400)).body);
      expect(await said({ flavorRef: randomUUID() })).toBe('Invalid flavorRef provided.');
      expect(await said({ imageRef: randomUUID() })).toBe('Invalid imageRef provided.');
      expect(await said({ key_name: 'nothing' })).toBe('Invalid key_name provided.');
      expect(await said({ name: 7 })).toBe(
        "Invalid input for field/attribute name. Value: 7. 7 is not of type 'string'",
      );
      expect(await said({ nonsense: 1 })).toContain(
        "Additional properties are not allowed ('nonsense' was unexpected)",
      );
      expect(await said({ name: undefined })).toContain("'name' is a required property");
      expect(await said({ networks: undefined }, 'compute 2.37')).toContain("'networks' is a required property");
    });
    it.each(['[]', '{}', 'null', '"x"', '{"server":null}', '{"server":[]}', '{"server":{}', 'x'])(
      '400: %s',
      async (raw) => {
        const { body } = await face.user.post(SERVERS).set('Content-Type', 'application/json').send(raw).expect(400);
        expect(Object.keys(body as object)).toEqual(['badRequest']);
      },
    );
    it.each(['os:scheduler_hints', 'OS-SCH-HNT:scheduler_hints'])('400: %s that nobody keeps', async (field) => {
      const hinted = (hints: object) => face.user.post(SERVERS, { ...server(), [field]: hints });
      const group = randomUUID();
      expect(message((await hinted({ group }).expect(400)).body)).toBe(`Instance group ${group} could not be found.`);
      await hinted({ different_host: [randomUUID()] }).expect(400);
      await hinted({ same_host: randomUUID() }).expect(400);
      await hinted({ rack: 'seven' }).expect(202);
    });
    it('415: a body that is no JSON', async () => {
      const { body } = await face.user.post(SERVERS).set('Content-Type', 'text/plain').send('x').expect(415);
      expect(Object.keys(body as object)).toEqual(['badMediaType']);
    });
    it('413: a body that is too large', async () => {
      await face.user.post(SERVERS, server({ user_data: 'a'.repeat(300_000) })).expect(413);
    });
    it('404: an image of another project looks absent', async () => {
      await sql(service.db, `update image set visibility = 'private', project_id = $2 where id = $1`, [
        IMAGE,
        face.otherProject.replaceAll('-', ''),
      ]);
      const { body } = await face.user.post(SERVERS, server()).expect(400);
      expect(message(body)).toBe('Invalid imageRef provided.');
      await sql(service.db, `update image set visibility = 'public', project_id = null where id = $1`, [IMAGE]);
    });
    it('202: "none" and "auto", with the newer microversions', async () => {
      expect((await get(await make({ networks: 'none' }, face.user, 'compute 2.37'))).addresses).toEqual({});
      await face.user.post(SERVERS, server({ networks: 'auto' }), 'compute 2.36').expect(400);
      const auto = await face.user.post(SERVERS, server({ networks: 'auto' }), 'compute 2.37');
      expect([202, 409]).toContain(auto.status);
    });
    it('202: two at once, all or none', async () => {
      const { body } = await face.user
        .post(SERVERS, server({ name: 'twin', min_count: 2, return_reservation_id: true }))
        .expect(202);
      expect((body as { reservation_id: string }).reservation_id).toMatch(/^r-[0-9a-f]{8}$/);
      const listed = await face.user.get(`${SERVERS}?name=^twin-`).expect(200);
      expect((listed.body as { servers: { name: string }[] }).servers.map(({ name }) => name).sort()).toEqual([
        'twin-1',
        'twin-2',
      ]);
    });
    it('403: the quota is used up, and nothing is made', async () => {
      const project = face.project.replaceAll('-', '');
      await sql(service.db, `update project set quota_limits = '{"instances": 0}' where id = $1`, [project]);
      const { body } = await face.user.post(SERVERS, server({ name: 'too-many' })).expect(403);
      expect(Object.keys(body as object)).toEqual(['forbidden']);
      const used = (
        await sql<{ n: number }>(
          service.db,
          `select count(*)::int n from instance where project_id = $1 and vm_state <> 'deleted'`,
          [project],
        )
      )[0]?.n as number;
      const limits = { instances: used + 2, cores: 5000, ram: 5_000_000, ports: 5000 };
      await sql(service.db, `update project set quota_limits = $2 where id = $1`, [project, limits]);
      const several = await face.user.post(SERVERS, server({ name: 'too-many', min_count: 5 })).expect(403);
      expect(message(several.body)).toBe(
        `Quota exceeded for instances: Requested 5, but already used ${used} of ${used + 2} instances`,
      );
      await sql(
        service.db,
        `update project set quota_limits = '{"instances": 500, "cores": 5000, "ram": 5000000, "ports": 5000}' where id = $1`,
        [project],
      );
    });
    it('202: the same key twice, one after the other and at once: one server; the password is told once', async () => {
      const send = (key: string) => face.user.post(SERVERS, server({ name: key })).set('Idempotency-Key', key);
      const first = await send('once-a').expect(202);
      const again = await send('once-a').expect(202);
      type Made = { server: { id: string; adminPass?: string } };
      expect((again.body as Made).server.id).toBe((first.body as Made).server.id);
      expect((first.body as Made).server.adminPass).toEqual(expect.any(String));
      expect((again.body as Made).server.adminPass).toBeUndefined();
      const both = await Promise.all([send('once-b'), send('once-b')]);
      expect(both.map(({ status }) => status).filter((one) => one !== 202 && one !== 409)).toEqual([]);
      const listed = await face.user.get(`${SERVERS}?name=^once-`).expect(200);
      expect((listed.body as { servers: unknown[] }).servers).toHaveLength(2);
      await face.user
        .post(SERVERS, server({ name: 'other' }))
        .set('Idempotency-Key', 'once-a')
        .expect(422);
      const [{ kept } = { kept: '' }] = await sql<{ kept: string }>(
        service.db,
        `select string_agg(body::text, '') kept from idempotency_key`,
      );
      expect(kept).not.toContain('adminPass');
    });
  });

  describe('change and delete', () => {
    it('200: name and description', async () => {
      const id = await make({ name: 'before' });
      const put = (body: object, version?: string) => face.user.put(`${SERVERS}/${id}`, { server: body }, version);
      expect((await put({ name: 'after' }).expect(200)).body).toMatchObject({ server: { id, name: 'after' } });
      await put({ description: 'x' }).expect(400);
      expect((await put({ description: 'x' }, 'compute 2.75').expect(200)).body).toMatchObject({
        server: { description: 'x', 'OS-EXT-STS:vm_state': 'active' },
      });
      expect((await put({ hostname: 'web' }, 'compute 2.90').expect(200)).body).toMatchObject({
        server: { 'OS-EXT-SRV-ATTR:hostname': 'web' },
      });
      expect((await put({ accessIPv4: '192.0.2.7' }).expect(200)).body).toMatchObject({
        server: { accessIPv4: '192.0.2.7' },
      });
      await put({ name: '' }).expect(400);
      await put({ accessIPv4: 'x' }).expect(400);
      await put({ other: 1 }).expect(400);
    });
    it('202: a repeated action answers as the first, without a body; a key is of its microversion', async () => {
      const id = await make();
      const lock = (version?: string) =>
        face.user.post(`${SERVERS}/${id}/action`, { lock: null }, version).set('Idempotency-Key', 'lock-once');
      const [first, again] = [await lock().expect(202), await lock().expect(202)];
      const said = ({ text, headers }: typeof first) => [text, headers['content-length'], headers['content-type']];
      expect(said(again)).toEqual(said(first));
      await lock('compute 2.73').expect(422);
    });
    it.each(['{"metadata":{"__proto__":"x","a":"b"}}', '{"metadata":{"__proto__":1}}'])('400: %s', async (text) => {
      const id = await make();
      const put = face.user.put(`${SERVERS}/${id}/metadata`).set('Content-Type', 'application/json');
      expect(message((await put.send(text).expect(400)).body)).toContain('__proto__');
    });
    it('a change is whole or not at all', async () => {
      const id = await make();
      await sql(service.db, `alter table server_record add constraint fails check (hostname is distinct from 'fails')`);
      const changes = { server: { name: 'changed', hostname: 'fails' } };
      await face.user.put(`${SERVERS}/${id}`, changes, 'compute 2.90').expect(500);
      await sql(service.db, 'alter table server_record drop constraint fails');
      expect(await get(id)).toMatchObject({ name: 'vm1' });
    });
    it('204, then 404: deleted', async () => {
      const id = await make();
      const { text } = await face.user.delete(`${SERVERS}/${id}`).expect(204);
      expect(text).toBe('');
      await cloud.work();
      await face.user.get(`${SERVERS}/${id}`).expect(404);
      await face.user.delete(`${SERVERS}/${id}`).expect(404);
    });
    it('409: a locked one stays; 403: a suspended client changes nothing, and deletes', async () => {
      const id = await make();
      await face.staff.post(`${SERVERS}/${id}/action`, { lock: null }).expect(202);
      const { body } = await face.user.delete(`${SERVERS}/${id}`).expect(409);
      expect(body).toEqual({ conflictingRequest: { code: 409, message: `Instance ${id} is locked` } });
      await face.user.put(`${SERVERS}/${id}`, { server: { name: 'x' } }).expect(409);
      await face.staff.post(`${SERVERS}/${id}/action`, { unlock: null }).expect(202);
      await sql(service.db, `update client set hold = 'suspended' where id = $1`, [service.ownClient]);
      await face.user.put(`${SERVERS}/${id}`, { server: { name: 'x' } }).expect(403);
      await face.user.post(SERVERS, server()).expect(403);
      await face.user.post(`${SERVERS}/${id}/metadata`, { metadata: { a: 'b' } }).expect(403);
      await sql(service.db, 'update client set hold = null where id = $1', [service.ownClient]);
    });
  });
});
