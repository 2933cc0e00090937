import { checksums } from '@nefos/testing';
import { useFaces } from '../facade/face-support.js';
import { useStorage } from '../volumes/volume-support.js';
import {
  CHOICE,
  FLAG,
  FLAG_OR_NULL,
  ID,
  ID_OR_NULL,
  LINE,
  NAME,
  numeral,
  TEXT,
  WORDS,
  WORDS_OR_NULL,
  type Field,
  type RequestSchema,
} from './schema-support.js';

const V = '/volume/v3';
const NOBODY = '0b0b0b0b-0000-4000-8000-000000000000';
const LARGEST = 1_048_576;
const MOST = 2_147_483_647;
let made = 0;
const next = (): string => `n${(made += 1)}`;
const text = (least: number): Field => ({
  good: ['x'.repeat(255)],
  bad: ['x'.repeat(256), 1, true, [], {}, ...(least > 0 ? [''] : [])],
});
const action = (envelope: string, more: Partial<RequestSchema>): RequestSchema => ({
  what: envelope,
  method: 'post',
  path: 'volumes/{volume}/action',
  envelope,
  base: () => ({}),
  taken: [200, 202],
  fields: {},
  ...more,
});

/** Cinder's schemas of what Nefos takes. */
const REQUESTS: readonly RequestSchema[] = [
  {
    what: 'a new volume',
    method: 'post',
    path: 'volumes',
    envelope: 'volume',
    base: () => ({ size: 1 }),
    taken: [202],
    fields: {
      name: NAME,
      display_name: NAME,
      description: TEXT,
      display_description: TEXT,
      size: numeral(1, LARGEST),
      volume_type: { good: [null, '', 'fast'], bad: text(0).bad },
      availability_zone: { good: [null, 'Region1', 'nova'], bad: text(1).bad },
      metadata: WORDS_OR_NULL,
      snapshot_id: ID_OR_NULL,
      source_volid: ID_OR_NULL,
      consistencygroup_id: ID_OR_NULL,
      backup_id: ID_OR_NULL,
      multiattach: FLAG_OR_NULL,
      imageRef: { good: [null, ''], bad: text(0).bad },
      image_id: { good: [null, ''], bad: text(0).bad },
      group_id: { good: [null, ''], bad: text(0).bad },
    },
  },
  {
    what: 'a change of a volume',
    method: 'put',
    path: 'volumes/{volume}',
    envelope: 'volume',
    base: () => ({ name: 'x' }),
    taken: [200],
    fields: { name: NAME, display_name: NAME, description: TEXT, display_description: TEXT, metadata: WORDS },
  },
  {
    what: 'a new snapshot',
    method: 'post',
    path: 'snapshots',
    envelope: 'snapshot',
    base: () => ({ volume_id: '{volume}' }),
    taken: [202],
    version: 'volume 3.65',
    required: ['volume_id'],
    fields: { name: NAME, display_name: NAME, description: LINE, metadata: WORDS_OR_NULL, force: FLAG, volume_id: ID },
  },
  {
    what: 'a change of a snapshot',
    method: 'put',
    path: 'snapshots/{snapshot}',
    envelope: 'snapshot',
    base: () => ({ name: 'x' }),
    taken: [200],
    fields: { name: NAME, display_name: NAME, description: LINE, display_description: LINE },
  },
  {
    what: 'a new backup',
    busy: true,
    method: 'post',
    path: 'backups',
    envelope: 'backup',
    base: () => ({ volume_id: '{volume}' }),
    taken: [202],
    required: ['volume_id'],
    fields: {
      name: NAME,
      description: LINE,
      container: { good: [null, ''], bad: text(0).bad },
      incremental: FLAG,
      force: FLAG,
      snapshot_id: ID_OR_NULL,
      volume_id: ID,
      metadata: WORDS_OR_NULL,
      availability_zone: { good: [null, 'Region1'], bad: text(1).bad },
    },
  },
  {
    what: 'a change of a backup',
    method: 'put',
    path: 'backups/{backup}',
    envelope: 'backup',
    base: () => ({}),
    taken: [200],
    fields: { name: NAME, description: LINE, metadata: WORDS },
  },
  {
    what: 'a restore',
    busy: true,
    method: 'post',
    path: 'backups/{backup}/restore',
    envelope: 'restore',
    base: () => ({}),
    taken: [202],
    fields: { name: NAME, volume_id: ID_OR_NULL },
  },
  {
    what: 'a new attachment',
    method: 'post',
    path: 'attachments',
    envelope: 'attachment',
    base: () => ({ volume_uuid: NOBODY, instance_uuid: NOBODY }),
    taken: [404],
    required: ['volume_uuid'],
    fields: {
      volume_uuid: ID,
      instance_uuid: ID,
      connector: { good: [null, {}, { host: 'x' }], bad: ['x', 1, []] },
      mode: CHOICE('rw', 'ro'),
    },
  },
  {
    what: 'a new type',
    method: 'post',
    path: 'types',
    envelope: 'volume_type',
    base: () => ({ name: next() }),
    taken: [200],
    as: 'staff',
    required: ['name'],
    fields: {
      name: { good: ['x'.repeat(255)], bad: [...text(1).bad, ' ', null] },
      description: LINE,
      extra_specs: WORDS_OR_NULL,
      'os-volume-type-access:is_public': FLAG,
    },
  },
  {
    what: 'a change of a type',
    method: 'put',
    path: 'types/{type}',
    envelope: 'volume_type',
    base: () => ({ is_public: true }),
    taken: [200],
    as: 'staff',
    fields: { name: { good: [null, 'x y'], bad: text(1).bad }, description: LINE, is_public: FLAG },
  },
  {
    what: 'quotas',
    method: 'put',
    path: 'os-quota-sets/{project}',
    envelope: 'quota_set',
    base: () => ({ volumes: -1 }),
    taken: [200],
    as: 'staff',
    fields: {
      volumes: numeral(-1, MOST, [-1, MOST]),
      gigabytes: numeral(-1, MOST, [MOST, -1]),
      snapshots: numeral(-1, MOST, [MOST, -1]),
      backups: numeral(-1, MOST, [MOST, -1]),
      per_volume_gigabytes: numeral(-1, MOST, [-1]),
      backup_gigabytes: numeral(-1, MOST, [-1]),
      groups: numeral(-1, MOST, [-1]),
    },
  },
  ...(['post', 'put'] as const).flatMap((method): RequestSchema[] =>
    ['volumes/{volume}', 'snapshots/{snapshot}'].map((thing) => ({
      what: `metadata of ${thing} by ${method}`,
      method,
      path: `${thing}/metadata`,
      envelope: 'metadata',
      base: () => ({}),
      taken: [200],
      open: true,
      fields: { a: { good: ['', 'x'.repeat(255)], bad: ['x'.repeat(256), 1, null, {}] } },
    })),
  ),
  {
    what: 'extra specs',
    method: 'post',
    path: 'types/{type}/extra_specs',
    envelope: 'extra_specs',
    base: () => ({}),
    taken: [200],
    as: 'staff',
    open: true,
    fields: {
      'a:b.c-d_1': { good: ['', 'x'.repeat(255)], bad: ['x'.repeat(256), 1, {}] },
      'a b': { good: [], bad: ['x'] },
    },
  },
  action('os-extend', {
    busy: true,
    required: ['new_size'],
    fields: { new_size: { good: [2, '3'], bad: numeral(1, LARGEST).bad } },
  }),
  action('os-set_bootable', { required: ['bootable'], fields: { bootable: FLAG } }),
  action('os-update_readonly_flag', { required: ['readonly'], fields: { readonly: FLAG } }),
  action('os-attach', {
    base: () => ({ instance_uuid: NOBODY, mountpoint: '/dev/vdb' }),
    taken: [404],
    required: ['mountpoint'],
    fields: { instance_uuid: ID, mountpoint: text(1), host_name: text(0), mode: { good: ['rw'], bad: CHOICE().bad } },
  }),
  action('os-detach', { fields: { attachment_id: { good: [], bad: ID.bad.filter((one) => one !== null) } } }),
  action('os-retype', {
    base: () => ({ new_type: 'fast' }),
    required: ['new_type'],
    fields: { new_type: { good: [], bad: text(0).bad }, migration_policy: { good: [], bad: CHOICE().bad } },
  }),
  action('os-volume_upload_image', {
    busy: true,
    base: () => ({ image_name: 'i' }),
    required: ['image_name'],
    fields: {
      image_name: text(1),
      disk_format: CHOICE('raw', 'qcow2'),
      container_format: LINE,
      visibility: CHOICE('private', 'shared'),
      protected: FLAG,
      force: FLAG,
    },
  }),
  // What is set is added: 128 in all.
  action('os-set_image_metadata', {
    required: ['metadata'],
    fields: { metadata: { good: WORDS.good.slice(1), bad: WORDS.bad } },
  }),
  action('os-unset_image_metadata', { required: ['key'], fields: { key: { good: [], bad: text(1).bad } } }),
  action('os-reset_status', {
    as: 'staff',
    fields: {
      status: { good: ['error', 'available'], bad: ['other', 'attaching', 1, [], {}] },
      attach_status: { good: [], bad: ['other', 1, []] },
      migration_status: { good: [], bad: ['other', 1, []] },
    },
  }),
  action('revert', { required: ['snapshot_id'], fields: { snapshot_id: { good: [], bad: [...text(0).bad, null] } } }),
  ...(['snapshots/{snapshot}', 'backups/{backup}'] as const).map((thing) =>
    action('os-reset_status', {
      what: `os-reset_status of ${thing}`,
      path: `${thing}/action`,
      as: 'staff',
      required: ['status'],
      fields: { status: { good: ['error', 'available'], bad: ['other', '', 1, null, [], {}] } },
    }),
  ),
];
const FIELDS = REQUESTS.flatMap((request) =>
  Object.entries(request.fields)
    .filter(([, { good }]) => good.length > 0)
    .map(([field, values]) => ({ ...request, field, values })),
);

describe('schemas of the block storage API', () => {
  const cloud = useStorage();
  const face = useFaces(cloud.service);
  const ids: Record<string, string> = {};
  /** Puts ids where they are named. */
  const filled = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value).replace(
        /\{(volume|snapshot|backup|type|project)\}/g,
        (_all, name: string) => ids[name] ?? '',
      ),
    ) as T;
  beforeAll(async () => {
    ids.project = face.project;
    const quota = { volumes: -1, gigabytes: -1, snapshots: -1, backups: -1 };
    await face.staff.put(`${V}/os-quota-sets/${face.project}`, { quota_set: quota }).expect(200);
    ids.volume = await cloud.volume();
    ids.snapshot = await cloud.snapshot(ids.volume);
    ids.backup = await cloud.backup(ids.volume);
    const type = await face.staff.post(`${V}/types`, { volume_type: { name: 'fast' } }).expect(200);
    ids.type = (type.body as { volume_type: { id: string } }).volume_type.id;
    const other = await face.staff.post(`${V}/types`, { volume_type: { name: 'other' } }).expect(200);
    ids.other = (other.body as { volume_type: { id: string } }).volume_type.id;
  });
  const send = async ({ method, path, as = 'user', version = 'volume 3.67' }: RequestSchema, body: unknown) => {
    // The type that volumes are made of keeps its name.
    const at = path.startsWith('types/') ? path.replace('{type}', ids.other ?? '') : filled(path);
    return face[as][method](`${V}/${at}`, filled(body), version);
  };
  const refused = async (request: RequestSchema, body: unknown): Promise<void> => {
    const { status, body: said } = await send(request, body);
    expect([body, status, said]).toEqual([
      body,
      400,
      { badRequest: { code: 400, message: expect.any(String) as string } },
    ]);
  };

  it.each(FIELDS)('$what: $field is taken up to its bounds', async ({ field, values, ...request }) => {
    for (const value of values.good) {
      const { status, text: said } = await send(request, { [request.envelope]: { ...request.base(), [field]: value } });
      expect([value, status, request.taken.includes(status) ? '' : said]).toEqual([value, status, '']);
      if (request.busy) await cloud.work();
    }
  });
  it.each(REQUESTS)('400: $what beyond the bounds of its fields changes nothing', async (request) => {
    const { envelope, base, fields } = request;
    const before = await checksums(cloud.service.db);
    for (const [field, { bad }] of Object.entries(fields))
      for (const value of bad) await refused(request, { [envelope]: { ...base(), [field]: value } });
    expect(await checksums(cloud.service.db)).toEqual(before);
  });
  it.each(REQUESTS)('400: $what with what nothing knows, or without what it needs', async (request) => {
    const { envelope, base, open = false, required = [] } = request;
    const before = await checksums(cloud.service.db);
    await refused(request, { [envelope]: base(), other: {} });
    if (!open) await refused(request, { [envelope]: { ...base(), other: 1 } });
    for (const wrong of [[], 'x', 1, true]) await refused(request, { [envelope]: wrong });
    await refused(request, {});
    for (const field of required)
      await refused(request, {
        [envelope]: Object.fromEntries(Object.entries(base()).filter(([name]) => name !== field)),
      });
    expect(await checksums(cloud.service.db)).toEqual(before);
  });
});
