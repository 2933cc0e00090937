import { sql } from '@nefos/service-kit';
import { FLAVOR, IMAGE } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';
import { useStorage } from '../volumes/volume-support.js';
import { at } from './form-support.js';

const V = '/compute/v2.1';
type Shown = Record<string, unknown>;
/** Fields of an answer: the minor version that brings each, and the one that takes it away. */
type Fields = readonly (readonly [field: string, from: number, until?: number])[];

describe('fields of answers by microversion', () => {
  const storage = useStorage();
  const { service } = storage;
  const face = useFaces(service);
  let [server, volume, request] = ['', '', ''];
  beforeAll(async () => {
    [server, volume] = [await storage.build(), await storage.volume()];
    await face.user
      .post(`${V}/servers/${server}/os-volume_attachments`, { volumeAttachment: { volumeId: volume } })
      .expect(200);
    await storage.work();
    await face.user.post(`${V}/os-keypairs`, { keypair: { name: 'k' } }).expect(200);
    await service.sweep('catalog.stock');
    request = ((await read(face.user, `servers/${server}/os-instance-actions`, 1)).instanceActions as Shown[])[0]
      ?.request_id as string;
  });
  const read = async (as: FaceAs, path: string, minor: number): Promise<Shown> =>
    (await as.get(`${V}/${path}`, at(minor)).expect(200)).body as Shown;
  const inside = (body: unknown, way: string): Shown =>
    way
      .split('.')
      .filter(Boolean)
      .reduce<unknown>((one, key) => (one as Shown)[key], body) as Shown;

  const TABLES: readonly [what: string, staff: boolean, path: () => string, way: string, fields: Fields][] = [
    [
      'a server',
      false,
      () => `servers/${server}`,
      'server',
      [
        ['key_name', 1],
        ['config_drive', 1],
        ['OS-EXT-STS:vm_state', 1],
        ['locked', 9],
        ['description', 19],
        ['tags', 26],
        ['trusted_image_certificates', 63],
        ['server_groups', 71],
        ['locked_reason', 73],
        ['OS-EXT-SRV-ATTR:hostname', 90],
      ],
    ],
    [
      'a server in a list',
      false,
      () => 'servers/detail',
      'servers.0',
      [
        ['locked', 9],
        ['description', 19],
        ['tags', 26],
        ['trusted_image_certificates', 63],
        ['locked_reason', 73],
      ],
    ],
    [
      'a server, to administrators',
      true,
      () => `servers/${server}`,
      'server',
      [
        ['OS-EXT-SRV-ATTR:host', 1],
        ['OS-EXT-SRV-ATTR:instance_name', 1],
        ['OS-EXT-SRV-ATTR:reservation_id', 3],
        ['OS-EXT-SRV-ATTR:launch_index', 3],
        ['OS-EXT-SRV-ATTR:ramdisk_id', 3],
        ['OS-EXT-SRV-ATTR:kernel_id', 3],
        ['OS-EXT-SRV-ATTR:hostname', 3],
        ['OS-EXT-SRV-ATTR:root_device_name', 3],
        ['OS-EXT-SRV-ATTR:user_data', 3],
        ['host_status', 16],
      ],
    ],
    [
      'its flavor',
      false,
      () => `servers/${server}`,
      'server.flavor',
      [
        ['id', 1, 47],
        ['links', 1, 47],
        ['original_name', 47],
        ['vcpus', 47],
        ['extra_specs', 47],
      ],
    ],
    [
      'its volumes',
      false,
      () => `servers/${server}`,
      'server.os-extended-volumes:volumes_attached.0',
      [
        ['id', 1],
        ['delete_on_termination', 3],
      ],
    ],
    [
      'a flavor',
      false,
      () => `flavors/${FLAVOR}`,
      'flavor',
      [
        ['rxtx_factor', 1],
        ['description', 55],
        ['extra_specs', 61],
      ],
    ],
    [
      'a flavor in a list',
      false,
      () => 'flavors',
      'flavors.0',
      [
        ['name', 1],
        ['description', 55],
      ],
    ],
    [
      'a key pair',
      false,
      () => 'os-keypairs/k',
      'keypair',
      [
        ['fingerprint', 1],
        ['type', 2],
      ],
    ],
    [
      'a key pair in a list',
      false,
      () => 'os-keypairs',
      'keypairs.0.keypair',
      [
        ['name', 1],
        ['type', 2],
      ],
    ],
    [
      'an attachment',
      false,
      () => `servers/${server}/os-volume_attachments/${volume}`,
      'volumeAttachment',
      [
        ['id', 1, 89],
        ['tag', 70],
        ['delete_on_termination', 79],
        ['attachment_id', 89],
        ['bdm_uuid', 89],
      ],
    ],
    [
      'an interface',
      false,
      () => `servers/${server}/os-interface`,
      'interfaceAttachments.0',
      [
        ['port_id', 1],
        ['tag', 70],
      ],
    ],
    [
      'what was done',
      false,
      () => `servers/${server}/os-instance-actions/${request}`,
      'instanceAction',
      [
        ['message', 1],
        ['events', 51],
        ['updated_at', 58],
      ],
    ],
    [
      'what was done, in a list',
      false,
      () => `servers/${server}/os-instance-actions`,
      'instanceActions.0',
      [
        ['action', 1],
        ['updated_at', 58],
      ],
    ],
    [
      'an event',
      true,
      () => `servers/${server}/os-instance-actions/${request}`,
      'instanceAction.events.0',
      [
        ['traceback', 1],
        ['hostId', 62],
        ['host', 62],
        ['details', 84],
      ],
    ],
    [
      'a hypervisor',
      true,
      () => 'os-hypervisors/detail',
      'hypervisors.0',
      [
        ...[
          'cpu_info',
          'current_workload',
          'free_disk_gb',
          'free_ram_mb',
          'local_gb',
          'local_gb_used',
          'memory_mb',
          'memory_mb_used',
          'running_vms',
          'vcpus',
          'vcpus_used',
        ].map((field) => [field, 1, 88] as const),
        ['uptime', 88],
        ['hypervisor_type', 1],
        ['service', 1],
      ],
    ],
    [
      'a service',
      true,
      () => 'os-services',
      'services.0',
      [
        ['binary', 1],
        ['forced_down', 11],
      ],
    ],
    [
      'a quota set',
      false,
      () => `os-quota-sets/${face.project}`,
      'quota_set',
      [
        ...['fixed_ips', 'floating_ips', 'security_groups', 'security_group_rules'].map(
          (field) => [field, 1, 36] as const,
        ),
        ...['injected_files', 'injected_file_content_bytes', 'injected_file_path_bytes'].map(
          (field) => [field, 1, 57] as const,
        ),
        ['cores', 1],
        ['server_groups', 1],
        ['metadata_items', 1],
      ],
    ],
    [
      'a quota class',
      true,
      () => 'os-quota-class-sets/default',
      'quota_class_set',
      [
        ['floating_ips', 1, 50],
        ['server_groups', 50],
        ['server_group_members', 50],
        ['injected_files', 1, 57],
      ],
    ],
    [
      'limits',
      false,
      () => 'limits',
      'limits.absolute',
      [
        ...[
          'maxSecurityGroups',
          'maxSecurityGroupRules',
          'maxTotalFloatingIps',
          'totalFloatingIpsUsed',
          'totalSecurityGroupsUsed',
        ].map((field) => [field, 1, 36] as const),
        ['maxImageMeta', 1, 39],
        ['maxPersonality', 1, 57],
        ['maxPersonalitySize', 1, 57],
        ['maxTotalCores', 1],
      ],
    ],
    [
      'diagnostics',
      true,
      () => `servers/${server}/diagnostics`,
      '',
      [
        ['state', 48],
        ['num_cpus', 48],
      ],
    ],
  ];
  it.each(TABLES)('200: %s', async (_what, staff, path, way, fields) => {
    const as = staff ? face.staff : face.user;
    const keys = new Map<number, string[]>();
    /** Each version is read once. */
    const keysAt = async (minor: number): Promise<string[]> => {
      const known = keys.get(minor) ?? Object.keys(inside(await read(as, path(), minor), way));
      keys.set(minor, known);
      return known;
    };
    for (const [field, from, until] of fields) {
      expect({ field, at: from, there: (await keysAt(from)).includes(field) }).toEqual({
        field,
        at: from,
        there: true,
      });
      if (from > 1)
        expect({ field, at: from - 1, there: (await keysAt(from - 1)).includes(field) }).toMatchObject({
          there: false,
        });
      const last = until === undefined ? 90 : until - 1;
      expect({ field, at: last, there: (await keysAt(last)).includes(field) }).toMatchObject({ there: true });
      if (until !== undefined)
        expect({ field, at: until, there: (await keysAt(until)).includes(field) }).toMatchObject({ there: false });
    }
  });

  it('200: values whose form changes', async () => {
    const value = async (path: string, way: string, minor: number, as = face.staff) =>
      inside(await read(as, path, minor), way);
    expect((await value(`flavors/${FLAVOR}`, 'flavor', 74)).swap).toBe('');
    expect((await value(`flavors/${FLAVOR}`, 'flavor', 75)).swap).toBe(0);
    const hypervisor = (minor: number) => value('os-hypervisors/detail', 'hypervisors.0', minor);
    expect((await hypervisor(27)).cpu_info).toBe('');
    expect((await hypervisor(28)).cpu_info).toEqual({});
    expect(typeof (await hypervisor(52)).id).toBe('number');
    expect((await hypervisor(53)).id).toMatch(/^[0-9a-f-]{36}$/);
    expect(typeof (await value('os-services', 'services.0', 52)).id).toBe('number');
    expect((await value('os-services', 'services.0', 53)).id).toMatch(/^[0-9a-f-]{36}$/);
  });
  it('200: pages: 2.33 of hypervisors, 2.35 of key pairs, 2.40 of usage, 2.58 of actions', async () => {
    for (const [path, links, minor, as] of [
      ['os-keypairs?limit=0', 'keypairs', 35, face.user],
      ['os-hypervisors?limit=0', 'hypervisors', 33, face.staff],
      [`servers/${server}/os-instance-actions?limit=0`, 'instanceActions', 58, face.user],
    ] as const) {
      expect((await read(as, path, minor))[links]).toEqual([]);
      expect((await read(as, path, minor - 1))[links]).not.toEqual([]);
    }
    const ids = [server, await storage.build()];
    await sql(service.db, `update instance set launched_at = '2026-01-10T00:00:00Z' where id = any($1)`, [ids]);
    const usage = `os-simple-tenant-usage/${face.project}?start=2020-01-01T00:00:00&limit=1`;
    expect(await read(face.user, usage, 40)).toHaveProperty('tenant_usage_links');
    expect(await read(face.user, usage, 39)).not.toHaveProperty('tenant_usage_links');
  });
  it('200, 202: below 2.75 a change and a rebuild answer what a server had in the beginning', async () => {
    const NARROW = [
      'accessIPv4',
      'accessIPv6',
      'addresses',
      'created',
      'flavor',
      'hostId',
      'id',
      'image',
      'links',
      'metadata',
      'name',
      'progress',
      'status',
      'tenant_id',
      'updated',
      'user_id',
      'OS-DCF:diskConfig',
    ].sort();
    const put = async (minor: number, as = face.user) =>
      (
        (await as.put(`${V}/servers/${server}`, { server: { name: 'n' } }, at(minor)).expect(200)).body as {
          server: Shown;
        }
      ).server;
    const narrow = await put(1);
    expect(Object.keys(narrow).sort()).toEqual(NARROW);
    expect(Object.keys(await put(2, face.staffInside)).sort()).toEqual(NARROW);
    expect(Object.keys(Object.values(narrow.addresses as Record<string, object[]>)[0]?.[0] ?? {})).toEqual([
      'version',
      'addr',
    ]);
    expect(Object.keys(await put(74)).sort()).toEqual(
      [
        ...NARROW,
        'locked',
        'description',
        'tags',
        'trusted_image_certificates',
        'server_groups',
        'locked_reason',
      ].sort(),
    );
    const whole = Object.keys(inside(await read(face.user, `servers/${server}`, 75), 'server')).sort();
    expect(Object.keys(await put(75)).sort()).toEqual(whole);

    const rebuild = async (minor: number) => {
      const answer = await face.user
        .post(`${V}/servers/${server}/action`, { rebuild: { imageRef: IMAGE } }, at(minor))
        .expect(202);
      await storage.work();
      return Object.keys((answer.body as { server: Shown }).server).filter((field) => field !== 'adminPass');
    };
    expect((await rebuild(1)).sort()).toEqual(NARROW);
    expect(await rebuild(53)).not.toContain('key_name');
    expect(await rebuild(54)).toContain('key_name');
    expect(await rebuild(56)).not.toContain('user_data');
    expect(await rebuild(57)).toContain('user_data');
    expect(await rebuild(74)).not.toContain('config_drive');
    expect(await rebuild(75)).toEqual(expect.arrayContaining(['config_drive', 'OS-EXT-STS:vm_state', 'user_data']));
  });
});
