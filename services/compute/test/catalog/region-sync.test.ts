import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newSecretKey, sql } from '@nefos/service-kit';
import { syncRegion } from '../../src/catalog/domain/region-sync.js';
import { recordedOpenstack, type Heard } from '../ports/recorded-openstack.js';
import { useService } from '../support.js';

const root = path.resolve(__dirname, '../../../..');
const flavor = (id: string, more: object = {}) => ({
  id,
  name: `m1.${id}`,
  vcpus: 1,
  ram: 512,
  disk: 1,
  swap: '',
  'OS-FLV-EXT-DATA:ephemeral': 0,
  'os-flavor-access:is_public': true,
  ...more,
});
const image = (id: string, more: object = {}) => ({
  id,
  name: id,
  disk_format: 'qcow2',
  container_format: 'bare',
  min_disk: 0,
  min_ram: 0,
  size: 1024,
  ...more,
});
const network = (id: string, more: object = {}) => ({
  id,
  name: id,
  shared: true,
  'router:external': false,
  admin_state_up: true,
  status: 'ACTIVE',
  mtu: 1450,
  ...more,
});
const subnet = (id: string, of: string, cidr: string) => ({ id, network_id: of, name: id, cidr, gateway_ip: null });

describe("a cloud's catalog comes into the portal's", () => {
  const service = useService();
  let cloud: Awaited<ReturnType<typeof recordedOpenstack>>;
  const has = { flavors: [] as object[], images: [] as object[], networks: [] as object[], subnets: [] as object[] };
  /** Pages as the three services make them: behind the marker, none behind the last. */
  const pageOf = (key: keyof typeof has, { query }: Heard) => {
    const all = has[key] as { id: string }[];
    const from = all.findIndex(({ id }) => id === query.get('marker')) + 1;
    return { body: { [key]: all.slice(from, from + 2) } };
  };
  beforeAll(async () => {
    cloud = await recordedOpenstack();
    cloud.state.answer = (heard) => {
      if (heard.path.endsWith('/flavors/detail')) return pageOf('flavors', heard);
      if (heard.path.endsWith('/v2/images')) return pageOf('images', heard);
      if (heard.path.endsWith('/v2.0/networks')) return pageOf('networks', heard);
      if (heard.path.endsWith('/v2.0/subnets')) return pageOf('subnets', heard);
      return undefined;
    };
    await sql(service.db, `insert into region (id) values ('Cloud'), ('Plain')`);
    await service.staff
      .put('/staffapi/openstack/regions/Cloud/driver', {
        driver: 'openstack',
        settings: { auth_url: cloud.url, username: 'admin', project: 'admin' },
        secrets: { password: 'the-secret' },
      })
      .expect(200);
  });
  afterAll(() => {
    cloud.close();
  });
  const rows = <T extends object>(table: string, columns: string) =>
    sql<T & Record<string, unknown>>(
      service.db,
      `select ${columns} from ${table} where backend_id is not null order by backend_id`,
    );

  it('all pages of it, once; what is changed is changed, what is gone goes out of use', async () => {
    has.flavors = [
      flavor('1'),
      flavor('2', { swap: 64, 'os-flavor-access:is_public': false }),
      flavor('3'),
      flavor('4'),
      flavor('bare', { ram: 0 }),
    ];
    has.images = [
      image('a'),
      image('b', { disk_format: 'iso', hw_qemu_guest_agent: 'yes' }),
      image('c', { name: null }),
    ];
    has.networks = [
      network('net'),
      network('ext', { shared: false, 'router:external': true }),
      network('x', { shared: false }),
    ];
    has.subnets = [
      subnet('s4', 'net', '10.1.0.0/24'),
      subnet('s6', 'net', 'fd00::/64'),
      subnet('sx', 'x', '10.2.0.0/24'),
    ];
    const none = { known: 0, gone: 0 };
    expect(await syncRegion(service.ctx, 'Cloud')).toEqual({
      flavors: { added: 4, ...none },
      images: { added: 3, ...none },
      networks: { added: 2, ...none },
      subnets: { added: 2, ...none },
    });
    expect(await rows('flavor', 'backend_id, name, memory_mb, swap_mb, is_public, disabled')).toContainEqual({
      backend_id: '2',
      name: 'm1.2',
      memory_mb: 512,
      swap_mb: 64,
      is_public: false,
      disabled: false,
    });
    expect(await rows('image', 'backend_id, name, type, hw_qemu_guest_agent, status')).toEqual([
      { backend_id: 'a', name: 'a', type: 'template', hw_qemu_guest_agent: false, status: 'active' },
      { backend_id: 'b', name: 'b', type: 'iso', hw_qemu_guest_agent: true, status: 'active' },
      { backend_id: 'c', name: 'c', type: 'template', hw_qemu_guest_agent: false, status: 'active' },
    ]);

    // The staff's own decisions stay.
    await sql(service.db, `update flavor set disabled = true, is_public = true where backend_id = '2'`);
    has.flavors = [flavor('1', { ram: 1024 }), flavor('2'), flavor('3')];
    has.images = [image('a', { size: 2048 })];
    has.networks = [network('net', { mtu: 9000 })];
    has.subnets = [subnet('s4', 'net', '10.1.0.0/23')];
    expect(await syncRegion(service.ctx, 'Cloud')).toEqual({
      flavors: { added: 0, known: 3, gone: 1 },
      images: { added: 0, known: 1, gone: 2 },
      networks: { added: 0, known: 1, gone: 1 },
      subnets: { added: 0, known: 1, gone: 1 },
    });
    expect(await rows('flavor', 'backend_id, memory_mb, disabled')).toEqual([
      { backend_id: '1', memory_mb: 1024, disabled: false },
      { backend_id: '2', memory_mb: 512, disabled: true },
      { backend_id: '3', memory_mb: 512, disabled: false },
      { backend_id: '4', memory_mb: 512, disabled: true },
    ]);
    expect(await rows('image', 'backend_id, size, status')).toEqual([
      { backend_id: 'a', size: '2048', status: 'active' },
      { backend_id: 'b', size: '1024', status: 'deactivated' },
      { backend_id: 'c', size: '1024', status: 'deactivated' },
    ]);
    expect(await rows('network', 'backend_id, mtu, status')).toEqual([
      { backend_id: 'ext', mtu: 1450, status: 'DOWN' },
      { backend_id: 'net', mtu: 9000, status: 'ACTIVE' },
    ]);
    expect(await rows('subnet', 'backend_id, cidr')).toEqual([{ backend_id: 's4', cidr: '10.1.0.0/23' }]);
  });
  it('a name that the catalog has already, or the cloud twice, is told apart by the id', async () => {
    await sql(
      service.db,
      `insert into network (id, region_id, name, shared) values (gen_random_uuid(), 'Cloud', 'twice', true)`,
    );
    const before = has.networks;
    has.networks = [...before, network('n1', { name: 'twice' }), network('n2', { name: 'twice' })];
    await syncRegion(service.ctx, 'Cloud');
    await syncRegion(service.ctx, 'Cloud');
    expect(await rows('network', 'backend_id, name')).toEqual(
      expect.arrayContaining([
        { backend_id: 'n1', name: 'twice (n1)' },
        { backend_id: 'n2', name: 'twice (n2)' },
      ]),
    );
    has.networks = before;
  });
  it('names of networks that staff gave stay, and so do images that staff deactivated', async () => {
    const { networks, images } = has;
    has.networks = [network('net-s', { name: 'cloud name' })];
    await syncRegion(service.ctx, 'Cloud');
    await sql(service.db, `update network set name = 'our name' where backend_id = 'net-s'`);
    has.networks = [network('net-s', { name: 'renamed there' })];
    await syncRegion(service.ctx, 'Cloud');
    expect(await rows('network', 'backend_id, name')).toContainEqual({ backend_id: 'net-s', name: 'our name' });
    const [kept] = (await rows('image', 'backend_id, status')) as { backend_id: string; status: string }[];
    if (kept) {
      await sql(service.db, `update image set status = 'deactivated', gone = false where backend_id = $1`, [
        kept.backend_id,
      ]);
      await syncRegion(service.ctx, 'Cloud');
      expect(await rows('image', 'backend_id, status')).toContainEqual({ ...kept, status: 'deactivated' });
    }
    has.networks = networks;
    has.images = images;
    await syncRegion(service.ctx, 'Cloud');
  });
  it('a region without one, one that is not there, and a cloud that is silent', async () => {
    await expect(syncRegion(service.ctx, 'Plain')).rejects.toMatchObject({ code: 'region.no_catalog' });
    await expect(syncRegion(service.ctx, 'Nowhere')).rejects.toMatchObject({ kind: 'not_found' });
    const { answer } = cloud.state;
    cloud.state.answer = (heard) => (heard.path.endsWith('/v2.0/subnets') ? { status: 503 } : answer(heard));
    const before = await rows('flavor', '*');
    await expect(syncRegion(service.ctx, 'Cloud')).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'driver.unavailable',
    });
    expect(await rows('flavor', '*')).toEqual(before);
    cloud.state.answer = answer;
  });

  describe('npm run nefos', () => {
    /** The second one is that of the tests' services. */
    const keys = [newSecretKey(), Buffer.alloc(32, 'test').toString('base64')];
    const nefos = (args: string[], secrets = keys.join(' ')): Promise<{ code: number; out: string; err: string }> =>
      new Promise((resolve) => {
        const env = {
          PATH: process.env.PATH ?? '',
          NEFOS_COMPUTE_DATABASE_URL: service.url,
          NEFOS_SECRET_KEYS: secrets,
        };
        execFile(process.execPath, ['scripts/nefos.mjs', ...args], { cwd: root, env }, (failure, out, err) =>
          resolve({ code: Number(failure?.code ?? 0), out, err }),
        );
      });
    const json = async (...args: string[]) => JSON.parse((await nefos([...args, '--json'])).out) as object[];

    it('region driver, region sync: what the API does, from a file; bad input is one line', async () => {
      const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-driver-'));
      const file = path.join(dir, 'cloud.json');
      try {
        const settings = { auth_url: cloud.url, username: 'admin', project: 'admin', interface: 'public' };
        writeFileSync(file, JSON.stringify({ driver: 'openstack', settings, secrets: { password: 'other-secret' } }));
        expect(await json('region', 'driver', 'Cloud', file)).toEqual([
          { region: 'Cloud', driver: 'openstack', settings, has_secrets: true, ok: true, detail: '' },
        ]);
        expect((await nefos(['region', 'driver', 'Cloud'])).out).not.toContain('other-secret');
        expect(await json('region', 'sync', 'Cloud')).toContainEqual({ what: 'flavors', added: 0, known: 3, gone: 0 });
        writeFileSync(file, JSON.stringify({ driver: 'openstack', settings: { auth_url: 'x' } }));
        expect(await nefos(['region', 'driver', 'Cloud', file])).toMatchObject({
          code: 1,
          err: expect.stringContaining('secrets: Give the secrets again: auth_url') as string,
        });
        writeFileSync(file, 'nothing');
        expect(await nefos(['region', 'driver', 'Cloud', file])).toMatchObject({
          code: 1,
          err: `${file} is no JSON\n`,
        });
        expect(await nefos(['region', 'sync', 'Nowhere'])).toMatchObject({ code: 1, err: 'There is no such thing.\n' });
        expect(await nefos(['region', 'sync', 'Plain'])).toMatchObject({
          code: 1,
          err: 'A region with the driver sim has no catalog of its own.\n',
        });
        expect(await nefos(['region', 'sync'])).toMatchObject({ code: 1 });
      } finally {
        rmSync(dir, { recursive: true });
      }
    }, 120_000);
    it('secrets key, status, rotate: then the old key is not needed any more', async () => {
      expect((await nefos(['secrets', 'key'], '')).out).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
      await sql(service.db, `insert into region (id) values ('Old')`);
      await service.staff
        .put('/staffapi/openstack/regions/Old/driver', {
          driver: 'openstack',
          settings: { auth_url: cloud.url, username: 'admin', project: 'admin' },
          secrets: { password: 'the-secret' },
        })
        .expect(200);
      expect((await json('secrets', 'status')).length).toBe(2);
      expect(await json('secrets', 'rotate')).toEqual([expect.objectContaining({ sealed_anew: 1 })]);
      expect(await json('secrets', 'status')).toEqual([
        { table: 'region', column: 'driver_secrets', sealed_with: expect.any(String) as string, rows: 2, first: true },
      ]);
      const shown = await nefos(['region', 'driver', 'Old', '--json'], keys[0]);
      expect(JSON.parse(shown.out)).toEqual([expect.objectContaining({ ok: true })]);
      const lost = await nefos(['region', 'driver', 'Old', '--json'], keys[1]);
      expect(JSON.parse(lost.out)).toEqual([
        expect.objectContaining({
          ok: false,
          detail: expect.stringContaining('which NEFOS_SECRET_KEYS does not have') as string,
        }),
      ]);
      expect(await nefos(['secrets', 'rotate'], '')).toMatchObject({
        code: 1,
        err: 'no key for secrets is set: NEFOS_SECRET_KEYS\n',
      });
      expect(await nefos(['secrets', 'rotate'], 'short')).toMatchObject({ code: 1 });
    }, 120_000);
  });
});
