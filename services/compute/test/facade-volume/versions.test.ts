import { readFileSync } from 'node:fs';
import { IMAGE } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';
import { useStorage } from '../volumes/volume-support.js';

const V = '/volume/v3';
const MAX = 67;
/** Versions of which nothing is to be seen here; why is in docs/openstack-volume.md. */
const UNSEEN = new Map([
  [5, 'pages of messages: there are none'],
  [6, 'consistency groups'],
  [16, 'clusters that volumes migrate to'],
  [17, 'clusters of storage to be managed'],
  [19, 'group snapshots'],
  [20, 'groups'],
  [25, 'groups'],
  [29, 'group snapshots'],
  [38, 'groups'],
  [46, 'images that Nova made of a volume: images here have their data'],
  [50, 'multiattach'],
  [57, 'transfers'],
  [58, 'groups'],
  [59, 'transfers'],
  [64, 'encryption keys'],
  [67, 'paths without a project, at every version'],
]);

interface Row {
  since: number;
  what: string;
  /** What is seen at a version. */
  ask: (version: string) => Promise<unknown>;
  at: unknown;
  before: unknown;
}
type Body = Record<string, unknown>;

describe('microversions of the block storage API', () => {
  const cloud = useStorage();
  const face = useFaces(cloud.service);
  const ids: Record<string, string> = {};
  const of = (path: string): string => `${V}/${path.replace(/\{(\w+)\}/g, (_all, name: string) => ids[name] ?? '')}`;

  beforeAll(async () => {
    const { post } = face.user;
    const made = async (path: string, body: object, version?: string): Promise<string> => {
      const res = await post(`${V}/${path}`, body, version).expect(202);
      await cloud.work();
      return (Object.values(res.body as Body)[0] as { id: string }).id;
    };
    ids.volume = await made('volumes', { volume: { size: 1, name: 'data', metadata: { a: 'b' } } });
    ids.booting = await made('volumes', { volume: { size: 10, name: 'boot', imageRef: IMAGE } });
    ids.snapshot = await made('snapshots', { snapshot: { volume_id: ids.volume, name: 's', metadata: { a: 'b' } } });
    await made('snapshots', { snapshot: { volume_id: ids.volume, name: 't' } });
    ids.backup = await made('backups', { backup: { volume_id: ids.volume, name: 'k' } });
    ids.used = await made('volumes', { volume: { size: 1, name: 'used' } });
    ids.server = await cloud.build();
    await cloud.attach(ids.server, ids.used);
    const attached = await face.user.get(`${V}/attachments?volume_id=${ids.used}`, 'volume 3.27').expect(200);
    ids.attachment = (attached.body as { attachments: { id: string }[] }).attachments[0]?.id ?? '';
    const type = await face.staff.post(`${V}/types`, {
      volume_type: { name: 'fast', extra_specs: { 'RESKEY:availability_zones': 'Region1' } },
    });
    ids.type = (type.body as { volume_type: { id: string } }).volume_type.id;
  });

  type Who = 'user' | 'staff';
  const as = (who: Who): FaceAs => face[who];
  /** The status of a call. */
  const status =
    (method: 'get' | 'delete', path: string, who: Who = 'user'): Row['ask'] =>
    async (version) =>
      (await as(who)[method](of(path), version)).status;
  const sent =
    (method: 'post' | 'put', path: string, body: () => object = () => ({}), who: Who = 'user'): Row['ask'] =>
    async (version) => {
      const res = await as(who)[method](of(path), body(), version);
      await cloud.work();
      return res.status;
    };
  /** Whether the only thing of an answer has a field; of a list, its first. */
  const has =
    (path: string, field: string, who: Who = 'user'): Row['ask'] =>
    async (version) => {
      const res = await as(who).get(of(path), version).expect(200);
      const [thing] = Object.values(res.body as Body);
      return Object.hasOwn((Array.isArray(thing) ? thing[0] : thing) as object, field);
    };
  /** How many rows a list has; the status when it is refused. */
  const rows =
    (path: string, who: Who = 'user'): Row['ask'] =>
    async (version) => {
      const res = await as(who).get(of(path), version);
      return res.status === 200 ? (Object.values(res.body as Body)[0] as unknown[]).length : `refused ${res.status}`;
    };
  const words = encodeURIComponent("{'a': 'b'}");
  const NO_PAGE = { at: 200, before: 404 };
  const NEW = { at: true, before: false };
  const VOLUME = 'volumes/{volume}';
  const action = (body: () => object) => sent('post', `${VOLUME}/action`, body, 'user');
  const upload = (more: object) => () => ({ 'os-volume_upload_image': { image_name: 'i', ...more } });

  const table: Row[] = [
    { since: 1, what: 'visibility of an upload', ask: action(upload({ visibility: 'private' })), at: 202, before: 400 },
    { since: 1, what: 'protected of an upload', ask: action(upload({ protected: false })), at: 202, before: 400 },
    {
      since: 2,
      what: 'a bootable that is no boolean',
      ask: rows('volumes?bootable=perhaps'),
      at: 'refused 400',
      before: 1,
    },
    { since: 3, what: 'messages', ask: status('get', 'messages'), ...NO_PAGE },
    { since: 4, what: 'glance_metadata', ask: rows(`volumes?glance_metadata=${words}`), at: 0, before: 3 },
    { since: 7, what: 'clusters', ask: status('get', 'clusters', 'staff'), ...NO_PAGE },
    { since: 7, what: 'cluster of services', ask: has('os-services', 'cluster', 'staff'), ...NEW },
    { since: 8, what: 'manageable_volumes', ask: status('get', 'manageable_volumes', 'staff'), at: 400, before: 404 },
    {
      since: 8,
      what: 'manageable_snapshots',
      ask: sent('post', 'manageable_snapshots', undefined, 'staff'),
      at: 400,
      before: 404,
    },
    {
      since: 9,
      what: 'a backup is changed',
      ask: sent('put', 'backups/{backup}', () => ({ backup: { name: 'k' } })),
      ...NO_PAGE,
    },
    { since: 10, what: 'group_id of a list', ask: rows('volumes?group_id=x'), at: 0, before: 3 },
    { since: 11, what: 'group types', ask: status('get', 'group_types'), ...NO_PAGE },
    { since: 12, what: 'the summary', ask: status('get', 'volumes/summary'), ...NO_PAGE },
    { since: 13, what: 'groups', ask: status('get', 'groups'), ...NO_PAGE },
    { since: 13, what: 'group_id', ask: has(VOLUME, 'group_id'), ...NEW },
    { since: 14, what: 'group snapshots', ask: status('get', 'group_snapshots'), ...NO_PAGE },
    { since: 14, what: 'a group of another one', ask: sent('post', 'groups/action'), at: 400, before: 404 },
    { since: 14, what: 'group_snapshot_id', ask: has('snapshots/{snapshot}', 'group_snapshot_id'), ...NEW },
    {
      since: 15,
      what: 'the ETag of metadata',
      ask: async (version) => 'etag' in (await face.user.get(of(`${VOLUME}/metadata`), version).expect(200)).headers,
      ...NEW,
    },
    {
      since: 15,
      what: 'If-Match of metadata',
      ask: async (version) =>
        (await face.user.put(of(`${VOLUME}/metadata`), { metadata: { a: 'b' } }, version).set('If-Match', '"old"'))
          .status,
      at: 412,
      before: 200,
    },
    {
      since: 18,
      what: 'the project of a backup',
      ask: has('backups/{backup}', 'os-backup-project-attr:project_id', 'staff'),
      ...NEW,
    },
    { since: 21, what: 'provider_id', ask: has(VOLUME, 'provider_id', 'staff'), ...NEW },
    { since: 22, what: 'metadata of snapshots', ask: rows(`snapshots?metadata=${words}`), at: 1, before: 2 },
    {
      since: 23,
      what: 'force of a delete',
      ask: status('delete', 'volumes/{volume}?force=true'),
      at: 403,
      before: 400,
    },
    { since: 24, what: 'workers', ask: sent('post', 'workers/cleanup', undefined, 'staff'), at: 400, before: 404 },
    { since: 26, what: 'failover', ask: sent('put', 'os-services/failover', undefined, 'staff'), at: 400, before: 404 },
    { since: 27, what: 'attachments', ask: status('get', 'attachments'), ...NO_PAGE },
    { since: 28, what: 'filters of pools', ask: rows('scheduler-stats/get_pools?name=x', 'staff'), at: 0, before: 1 },
    { since: 30, what: 'snapshots by name', ask: rows('snapshots?sort_key=name'), at: 2, before: 'refused 400' },
    { since: 31, what: 'a filter that is none', ask: rows('volumes?nothing=1'), at: 'refused 400', before: 3 },
    { since: 32, what: 'set-log', ask: sent('put', 'os-services/set-log', undefined, 'staff'), at: 400, before: 404 },
    { since: 33, what: 'resource_filters', ask: status('get', 'resource_filters'), ...NO_PAGE },
    { since: 34, what: 'parts of names', ask: rows('volumes?name~=oo'), at: 1, before: 'refused 400' },
    {
      since: 35,
      what: 'pools of a type',
      ask: rows('scheduler-stats/get_pools?volume_type=x', 'staff'),
      at: 0,
      before: 1,
    },
    { since: 36, what: 'metadata of the summary', ask: has('volumes/summary', 'metadata'), ...NEW },
    { since: 37, what: 'backups by name', ask: rows('backups?sort_key=name'), at: 1, before: 'refused 400' },
    {
      since: 39,
      what: 'limits of another project',
      ask: async (version) => {
        const { body } = await face.staff.get(`${V}/limits?project_id=${face.project}`, version).expect(200);
        return (body as { limits: { absolute: { totalVolumesUsed: number } } }).limits.absolute.totalVolumesUsed;
      },
      at: 3,
      before: 0,
    },
    { since: 40, what: 'revert', ask: action(() => ({ revert: { snapshot_id: ids.booting } })), at: 400, before: 404 },
    { since: 41, what: 'user_id of snapshots', ask: has('snapshots/{snapshot}', 'user_id'), ...NEW },
    {
      since: 42,
      what: 'a volume in use is extended',
      ask: async (version) => {
        const res = await face.user.post(of('volumes/{used}/action'), { 'os-extend': { new_size: 1 } }, version);
        return (res.body as { badRequest: { message: string } }).badRequest.message.includes("must be 'available'");
      },
      at: false,
      before: true,
    },
    { since: 43, what: 'metadata of backups', ask: has('backups/{backup}', 'metadata'), ...NEW },
    {
      since: 43,
      what: 'a backup with metadata',
      ask: sent('put', 'backups/{backup}', () => ({ backup: { metadata: { a: 'b' } } })),
      at: 200,
      before: 400,
    },
    {
      since: 44,
      what: 'an attachment is complete',
      ask: sent('post', 'attachments/{attachment}/action', () => ({ 'os-complete': {} })),
      at: 204,
      before: 404,
    },
    {
      since: 45,
      what: 'the count of a list',
      ask: async (version) => {
        const res = await face.staff.get(of('snapshots?all_tenants=1&with_count=True'), version).expect(200);
        return (res.body as Body).count;
      },
      at: 2,
      before: undefined,
    },
    {
      since: 47,
      what: 'a volume of a backup',
      ask: sent('post', 'volumes', () => ({ volume: { backup_id: '0b0b0b0b-0000-4000-8000-000000000000' } })),
      at: 404,
      before: 400,
    },
    { since: 48, what: 'shared_targets', ask: has(VOLUME, 'shared_targets'), ...NEW },
    { since: 48, what: 'service_uuid', ask: has(VOLUME, 'service_uuid'), ...NEW },
    { since: 49, what: 'backend_state of services', ask: has('os-services', 'backend_state', 'staff'), ...NEW },
    {
      since: 51,
      what: 'the zone of a backup',
      ask: async (version) => {
        const backup = { volume_id: ids.volume, availability_zone: 'elsewhere' };
        const res = await face.user.post(of('backups'), { backup }, version).expect(400);
        return (res.body as { badRequest: { message: string } }).badRequest.message.includes('Additional properties');
      },
      at: false,
      before: true,
    },
    {
      since: 52,
      what: 'types by their specs',
      ask: rows(`types?extra_specs=${encodeURIComponent("{'RESKEY:availability_zones': 'nowhere'}")}`),
      at: 0,
      before: 1,
    },
    {
      since: 53,
      what: 'a field of a volume that nothing knows',
      ask: sent('post', 'volumes', () => ({ volume: { size: 100_000, user_id: 'me' } })),
      at: 400,
      before: 413,
    },
    { since: 53, what: 'a change of nothing', ask: sent('put', VOLUME, () => ({ volume: {} })), at: 400, before: 200 },
    {
      since: 54,
      what: 'mode of an attachment',
      ask: sent('post', 'attachments', () => ({
        attachment: { volume_uuid: '0b0b0b0b-0000-4000-8000-000000000000', instance_uuid: ids.server, mode: 'rw' },
      })),
      at: 404,
      before: 400,
    },
    { since: 55, what: 'volume-transfers', ask: status('get', 'volume-transfers'), ...NO_PAGE },
    { since: 56, what: 'user_id of backups', ask: has('backups/{backup}', 'user_id', 'staff'), ...NEW },
    {
      since: 60,
      what: 'times of volumes',
      ask: rows('volumes?all_tenants=1&created_at=gt:2999-01-01T00:00:00', 'staff'),
      at: 0,
      before: 3,
    },
    { since: 61, what: 'cluster_name', ask: has(VOLUME, 'cluster_name', 'staff'), ...NEW },
    { since: 62, what: 'default types', ask: status('get', 'default-types', 'staff'), ...NO_PAGE },
    {
      since: 62,
      what: 'a default type is set',
      ask: sent('put', 'default-types/x', () => ({ default_type: { volume_type: 'fast' } }), 'staff'),
      at: 400,
      before: 404,
    },
    { since: 63, what: 'volume_type_id', ask: has(VOLUME, 'volume_type_id'), ...NEW },
    { since: 65, what: 'consumes_quota', ask: has(VOLUME, 'consumes_quota'), ...NEW },
    { since: 65, what: 'consumes_quota of snapshots', ask: has('snapshots/{snapshot}', 'consumes_quota'), ...NEW },
    {
      since: 65,
      what: 'consumes_quota of a list',
      ask: rows('volumes?all_tenants=1&consumes_quota=false', 'staff'),
      at: 0,
      before: 3,
    },
    {
      since: 66,
      what: 'force of a snapshot is of no use',
      ask: async (version) => {
        const snapshot = { volume_id: ids.used, force: false };
        const res = await face.user.post(of('snapshots'), { snapshot }, version).expect(400);
        return (res.body as { badRequest: { message: string } }).badRequest.message.includes('microversion 3.66');
      },
      at: true,
      before: false,
    },
    {
      since: 66,
      what: 'a snapshot of a volume in use without force',
      ask: sent('post', 'snapshots', () => ({ snapshot: { volume_id: ids.used } })),
      at: 202,
      before: 400,
    },
  ];

  it.each(table)('3.$since, and not before: $what', async ({ since, ask, at, before }) => {
    expect([`3.${since - 1}`, await ask(`volume 3.${since - 1}`)]).toEqual([`3.${since - 1}`, before]);
    expect([`3.${since}`, await ask(`volume 3.${since}`)]).toEqual([`3.${since}`, at]);
    if (since < 66) expect([`3.${MAX}`, await ask(`volume 3.${MAX}`)]).toEqual([`3.${MAX}`, at]);
  });
  it('every version is in this table or has a reason, and stands in the docs', () => {
    const all = Array.from({ length: MAX }, (_one, i) => i + 1);
    const seen = new Set([...table.map(({ since }) => since), ...UNSEEN.keys()]);
    expect(all.filter((one) => !seen.has(one))).toEqual([]);
    const docs = readFileSync(new URL('../../../../docs/openstack-volume.md', import.meta.url), 'utf8');
    expect(all.filter((one) => !docs.includes(`\n| 3.${one} |`))).toEqual([]);
  });
  it('406: a version beyond the last one', async () => {
    await face.user.get(`${V}/volumes`, `volume 3.${MAX}`).expect(200);
    await face.user.get(`${V}/volumes`, `volume 3.${MAX + 1}`).expect(406);
    const reimage = { 'os-reimage': { image_id: IMAGE } };
    await face.user.post(of('volumes/{volume}/action'), reimage, `volume 3.${MAX}`).expect(404);
  });
  it('412: metadata that has changed since it was read is not overwritten', async () => {
    const path = of('volumes/{volume}/metadata');
    const read = async () => (await face.user.get(path, 'volume 3.15').expect(200)).headers.etag ?? '';
    const tag = await read();
    const put = (body: object, match: string) =>
      face.user.put(path, { metadata: body }, 'volume 3.15').set('If-Match', match);
    await put({ a: 'c' }, tag).expect(200);
    await put({ a: 'd' }, tag).expect(412);
    await face.user
      .put(`${path}/a`, { meta: { a: 'd' } }, 'volume 3.15')
      .set('If-Match', tag)
      .expect(412);
    expect((await face.user.get(path).expect(200)).body).toEqual({ metadata: { a: 'c' } });
    await put({ a: 'b' }, `"x", "${await read()}"`).expect(200);
    expect(await read()).toBe(tag);
    await put({ a: 'b' }, '*').expect(200);
  });
});
