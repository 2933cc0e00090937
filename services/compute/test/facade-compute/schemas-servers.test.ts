import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { FLAVOR, IMAGE, NETWORK, useCloud } from '../cloud-support.js';
import { useFaces } from '../facade/face-support.js';
import { at, formRefusal, refusedForm, TYPES, type FieldCase } from './form-support.js';

const SERVERS = '/compute/v2.1/servers';
const { name, bool, uuid, metadata, tag, long } = TYPES;
/** Whole but for its flavor, which is looked for after the form: nothing is made. */
const body = (more: object = {}) => ({
  server: { name: 'vm', imageRef: IMAGE, flavorRef: randomUUID(), networks: [{ uuid: NETWORK }], ...more },
});
const count = {
  taken: [1, '1', 100],
  refused: [
    [0, '0 is less than the minimum of 1'],
    ['0', "'0' is less than the minimum of 1"],
    ['', "'' is too short"],
    ['-1', "'-1' does not match '^[0-9]*$'"],
    [1.5, "1.5 is not of type 'integer', 'string'"],
    [null, "None is not of type 'integer', 'string'"],
  ],
} as const;
const description = {
  taken: [null, '', long(255)],
  refused: [
    [long(256), 'is too long'],
    ['a\nb', 'is not a'],
    [7, "7 is not of type 'string', 'null'"],
  ],
} as const;
const address = (version: 4 | 6) =>
  ({
    field: `accessIPv${version}`,
    taken: [version === 4 ? '192.0.2.7' : '2001:db8::7'],
    refused: [
      [version === 4 ? '2001:db8::7' : '192.0.2.7', `is not a 'ipv${version}'`],
      ['x', `'x' is not a 'ipv${version}'`],
      [7, "7 is not of type 'string'"],
      [null, "None is not of type 'string'"],
    ],
  }) as const;
const hostname = {
  field: 'hostname',
  taken: ['ab', 'a-1', long(63)],
  refused: [
    ['a', "'a' is too short"],
    [long(64), 'is too long'],
    ['-ab', "'-ab' does not match"],
    ['ab-', "'ab-' does not match"],
    ['a.b', "'a.b' does not match"],
    [null, "None is not of type 'string'"],
  ],
} as const;
const diskConfig = {
  field: 'OS-DCF:diskConfig',
  taken: ['AUTO', 'MANUAL'],
  refused: [
    ['auto', "'auto' is not one of ['AUTO', 'MANUAL']"],
    [null, 'None is not one of'],
  ],
} as const;
const certificates = {
  field: 'trusted_image_certificates',
  taken: [null, ['a'], Array.from({ length: 50 }, (_one, i) => `c${i}`)],
  refused: [
    [[], 'is too short'],
    [Array.from({ length: 51 }, (_one, i) => `c${i}`), 'is too long'],
    [[''], "'' is too short"],
  ],
} as const;
const userData = {
  field: 'user_data',
  taken: ['IyEvYmluL3No', 'A'.repeat(65_532)],
  refused: [
    ['A'.repeat(65_536), 'is too long'],
    [7, "7 is not of type 'string'"],
  ],
} as const;

const CREATE: readonly FieldCase[] = [
  { field: 'name', ...name },
  {
    field: 'flavorRef',
    taken: [long(36), 7],
    refused: [
      ['', "'' is too short"],
      [1.5, "1.5 is not of type 'string', 'integer'"],
      [null, "None is not of type 'string', 'integer'"],
    ],
  },
  {
    field: 'imageRef',
    taken: [IMAGE],
    refused: [
      [7, "7 is not of type 'string'"],
      [null, "None is not of type 'string'"],
    ],
  },
  { field: 'key_name', ...name },
  { field: 'availability_zone', ...name },
  { field: 'metadata', ...metadata },
  {
    field: 'adminPass',
    taken: ['', long(255)],
    refused: [
      [7, "7 is not of type 'string'"],
      [null, 'None is not'],
    ],
  },
  { field: 'config_drive', ...bool },
  { field: 'return_reservation_id', ...bool },
  { field: 'min_count', ...count },
  { field: 'max_count', ...count },
  { field: 'description', ...description },
  {
    field: 'tags',
    taken: [[], [long(60)], Array.from({ length: 50 }, (_one, i) => `t${i}`)],
    refused: [
      [Array.from({ length: 51 }, (_one, i) => `t${i}`), 'is too long'],
      ...tag.refused.map(([value, words]) => [[value], words] as const),
    ],
  },
  {
    field: 'security_groups',
    taken: [[], [{}], [{ name: long(255) }]],
    refused: [
      [[{ name: '' }], "'' is too short"],
      [[{ name: 'a', other: 1 }], "Additional properties are not allowed ('other' was unexpected)"],
      [{}, 'is not'],
    ],
  },
  {
    field: 'networks',
    taken: ['auto', 'none', [], [{ port: randomUUID() }], [{ uuid: NETWORK, fixed_ip: '2001:db8::7' }]],
    refused: [
      ['some', 'is not valid'],
      [[{ port: 'x' }], 'is not valid'],
      [[{ uuid: NETWORK, fixed_ip: 'x' }], 'is not valid'],
      [[{ uuid: NETWORK, other: 1 }], 'is not valid'],
      [null, 'is not valid'],
    ],
  },
  {
    field: 'personality',
    minor: 56,
    taken: [[], [{ path: '/a', contents: 'eA==' }]],
    refused: [
      [[{ path: '/a', more: 1 }], "('more' was unexpected)"],
      ['x', 'is not'],
    ],
  },
  address(4),
  address(6),
  hostname,
  diskConfig,
  certificates,
  userData,
  {
    field: 'host',
    taken: ['a', 'A-9._', long(255)],
    refused: [
      ['', "'' is too short"],
      ['a/b', 'does not match'],
      [long(256), 'is too long'],
    ],
  },
  { field: 'hypervisor_hostname', taken: ['node.example'], refused: [['a b', 'does not match']] },
  { field: 'nonsense', taken: [], refused: [[1, "Additional properties are not allowed ('nonsense' was unexpected)"]] },
  {
    field: 'block_device_mapping_v2',
    taken: [[{ boot_index: '0', uuid: IMAGE, source_type: 'image', destination_type: 'volume', volume_size: '1' }]],
    refused: [
      [[{ source_type: 'tape' }], "'tape' is not one of ['volume', 'image', 'snapshot', 'blank']"],
      [[{ destination_type: 'far' }], 'is not'],
      [[{ nonsense: 1 }], "('nonsense' was unexpected)"],
      [{}, 'is not'],
    ],
  },
];
const UPDATE: readonly FieldCase[] = [
  { field: 'name', ...name },
  { field: 'description', ...description },
  address(4),
  address(6),
  hostname,
  diskConfig,
  { field: 'metadata', taken: [], refused: [[{}, "('metadata' was unexpected)"]] },
];
const REBUILD: readonly FieldCase[] = [
  { field: 'imageRef', taken: [randomUUID(), randomUUID().replaceAll('-', '')], refused: uuid.refused },
  { field: 'name', ...name },
  { field: 'adminPass', taken: [long(255)], refused: [[null, "None is not of type 'string'"]] },
  { field: 'metadata', ...metadata },
  { field: 'preserve_ephemeral', ...bool },
  { field: 'description', ...description },
  { field: 'key_name', taken: [null, long(255)], refused: [['', "'' is too short"]] },
  { ...userData, taken: [null, ...userData.taken] },
  address(4),
  address(6),
  hostname,
  diskConfig,
  certificates,
  { field: 'nonsense', taken: [], refused: [[1, "('nonsense' was unexpected)"]] },
];
/** One row for each value. */
const rows = (cases: readonly FieldCase[]) => ({
  taken: cases.flatMap(({ field, minor = 90, taken }) => taken.map((value) => [field, minor, value] as const)),
  refused: cases.flatMap(({ field, minor = 90, refused }) =>
    refused.map(([value, words]) => [field, minor, value, words] as const),
  ),
});
const short = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 60);

describe("servers: Nova's schemas", () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  let id = '';
  beforeAll(async () => {
    id = await cloud.build();
  });
  const untouched = async (work: () => Promise<void>): Promise<void> => {
    const read = () => sql(service.db, 'select * from instance order by id');
    const before = await read();
    await work();
    expect(await read()).toEqual(before);
  };
  const create = (more: object, minor: number) => face.user.post(SERVERS, body(more), at(minor));
  const update = (fields: object, minor: number) => face.user.put(`${SERVERS}/${id}`, { server: fields }, at(minor));
  /** Of a server that is not there: what is said of its form is said first. */
  const rebuild = (fields: object, minor: number) =>
    face.user.post(`${SERVERS}/${randomUUID()}/action`, { rebuild: { imageRef: IMAGE, ...fields } }, at(minor));

  describe('create', () => {
    it.each(rows(CREATE).taken.map((row) => [row[0], short(row[2]), row] as const))(
      'not refused for its form: %s %s',
      async (_field, _value, [field, minor, value]) => {
        expect(formRefusal(await create({ [field]: value }, minor))).toBeUndefined();
      },
    );
    it.each(rows(CREATE).refused.map((row) => [row[0], short(row[2]), row] as const))(
      '400: %s %s',
      async (_field, _value, [field, minor, value, words]) => {
        expect(refusedForm(await create({ [field]: value }, minor))).toContain(words);
      },
    );
    it.each(['name', 'flavorRef', 'networks'])('400: without %s', async (field) => {
      expect(refusedForm(await create({ [field]: undefined }, 90))).toContain(`'${field}' is a required property`);
    });
    it.each([{}, { server: null }, { server: [] }, { server: body().server, other: 1 }])('400: %j', async (wrong) => {
      refusedForm(await face.user.post(SERVERS, wrong, at(90)));
    });
    it('400: a password is not repeated in what is said of its server', async () => {
      const words = refusedForm(await rebuild({ adminPass: 'hidden words', nonsense: 1 }, 90));
      expect(words).toContain("'adminPass': '***'");
      expect(words).not.toContain('hidden words');
    });
    it('403, 400: a host is asked for by administrators only, and Nefos chooses it', async () => {
      await face.user.post(SERVERS, body({ flavorRef: FLAVOR, host: 'a' }), at(74)).expect(403);
      await face.staff.post(SERVERS, body({ flavorRef: FLAVOR, host: 'a' }), at(74)).expect(400);
    });
  });

  describe('update', () => {
    it.each(rows(UPDATE).taken.map((row) => [row[0], short(row[2]), row] as const))(
      '200: %s %s',
      async (_field, _value, [field, minor, value]) => {
        await update({ [field]: value }, minor).expect(200);
      },
    );
    it.each(rows(UPDATE).refused.map((row) => [row[0], short(row[2]), row] as const))(
      '400: %s %s',
      async (_field, _value, [field, minor, value, words]) => {
        await untouched(async () => {
          expect(refusedForm(await update({ [field]: value }, minor))).toContain(words);
        });
      },
    );
  });

  describe('rebuild', () => {
    it.each(rows(REBUILD).taken.map((row) => [row[0], short(row[2]), row] as const))(
      'not refused for its form: %s %s',
      async (_field, _value, [field, minor, value]) => {
        expect(formRefusal(await rebuild({ [field]: value }, minor))).toBeUndefined();
      },
    );
    it.each(rows(REBUILD).refused.map((row) => [row[0], short(row[2]), row] as const))(
      '400: %s %s',
      async (_field, _value, [field, minor, value, words]) => {
        expect(refusedForm(await rebuild({ [field]: value }, minor))).toContain(words);
      },
    );
  });

  /** The minor version that brings a field, and the one that takes it away. */
  const spans: readonly [
    request: 'create' | 'update' | 'rebuild',
    field: string,
    value: unknown,
    from: number,
    until?: number,
  ][] = [
    ['create', 'description', 'd', 19],
    ['create', 'tags', ['t'], 52],
    ['create', 'personality', [], 1, 57],
    ['create', 'trusted_image_certificates', null, 63],
    ['create', 'host', 'h', 74],
    ['create', 'hypervisor_hostname', 'h', 74],
    ['create', 'hostname', 'web', 90],
    ['create', 'networks', [{ uuid: NETWORK, tag: 't' }], 32, 37],
    ['create', 'networks', [{ uuid: NETWORK, tag: 't' }], 42],
    ['create', 'block_device_mapping_v2', [{ uuid: IMAGE, source_type: 'image', tag: 't' }], 32, 33],
    ['create', 'block_device_mapping_v2', [{ uuid: IMAGE, source_type: 'image', tag: 't' }], 42],
    ['create', 'block_device_mapping_v2', [{ uuid: IMAGE, source_type: 'image', volume_type: 'fast' }], 67],
    ['update', 'description', 'd', 19],
    ['update', 'hostname', 'web', 90],
    ['rebuild', 'description', 'd', 19],
    ['rebuild', 'key_name', null, 54],
    ['rebuild', 'user_data', null, 57],
    ['rebuild', 'personality', [], 1, 57],
    ['rebuild', 'trusted_image_certificates', null, 63],
    ['rebuild', 'hostname', 'web', 90],
  ];
  it.each(
    spans.map(([request, field, value, from, until]) => [request, field, value, from, until ?? 'never'] as const),
  )('%s: %s %j is taken from 2.%i on, until 2.%s', async (request, field, value, from, until) => {
    const send = { create, update, rebuild }[request];
    const words = /Additional properties are not allowed \('\w+' was unexpected\)/;
    expect(formRefusal(await send({ [field]: value }, from))).toBeUndefined();
    if (from > 1) expect(refusedForm(await send({ [field]: value }, from - 1))).toMatch(words);
    if (until !== 'never') {
      expect(formRefusal(await send({ [field]: value }, until - 1))).toBeUndefined();
      expect(refusedForm(await send({ [field]: value }, until))).toMatch(words);
    }
  });
  it('400: a sentence names where the field stands', async () => {
    expect(refusedForm(await rebuild({ hostname: 'web' }, 89))).toMatch(
      /^Invalid input for field\/attribute rebuild\. Value: \{'imageRef': '.*', 'hostname': 'web'\}\. Additional/,
    );
  });
});
