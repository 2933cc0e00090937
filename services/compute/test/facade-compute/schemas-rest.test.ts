import { randomUUID } from 'node:crypto';
import { FLAVOR, useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';
import { at, formRefusal, refusedForm, TYPES } from './form-support.js';

const V = '/compute/v2.1';
const { name, bool, uuid, metadata, tag, long } = TYPES;
const EXTRA = "Additional properties are not allowed ('x' was unexpected)";
/** Of a server that is not there: what is said of the form is said first. */
const SERVER = `${V}/servers/${randomUUID()}`;
const NOBODY = randomUUID();
type Refused = readonly (readonly [value: unknown, words: string])[];
type Request = readonly [
  what: string,
  method: 'post' | 'put',
  path: string,
  minor: number,
  taken: readonly unknown[],
  refused: Refused,
];
const missing = (field: string): string => `'${field}' is a required property`;
/** The values of one field, each in the body that `inside` makes. */
const within = (
  inside: (value: unknown) => unknown,
  { taken = [], refused }: { taken?: readonly unknown[]; refused: Refused },
) => ({ taken: taken.map(inside), refused: refused.map(([value, words]) => [inside(value), words] as const) });
const number = (least: number) => ({
  taken: [least, String(least)],
  refused: [
    [least - 1, `${least - 1} is less than the minimum of ${least}`],
    [1.5, "1.5 is not of type 'integer', 'string'"],
    ['x', "'x' does not match"],
    [null, "None is not of type 'integer', 'string'"],
  ] as Refused,
});
const device = {
  taken: [null, '/dev/vdb', '/dev/sda1', '/dev/xvdc'],
  refused: [
    ['vdb', "'vdb' does not match '(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$'"],
    ['/dev/', 'does not match'],
    [7, "7 is not of type 'string'"],
  ],
} as const;

const attach = (more: object) => ({ volumeAttachment: { volumeId: NOBODY, ...more } });
const ATTACHMENTS = `${SERVER}/os-volume_attachments`;
const A = {
  volumeId: within((volumeId) => ({ volumeAttachment: { volumeId } }), { taken: [NOBODY], refused: uuid.refused }),
  device: within((value) => attach({ device: value }), device),
  tag: within((value) => attach({ tag: value }), tag),
  stays: within((value) => attach({ delete_on_termination: value }), bool),
  server: within((value) => attach({ serverId: value }), { taken: [NOBODY], refused: uuid.refused }),
  id: within((value) => attach({ id: value }), { taken: [NOBODY], refused: uuid.refused }),
};
const port = (more: object) => ({ interfaceAttachment: more });
const I = {
  net: within((value) => port({ net_id: value }), { taken: [NOBODY], refused: uuid.refused }),
  port: within((value) => port({ port_id: value }), { taken: [NOBODY], refused: uuid.refused }),
  tag: within((value) => port({ net_id: NOBODY, tag: value }), tag),
};
const flavor = (more: object) => ({ flavor: { name: randomUUID(), ram: 1, vcpus: 1, disk: 0, ...more } });
const F = {
  name: within((value) => flavor({ name: value }), name),
  ram: within((value) => flavor({ ram: value }), number(1)),
  vcpus: within((value) => flavor({ vcpus: value }), number(1)),
  disk: within((value) => flavor({ disk: value }), number(0)),
  swap: within((value) => flavor({ swap: value }), number(0)),
  ephemeral: within((value) => flavor({ 'OS-FLV-EXT-DATA:ephemeral': value }), number(0)),
  open: within((value) => flavor({ 'os-flavor-access:is_public': value }), bool),
};
const specs = {
  taken: [...metadata.taken, { a: 1 }, { a: 1.5 }],
  refused: [
    ...metadata.refused.filter(([, words]) => !words.endsWith("'string'")),
    [{ a: null }, 'None is not valid'],
  ] as Refused,
};
const key = (more: object) => ({ keypair: { name: 'k', ...more } });
const K = {
  name: within((value) => key({ name: value, public_key: 'x' }), {
    taken: ['a', long(255), 'a_-b c'],
    refused: [
      ['', "'' is too short"],
      [long(256), 'is too long'],
      ['a/b', "'a/b' does not match '^[_\\- a-zA-Z0-9]+$'"],
      ['a@b', 'does not match'],
      [' a', 'does not match'],
      [7, "7 is not of type 'string'"],
    ],
  }),
};
const both = (...all: { taken: readonly unknown[]; refused: Refused }[]): [readonly unknown[], Refused] => [
  all.flatMap(({ taken }) => taken),
  all.flatMap(({ refused }) => refused),
];
const quota = (more: object) => ({ quota_set: more });
const limit = {
  taken: [-1, '-1', 0, '7', 2_147_483_647],
  refused: [
    [-2, '-2 is less than the minimum of -1'],
    ['-2', "'-2' is less than the minimum of -1"],
    [2_147_483_648, '2147483648 is greater than the maximum of 2147483647'],
    ['x', "'x' does not match '^-?[0-9]+$'"],
    [null, "None is not of type 'integer', 'string'"],
  ],
} as const;
const more = (refused: Refused) => ({ taken: [], refused });

const REQUESTS: readonly Request[] = [
  [
    'a volume is attached',
    'post',
    ATTACHMENTS,
    90,
    ...both(
      A.volumeId,
      A.device,
      A.tag,
      A.stays,
      more([
        [{}, missing('volumeAttachment')],
        [{ volumeAttachment: {} }, missing('volumeId')],
        [attach({ x: 1 }), EXTRA],
        [attach({ serverId: NOBODY }), "('serverId' was unexpected)"],
      ]),
    ),
  ],
  [
    'an attachment is changed',
    'put',
    `${ATTACHMENTS}/${NOBODY}`,
    90,
    ...both(A.volumeId, A.device, A.tag, A.stays, A.server, A.id, more([[attach({ x: 1 }), EXTRA]])),
  ],
  [
    'an interface is attached',
    'post',
    `${SERVER}/os-interface`,
    90,
    ...both(I.net, I.port, I.tag, {
      taken: [port({ net_id: NOBODY, fixed_ips: [{ ip_address: '2001:db8::7' }] })],
      refused: [
        [port({ net_id: NOBODY, fixed_ips: [] }), 'is too short'],
        [port({ net_id: NOBODY, fixed_ips: [{ ip_address: '10.0.0.1' }, { ip_address: '10.0.0.2' }] }), 'is too long'],
        [port({ net_id: NOBODY, fixed_ips: [{ ip_address: 'x' }] }), "'x' is not a 'ipv4 or ipv6'"],
        [port({ net_id: NOBODY, fixed_ips: [{}] }), missing('ip_address')],
        [port({ net_id: NOBODY, x: 1 }), EXTRA],
        [{ x: 1 }, EXTRA],
      ],
    }),
  ],
  [
    'metadata is added',
    'post',
    `${SERVER}/metadata`,
    90,
    ...both(
      within((value) => ({ metadata: value }), metadata),
      more([
        [{}, missing('metadata')],
        [{ metadata: {}, x: 1 }, EXTRA],
      ]),
    ),
  ],
  [
    'metadata is replaced',
    'put',
    `${SERVER}/metadata`,
    90,
    ...both(
      within((value) => ({ metadata: value }), metadata),
      more([[{ metadata: {}, x: 1 }, EXTRA]]),
    ),
  ],
  [
    'one item is set',
    'put',
    `${SERVER}/metadata/a`,
    90,
    ...both({
      taken: [{ meta: { a: long(255) } }],
      refused: [
        [{ meta: { a: long(256) } }, 'is too long'],
        [{ meta: { a: '1', b: '2' } }, 'is too long'],
        [{ metadata: {} }, missing('meta')],
      ],
    }),
  ],
  [
    'tags are replaced',
    'put',
    `${SERVER}/tags`,
    90,
    ...both(
      within((value) => ({ tags: [value] }), { taken: [long(60)], refused: tag.refused }),
      more([
        [{ tags: Array.from({ length: 51 }, (_one, i) => `t${i}`) }, 'is too long'],
        [{}, missing('tags')],
        [{ tags: [], x: 1 }, EXTRA],
        [{ tags: 'a' }, "is not of type 'array'"],
      ]),
    ),
  ],
  [
    'a console',
    'post',
    `${SERVER}/remote-consoles`,
    8,
    [{ remote_console: { protocol: 'vnc', type: 'novnc' } }, { remote_console: { protocol: 'mks', type: 'webmks' } }],
    [
      [{ remote_console: { protocol: 'x', type: 'novnc' } }, "'x' is not one of ['vnc', 'spice', 'serial', 'mks']"],
      [
        { remote_console: { protocol: 'vnc', type: 'x' } },
        "'x' is not one of ['novnc', 'xvpvnc', 'spice-html5', 'serial', 'webmks']",
      ],
      [{ remote_console: { protocol: 'vnc' } }, 'type'],
      [{ remote_console: { protocol: 'vnc', type: 'novnc', x: 1 } }, EXTRA],
    ],
  ],
  [
    'a flavor',
    'post',
    `${V}/flavors`,
    90,
    ...both(F.name, F.ram, F.vcpus, F.disk, F.swap, F.ephemeral, F.open, {
      taken: [
        flavor({ id: 'auto' }),
        flavor({ id: null }),
        flavor({ rxtx_factor: 1.5 }),
        flavor({ description: null }),
        flavor({ description: long(1024) }),
      ],
      refused: [
        [flavor({ name: undefined }), missing('name')],
        [flavor({ ram: undefined }), missing('ram')],
        [flavor({ description: long(65_536) }), 'is too long'],
        [flavor({ description: 'a\nb' }), 'is not a'],
        [flavor({ rxtx_factor: 0 }), '0 is less than or equal to the minimum of 0'],
        [flavor({ id: ' a' }), 'is not'],
        [flavor({ x: 1 }), EXTRA],
      ],
    }),
  ],
  [
    'a flavor is described',
    'put',
    `${V}/flavors/${NOBODY}`,
    55,
    [{ flavor: { description: null } }, { flavor: { description: '' } }],
    [
      [{ flavor: {} }, missing('description')],
      [{ flavor: { description: 'a', name: 'b' } }, "('name' was unexpected)"],
    ],
  ],
  [
    'extra specs',
    'post',
    `${V}/flavors/${NOBODY}/os-extra_specs`,
    90,
    ...both(
      within((value) => ({ extra_specs: value }), specs),
      more([
        [{}, missing('extra_specs')],
        [{ extra_specs: { a: true } }, 'is not'],
      ]),
    ),
  ],
  [
    'access to a flavor',
    'post',
    `${V}/flavors/${NOBODY}/action`,
    90,
    [{ addTenantAccess: { tenant: NOBODY } }, { removeTenantAccess: { tenant: NOBODY } }],
    [
      [{ addTenantAccess: {} }, missing('tenant')],
      [{ addTenantAccess: { tenant: '' } }, "'' is too short"],
      [{ addTenantAccess: { tenant: long(256) } }, 'is too long'],
      [{ addTenantAccess: { tenant: 'a', x: 1 } }, EXTRA],
    ],
  ],
  [
    'a key pair',
    'post',
    `${V}/os-keypairs`,
    90,
    ...both(K.name, {
      taken: [key({ type: 'ssh', public_key: 'x' })],
      refused: [
        [{ keypair: {} }, missing('name')],
        [key({ type: 'pgp' }), "'pgp' is not one of ['ssh', 'x509']"],
        [key({ public_key: 7 }), "7 is not of type 'string'"],
        [key({ user_id: 7 }), "7 is not of type 'string'"],
        [key({ x: 1 }), EXTRA],
      ],
    }),
  ],
  [
    'quotas',
    'put',
    `${V}/os-quota-sets/${NOBODY}`,
    1,
    ...both(
      ...[
        'instances',
        'cores',
        'ram',
        'key_pairs',
        'server_groups',
        'floating_ips',
        'security_groups',
        'security_group_rules',
      ].map((field) => within((value) => quota({ [field]: value }), limit)),
      within((value) => quota({ force: value }), bool),
      {
        taken: [quota({ metadata_items: 128, injected_files: 0, fixed_ips: -1 })],
        refused: [
          [quota({ x: 1 }), EXTRA],
          [{}, missing('quota_set')],
        ],
      },
    ),
  ],
];

describe("the other requests: Nova's schemas", () => {
  const cloud = useCloud();
  const face = useFaces(cloud.service);
  const send = (as: FaceAs, [, method, path]: Request, body: unknown, minor: number) =>
    as[method](path, body, at(minor));
  const shown = (body: unknown): string => JSON.stringify(body).slice(0, 90);

  it.each(REQUESTS.flatMap((request) => request[4].map((body) => [request[0], shown(body), request, body] as const)))(
    'not refused for its form: %s: %s',
    async (_what, _shown, request, body) => {
      const answer = await send(face.staff, request, body, request[3]);
      expect(formRefusal(answer)).toBeUndefined();
      expect(answer.status).not.toBe(500);
    },
  );
  it.each(
    REQUESTS.flatMap((request) =>
      request[5].map(([body, words]) => [request[0], shown(body), words, request, body] as const),
    ),
  )('400: %s: %s: %s', async (_what, _shown, words, request, body) => {
    expect(refusedForm(await send(face.staff, request, body, request[3]))).toContain(words);
  });

  const spans: readonly [what: string, body: unknown, from: number, until?: number][] = [
    ['a volume is attached', attach({ tag: 't' }), 49],
    ['a volume is attached', attach({ delete_on_termination: true }), 79],
    ...[
      { device: '/dev/vdb' },
      { tag: 't' },
      { delete_on_termination: true },
      { serverId: NOBODY },
      { id: NOBODY },
    ].map((field) => ['an attachment is changed', attach(field), 85] as [string, unknown, number]),
    ['an interface is attached', port({ net_id: NOBODY, tag: 't' }), 49],
    ['a flavor', flavor({ description: 'd' }), 55],
    ['a key pair', key({ type: 'ssh', public_key: 'x' }), 2],
    ['a key pair', key({ user_id: NOBODY, public_key: 'x' }), 10],
    ...['fixed_ips', 'floating_ips', 'security_groups', 'security_group_rules'].map(
      (field) => ['quotas', quota({ [field]: -1 }), 1, 36] as [string, unknown, number, number],
    ),
    ...['injected_files', 'injected_file_content_bytes', 'injected_file_path_bytes'].map(
      (field) => ['quotas', quota({ [field]: 0 }), 1, 57] as [string, unknown, number, number],
    ),
  ];
  it.each(spans.map(([what, body, from, until]) => [what, body, from, until ?? 'never'] as const))(
    '%s: %j is taken from 2.%i on, until 2.%s',
    async (what, body, from, until) => {
      const request = REQUESTS.find(([one]) => one === what) as Request;
      const words = /Additional properties are not allowed \('\w+' was unexpected\)/;
      const said = async (minor: number) => send(face.staff, request, body, minor);
      expect(formRefusal(await said(from))).toBeUndefined();
      if (from > 1) expect(refusedForm(await said(from - 1))).toMatch(words);
      if (until !== 'never') {
        expect(formRefusal(await said(until - 1))).toBeUndefined();
        expect(refusedForm(await said(until))).toMatch(words);
      }
    },
  );
  it('400: a quota that all projects have alike is not set to something else', async () => {
    const path = `${V}/os-quota-sets/${face.project}`;
    await face.staff.put(path, { quota_set: { metadata_items: 128, cores: 30 } }).expect(200);
    await face.staff.put(path, { quota_set: { metadata_items: 127 } }).expect(400);
    const { body } = await face.staff.put(path, { quota_set: { floating_ips: 7, security_groups: 8 } }).expect(200);
    expect(body).toMatchObject({ quota_set: { floating_ips: 7, security_groups: 8, cores: 30 } });
  });
  it('extra specs of one name, as the path has it', async () => {
    const path = `${V}/flavors/${FLAVOR}/os-extra_specs/a`;
    await face.staff.put(path, { a: '1' }).expect(200);
    await face.staff.put(path, { a: '1', b: '2' }).expect(400);
    await face.staff.put(path, {}).expect(400);
  });
});
