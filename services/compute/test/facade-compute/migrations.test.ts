import { randomUUID } from 'node:crypto';
import { useCloud } from '../cloud-support.js';
import { useFaces } from '../facade/face-support.js';
import { useRoom } from './server-support.js';

interface Listed {
  migrations: Record<string, unknown>[];
  migrations_links?: { rel: string; href: string }[];
}
const PATH = '/compute/v2.1/os-migrations';

describe('the list of migrations', () => {
  const cloud = useCloud();
  const face = useFaces(cloud.service);
  useRoom(cloud, face);
  const list = async (query = '', version = 'compute 2.80'): Promise<Listed> =>
    (await face.staff.get(PATH + query, version).expect(200)).body as Listed;
  const act = (id: string, body: object) => face.staff.post(`/compute/v2.1/servers/${id}/action`, body, 'compute 2.56');
  /** A server that was migrated and confirmed, and goes live to another host now. */
  const moved = async (): Promise<string> => {
    const id = await cloud.build();
    await act(id, { migrate: { host: null } }).expect(202);
    await cloud.work();
    await act(id, { confirmResize: null }).expect(204);
    await cloud.work();
    await act(id, { 'os-migrateLive': { host: 'elsewhere', block_migration: 'auto' } }).expect(202);
    return id;
  };

  it('200: newest first, with what came of them', async () => {
    const server = await moved();
    const { migrations } = await list(`?instance_uuid=${server}`);
    expect(migrations).toMatchObject([
      { migration_type: 'live-migration', status: 'queued', dest_compute: 'elsewhere' },
      { migration_type: 'migration', status: 'confirmed', source_compute: null, dest_compute: null },
    ]);
    expect(migrations[0]?.source_compute).toEqual(expect.any(String));
    expect(migrations[1]).toMatchObject({ instance_uuid: server, project_id: face.project, id: expect.any(Number) });
    const { body } = await face.staff.get(`/compute/v2.1/servers/${server}/migrations`, 'compute 2.80').expect(200);
    expect((body as Listed).migrations[0]).toMatchObject({ id: migrations[0]?.id, uuid: migrations[0]?.uuid });
  });
  it('200: fields come with their microversions', async () => {
    const server = await moved();
    const fields = async (version: string) =>
      Object.keys((await list(`?instance_uuid=${server}`, version)).migrations[0] ?? {});
    expect(await fields('compute 2.1')).not.toContain('migration_type');
    expect(await fields('compute 2.23')).toContain('migration_type');
    expect(await fields('compute 2.58')).not.toContain('uuid');
    expect(await fields('compute 2.59')).toContain('uuid');
    expect(await fields('compute 2.79')).not.toContain('project_id');
    expect(await fields('compute 2.80')).toContain('user_id');
  });
  it('200: by kind, status, host, project, user and time', async () => {
    const server = await moved();
    const found = async (query: string) => (await list(`?instance_uuid=${server}&${query}`)).migrations.length;
    expect(await found('migration_type=live-migration')).toBe(1);
    expect(await found('migration_type=evacuation')).toBe(0);
    expect(await found('status=confirmed')).toBe(1);
    expect(await found('host=elsewhere')).toBe(1);
    expect(await found('host=nowhere')).toBe(0);
    expect(await found('source_compute=nowhere')).toBe(0);
    expect(await found(`project_id=${face.project}`)).toBe(2);
    expect(await found(`project_id=${randomUUID()}`)).toBe(0);
    expect(await found('project_id=x')).toBe(0);
    expect(await found(`user_id=${randomUUID()}`)).toBe(0);
    expect(await found('user_id=x')).toBe(0);
    expect(await found('changes-since=2020-01-01T00:00:00Z')).toBe(2);
    expect(await found('changes-before=2020-01-01T00:00:00Z')).toBe(0);
    expect((await list('?instance_uuid=x')).migrations).toEqual([]);
  });
  it('200: pages by marker, from 2.59 on', async () => {
    const server = await moved();
    const first = await list(`?instance_uuid=${server}&limit=1`);
    expect(first.migrations).toHaveLength(1);
    const href = String(first.migrations_links?.[0]?.href).replace('http://cloud.test', '');
    const second = (await face.staff.get(href, 'compute 2.80').expect(200)).body as Listed;
    expect(second.migrations).toMatchObject([{ status: 'confirmed' }]);
    expect(second.migrations_links).toBeUndefined();
    expect((await list(`?instance_uuid=${server}&limit=1`, 'compute 2.58')).migrations).toHaveLength(2);
  });
  it('400: a marker that names none, a time that is none, and a name that the list does not have', async () => {
    for (const query of [`marker=${randomUUID()}`, 'marker=x', 'changes-since=yesterday', 'color=red', 'limit=-1'])
      await face.staff.get(`${PATH}?${query}`, 'compute 2.80').expect(400);
  });
  it('403: for administrators', async () => {
    await face.user.get(PATH, 'compute 2.80').expect(403);
    await face.user.get(`${PATH}?color=red`, 'compute 2.80').expect(403);
  });
});
describe('a server whose host is down', () => {
  const cloud = useCloud();
  const face = useFaces(cloud.service);

  it('501: is not brought elsewhere; 403 for others than administrators', async () => {
    const id = await cloud.build();
    const path = `/compute/v2.1/servers/${id}/action`;
    await face.staff.post(path, { evacuate: { host: 'elsewhere', onSharedStorage: false } }).expect(501);
    await face.staff.post(path, { evacuate: { where: 'elsewhere' } }).expect(400);
    await face.user.post(path, { evacuate: {} }).expect(403);
    await face.stranger.post(path, { evacuate: {} }).expect(404);
  });
});
