import { randomUUID } from 'node:crypto';
import { useFaces } from '../facade/face-support.js';
import { useStorage } from '../volumes/volume-support.js';

const V = '/volume/v3';
const VERSION = 'volume 3.67';
const LISTS = ['volumes', 'snapshots', 'backups', 'attachments', 'types'] as const;
type Kind = (typeof LISTS)[number];
const PATHS: readonly { path: string; kind: Kind }[] = LISTS.flatMap((kind) => [
  { path: kind, kind },
  ...(kind === 'types' ? [] : [{ path: `${kind}/detail`, kind }]),
]);
/** What end users may filter by; anything else is refused to them. */
const OPEN: Readonly<Record<Kind, readonly string[]>> = {
  volumes: [
    'name',
    'status',
    'bootable',
    'availability_zone',
    'size',
    'group_id',
    'migration_status',
    'consumes_quota',
  ],
  snapshots: ['name', 'status', 'volume_id', 'availability_zone', 'consumes_quota'],
  backups: ['name', 'status', 'volume_id'],
  attachments: ['volume_id', 'status', 'instance_id', 'attach_status'],
  types: ['is_public'],
};
const BOOLEAN = new Set(['bootable', 'consumes_quota']);

describe('lists of the block storage API', () => {
  const cloud = useStorage();
  const face = useFaces(cloud.service);
  /** One of the owner's, of each kind. */
  const own = {} as Record<Kind, string>;
  beforeAll(async () => {
    own.volumes = await cloud.volume();
    await cloud.volume({ name: 'second' });
    own.snapshots = await cloud.snapshot(own.volumes);
    own.backups = await cloud.backup(own.volumes);
    const used = await cloud.volume({ name: 'used' });
    await cloud.attach(await cloud.build(), used);
    const attached = await face.user.get(`${V}/attachments`, VERSION).expect(200);
    own.attachments = (attached.body as { attachments: { id: string }[] }).attachments[0]?.id ?? '';
    const type = { name: 'hidden', 'os-volume-type-access:is_public': false };
    const made = await face.staff.post(`${V}/types`, { volume_type: type }).expect(200);
    own.types = (made.body as { volume_type: { id: string } }).volume_type.id;
  });
  const get = (path: string, query: string, as = face.user) => as.get(`${V}/${path}?${query}`, VERSION);
  const rows = (body: unknown): { id: string }[] => Object.values(body as object)[0] as { id: string }[];

  it.each(PATHS)('200: $path by pages', async ({ path }) => {
    const all = rows((await get(path, '', face.staff).expect(200)).body);
    for (const query of ['limit=1000', 'limit=100000', 'offset=0', 'sort=id:asc', 'sort_key=id', 'sort_dir=asc'])
      expect([query, rows((await get(path, query, face.staff).expect(200)).body).length]).toEqual([query, all.length]);
    expect(rows((await get(path, 'limit=0').expect(200)).body)).toEqual([]);
  });
  it.each(PATHS)('400: $path with a page that is none', async ({ path }) => {
    const bad = [
      'limit=-1',
      'limit=x',
      'limit=1.5',
      'limit=1e3',
      'limit=',
      'offset=-1',
      'offset=x',
      'offset=10001',
      'sort=nothing',
      'sort=id:up',
      'sort=id:asc,nothing:asc',
      'sort_key=nothing',
      'sort_key=constructor',
      'sort_dir=up',
      'sort=id&sort_key=id',
      'sort=id&sort_dir=asc',
      'with_count=perhaps',
    ];
    for (const query of bad) {
      const { status, body } = await get(path, query);
      expect([query, status, Object.keys(body as object)]).toEqual([query, 400, ['badRequest']]);
    }
  });
  it.each(PATHS)('404: $path behind what is not there, or another’s', async ({ path, kind }) => {
    for (const marker of ['x', randomUUID(), "'", 'a'.repeat(255)])
      expect([marker, (await get(path, `marker=${marker}`)).status]).toEqual([marker, 404]);
    // The owner, or who may see the hidden type, goes on behind it.
    await get(path, `marker=${own[kind]}`, kind === 'types' ? face.staff : face.user).expect(200);
    const { status, text } = await get(path, `marker=${own[kind]}`, face.stranger);
    const unknown = randomUUID();
    const absent = await get(path, `marker=${unknown}`, face.stranger);
    expect([status, text.replace(own[kind], 'ID')]).toEqual([404, absent.text.replace(unknown, 'ID')]);
  });
  it.each(PATHS)('400: $path by what end users can not filter by', async ({ path, kind }) => {
    for (const name of OPEN[kind])
      expect([name, (await get(path, `${name}=${BOOLEAN.has(name) ? 'true' : 'x'}`)).status]).toEqual([name, 200]);
    for (const name of ['nothing', 'display_name', 'constructor', 'name%00', 'user_id']) {
      const { status, body } = await get(path, `${name}=x`);
      expect([name, status, Object.keys(body as object)]).toEqual([name, 400, ['badRequest']]);
    }
    await get(path, 'nothing=x', face.staff).expect(200);
    await get(path, 'all_tenants=1').expect(200);
  });
  it('400: values that a filter does not take', async () => {
    const bad = ['bootable=x', 'consumes_quota=x', 'metadata=x', 'metadata=[]', 'glance_metadata=1', 'created_at=x'];
    const times = ['created_at=gt:x', 'created_at=up:2026-01-01', 'updated_at=2026-01-01', 'updated_at=lt:2026-13-01'];
    for (const query of [...bad, ...times]) expect([query, (await get('volumes', query)).status]).toEqual([query, 400]);
    await get('types', 'extra_specs=x').expect(400);
  });
  it('200: what a filter lets through', async () => {
    const count = async (query: string): Promise<number> => rows((await get('volumes', query).expect(200)).body).length;
    expect(await count('name=second')).toBe(1);
    expect(await count('name~=eco')).toBe(1);
    expect(await count('name~=%25')).toBe(0);
    expect(await count('status=in-use')).toBe(1);
    expect(await count('size=1')).toBe(3);
    expect(await count('size=x')).toBe(0);
    expect(await count('created_at=gte:2000-01-01T00:00:00Z,lt:2999-01-01')).toBe(3);
    expect(await count('consumes_quota=true')).toBe(3);
    const types = rows((await get('types', `extra_specs=${encodeURIComponent("{'secret': 'x'}")}`).expect(200)).body);
    expect(types).toEqual([]);
  });
});
