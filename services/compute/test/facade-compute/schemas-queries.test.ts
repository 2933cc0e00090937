import { sql } from '@nefos/service-kit';
import { FLAVOR, useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';
import { at, refusedForm } from './form-support.js';

const V = '/compute/v2.1';
const TIME = '2026-01-01T00:00:00Z';

describe("queries: Nova's schemas", () => {
  const cloud = useCloud();
  const face = useFaces(cloud.service);
  let id = '';
  beforeAll(async () => {
    id = await cloud.build();
    await cloud.build();
  });
  const status = async (path: string, minor: number, as: FaceAs = face.staff) =>
    (await as.get(`${V}/${path}`, at(minor))).status;

  /** A list, the minor version from which unknown names are refused, and names it knows. */
  const LISTS: readonly [path: () => string, from: number, known: readonly string[]][] = [
    [
      () => 'servers',
      75,
      [
        'name=a',
        'limit=1',
        'sort_dir=asc',
        'locked=true',
        'tags=a',
        `changes-before=${TIME}`,
        'node=a',
        'launch_index=0',
        'block_device_mapping=a',
        'soft_deleted=0',
        'deleted=0',
        'not-tags-any=a',
      ],
    ],
    [
      () => 'servers/detail',
      75,
      ['status=ACTIVE', 'ip=1', 'hostname=a', 'all_tenants=0', 'project_id=a', 'image_ref=a'],
    ],
    [() => 'flavors', 75, ['limit=1', 'is_public=none', 'minRam=1', 'minDisk=1', 'sort_key=name', 'sort_dir=asc']],
    [() => 'flavors/detail', 75, ['limit=1']],
    [() => 'os-keypairs', 75, ['limit=1']],
    [() => 'os-quota-sets/' + face.project, 75, ['user_id=a']],
    [() => 'limits', 75, [`tenant_id=${face.project}`]],
    [() => 'os-services', 75, ['host=a', 'binary=a']],
    [() => 'os-server-groups', 75, ['all_projects=1', 'limit=1', 'offset=1']],
    [
      () => 'os-simple-tenant-usage',
      75,
      ['start=2026-01-01T00:00:00', 'end=2999-01-01T00:00:00', 'detailed=1', 'limit=1'],
    ],
    [
      () => `os-simple-tenant-usage/${face.project}`,
      75,
      ['start=2026-01-01T00:00:00', 'end=2999-01-01T00:00:00.000000', 'limit=1'],
    ],
    [() => `servers/${id}/os-volume_attachments`, 75, ['limit=1', 'offset=1']],
    [() => `servers/${id}/os-instance-actions`, 58, ['limit=1', `changes-since=${TIME}`]],
    [() => 'os-hypervisors', 53, ['limit=1', 'with_servers=1']],
    [() => 'os-migrations', 59, ['hidden=0', 'host=a', 'status=a', 'limit=1', `changes-since=${TIME}`]],
  ];
  it.each(LISTS.map((one) => [one[0]().replace('undefined', ''), one[1], one] as const))(
    'unknown names are ignored in %s below 2.%i and refused from there on; known ones are taken',
    async (_path, from, [pathOf, , known]) => {
      const path = pathOf();
      expect(await status(`${path}?nonsense=1`, from - 1)).toBe(200);
      const words = "Additional properties are not allowed ('nonsense' was unexpected)";
      expect(refusedForm(await face.staff.get(`${V}/${path}?nonsense=1`, at(from)))).toBe(words);
      for (const one of known)
        expect({ one, status: await status(`${path}?${one}`, 90) }).toEqual({ one, status: 200 });
    },
  );
  it.each([
    ['os-instance-actions', `changes-before=${TIME}`, 66],
    ['os-migrations', `changes-before=${TIME}`, 66],
    ['os-migrations', 'user_id=a', 80],
    ['os-migrations', 'project_id=a', 80],
  ])('%s knows %s from 2.%i on', async (list, query, from) => {
    const path = list === 'os-migrations' ? list : `servers/${id}/${list}`;
    expect(await status(`${path}?${query}`, from)).toBe(200);
    expect(await status(`${path}?${query}`, from - 1)).toBe(400);
  });
  it.each(['limit=-1', 'limit=x', 'limit=', 'limit=1.5', 'marker=nothing'])('400: %s, in every list', async (query) => {
    for (const path of ['servers', 'servers/detail', 'flavors', 'os-keypairs', 'os-hypervisors']) {
      const answer = await face.staff.get(`${V}/${path}?${query}`, at(90));
      expect({ path, status: answer.status, keys: Object.keys(answer.body as object) }).toEqual({
        path,
        status: 400,
        keys: ['badRequest'],
      });
    }
  });
  it('keys to sort by: the old ones are passed over until 2.75, `locked` until 2.73', async () => {
    const now = [
      'access_ip_v4',
      'access_ip_v6',
      'auto_disk_config',
      'availability_zone',
      'config_drive',
      'created_at',
      'display_description',
      'display_name',
      'host',
      'hostname',
      'image_ref',
      'instance_type_id',
      'kernel_id',
      'key_name',
      'launch_index',
      'launched_at',
      'locked',
      'locked_by',
      'node',
      'power_state',
      'progress',
      'project_id',
      'ramdisk_id',
      'root_device_name',
      'task_state',
      'terminated_at',
      'updated_at',
      'user_id',
      'uuid',
      'vm_state',
    ];
    const seen = async (query: string): Promise<string[]> =>
      (
        (await face.user.get(`${V}/servers?${query}`, at(90)).expect(200)).body as { servers: { id: string }[] }
      ).servers.map((one) => one.id);
    for (const key of now)
      for (const dir of ['asc', 'desc']) {
        const order = `sort_key=${key}&sort_dir=${dir}`;
        const all = await seen(order);
        expect({ key, length: all.length }).toEqual({ key, length: 2 });
        // The second page goes on where the first one ended, also when values are null.
        expect(await seen(`${order}&marker=${all[0] ?? ''}`)).toEqual(all.slice(1));
      }
    for (const key of ['architecture', 'vcpus', 'user_data', 'deleted_at']) {
      expect(await status(`servers?sort_key=${key}`, 74)).toBe(200);
      expect(await status(`servers?sort_key=${key}`, 75)).toBe(400);
    }
    expect(await status('servers?sort_key=locked', 72)).toBe(200);
    for (const minor of [1, 75]) expect(await status('servers?sort_key=secret', minor)).toBe(400);
  });
  it('400: from 2.38 on a status that there is not; before it no server has it', async () => {
    const { body } = await face.user.get(`${V}/servers?status=MARS`, at(37)).expect(200);
    expect(body).toEqual({ servers: [] });
    const refused = await face.user.get(`${V}/servers?status=MARS`, at(38)).expect(400);
    expect(refused.body).toEqual({ badRequest: { code: 400, message: 'Invalid status value' } });
  });
  it('200: filters of users from 2.83 on; before it they are for administrators', async () => {
    await sql(cloud.service.db, `update instance set task_state = null, power_state = 4 where id = $1`, [id]);
    const found = async (query: string, minor: number, as: FaceAs = face.user): Promise<boolean> =>
      (
        (await as.get(`${V}/servers?${query}`, at(minor)).expect(200)).body as { servers: { id: string }[] }
      ).servers.some((one) => one.id === id);
    for (const query of [
      'vm_state=stopped',
      'task_state=deleting',
      'power_state=1',
      'config_drive=true',
      'user_id=nobody',
    ]) {
      expect({ query, found: await found(query, 82) }).toEqual({ query, found: true });
      expect({ query, found: await found(query, 83) }).toEqual({ query, found: false });
      expect({ query, found: await found(`${query}&all_tenants=1`, 1, face.staff) }).toEqual({ query, found: false });
    }
    expect(await found('power_state=4', 83)).toBe(true);
    expect(await found('vm_state=active', 83)).toBe(true);
    expect(await found(`hostname=nothing&flavor=${FLAVOR}`, 90)).toBe(true);
    expect(await found('all_tenants=1', 1, face.staff)).toBe(true);
    expect(await found('all_tenants=1&hostname=nothing', 90, face.staff)).toBe(false);
    expect(await found('reservation_id=r-nothing', 1)).toBe(false);
  });
  it.each([
    'changes-since=x',
    'changes-before=x',
    'locked=perhaps',
    'all_tenants=perhaps',
    'deleted=perhaps',
    'name=(',
  ])('400: servers?%s', async (query) => {
    refusedForm(await face.user.get(`${V}/servers?${query}`, at(90)));
  });
});
