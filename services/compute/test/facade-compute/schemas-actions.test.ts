import { randomUUID } from 'node:crypto';
import { useCloud } from '../cloud-support.js';
import { useFaces } from '../facade/face-support.js';
import { at, refusedForm, TYPES } from './form-support.js';

const { name, metadata, long } = TYPES;
const EXTRA = "Additional properties are not allowed ('x' was unexpected)";
const NULL = "None is not of type 'object'";
const MISSING = (field: string): string => `'${field}' is a required property`;
const live = { host: null, block_migration: false };
/** An action at a minor version: arguments that it takes, and those that it does not, with a part of the sentence. */
const ACTIONS: readonly (readonly [
  action: string,
  minor: number,
  taken: readonly unknown[],
  refused: readonly (readonly [args: unknown, words: string])[],
])[] = [
  ...['os-start', 'os-stop', 'pause', 'unpause', 'suspend', 'resume', 'unlock', 'shelve', 'shelveOffload', 'unrescue',
    'confirmResize', 'revertResize', 'forceDelete', 'restore'].map(
    (action) => [action, 90, [null, {}, { anything: 1 }, 'x'], []] as const,
  ), // prettier-ignore
  ['reboot', 1, ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft'].map((type) => ({ type })), [
    [{ type: 'hArD' }, "'hArD' is not one of ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']"],
    [{}, MISSING('type')],
    [{ type: 'HARD', x: 1 }, EXTRA],
    [null, NULL],
  ]],
  ['lock', 72, [null, {}, { locked_reason: 'ignored' }, { x: 1 }], []],
  ['lock', 73, [null, {}, { locked_reason: long(255) }], [
    [{ locked_reason: '' }, "'' is too short"],
    [{ locked_reason: long(256) }, 'is too long'],
    [{ locked_reason: null }, "None is not of type 'string'"],
    [{ x: 1 }, EXTRA],
    ['x', "'x' is not of type 'object'"],
  ]],
  ['unshelve', 76, [null, {}, { availability_zone: 'ignored' }, 'x'], []],
  ['unshelve', 77, [null, { availability_zone: 'a' }], [
    [{}, MISSING('availability_zone')],
    [{ availability_zone: null }, "None is not of type 'string'"],
    [{ availability_zone: '' }, "'' is too short"],
    [{ availability_zone: 'a', host: 'h' }, "('host' was unexpected)"],
  ]],
  ['resize', 1, [{ flavorRef: 7 }, { flavorRef: 'a', 'OS-DCF:diskConfig': 'AUTO' }], [
    [{}, MISSING('flavorRef')],
    [{ flavorRef: '' }, "'' is too short"],
    [{ flavorRef: null }, "None is not of type 'string', 'integer'"],
    [{ flavorRef: 'a', 'OS-DCF:diskConfig': 'x' }, "'x' is not one of ['AUTO', 'MANUAL']"],
    [{ flavorRef: 'a', x: 1 }, EXTRA],
    [null, NULL],
  ]],
  ['rescue', 1, [null, {}, { adminPass: '' }, { rescue_image_ref: randomUUID() }], [
    [{ rescue_image_ref: 'x' }, "'x' is not a 'uuid'"],
    [{ adminPass: 7 }, "7 is not of type 'string'"],
    [{ x: 1 }, EXTRA],
    ['x', "'x' is not of type 'object'"],
  ]],
  ['changePassword', 1, [{ adminPass: '' }, { adminPass: long(255) }], [
    [{}, MISSING('adminPass')],
    [{ adminPass: null }, "None is not of type 'string'"],
    [{ adminPass: 'a', x: 1 }, EXTRA],
    [null, NULL],
  ]],
  ['createImage', 1, [
    ...name.taken.map((one) => ({ name: one })),
    ...metadata.taken.map((one) => ({ name: 'a', metadata: one })),
  ], [
    ...name.refused.map(([one, words]) => [{ name: one }, words] as const),
    ...metadata.refused.map(([one, words]) => [{ name: 'a', metadata: one }, words] as const),
    [{}, MISSING('name')],
    [{ name: 'a', x: 1 }, EXTRA],
  ]],
  ['createBackup', 1, [
    { name: 'a', backup_type: 'daily', rotation: 0 },
    { name: 'a', backup_type: 'other', rotation: '1', metadata: { 'a/b': 'c' } },
  ], [
    [{ name: 'a', backup_type: 'daily' }, MISSING('rotation')],
    [{ name: 'a', rotation: 1 }, MISSING('backup_type')],
    [{ name: 'a', backup_type: 'daily', rotation: -1 }, '-1 is less than the minimum of 0'],
    [{ name: 'a', backup_type: 'daily', rotation: 'x' }, "'x' does not match '^[0-9]*$'"],
    [{ name: ' ', backup_type: 'daily', rotation: 1 }, "An invalid 'name' value was provided"],
    [{ name: 'a', backup_type: 'daily', rotation: 1, x: 1 }, EXTRA],
  ]],
  ['migrate', 55, [null, {}, { host: 'ignored' }, 'x'], []],
  ['migrate', 56, [null, {}, { host: null }, { host: 'node-1.example_a' }], [
    [{ host: '' }, "'' is too short"],
    [{ host: 'a b' }, "'a b' does not match '^[a-zA-Z0-9-._]*$'"],
    [{ host: long(256) }, 'is too long'],
    [{ x: 1 }, EXTRA],
  ]],
  ['os-migrateLive', 24, [{ ...live, disk_over_commit: 'False' }, { ...live, disk_over_commit: true, host: 'h' }], [
    [live, MISSING('disk_over_commit')],
    [{ host: null, disk_over_commit: false }, MISSING('block_migration')],
    [{ ...live, block_migration: 'auto', disk_over_commit: false }, "'auto' is not one of"],
    [{ ...live, disk_over_commit: false, force: true }, "('force' was unexpected)"],
    [{ block_migration: false, disk_over_commit: false }, MISSING('host')],
  ]],
  ['os-migrateLive', 25, [live, { ...live, block_migration: 'auto' }], [
    [{ ...live, disk_over_commit: false }, "('disk_over_commit' was unexpected)"],
    [{ ...live, force: true }, "('force' was unexpected)"],
    [{ ...live, block_migration: 'x' }, "'x' is not one of"],
    [{ host: 7, block_migration: false }, '7 is not of type'],
  ]],
  ['os-migrateLive', 30, [{ ...live, force: true }, { ...live, force: 'no' }], [
    [{ ...live, force: 7 }, '7 is not of type'],
  ]],
  ['os-migrateLive', 68, [live], [[{ ...live, force: true }, "('force' was unexpected)"]]],
  ['os-resetState', 1, [{ state: 'active' }, { state: 'error' }], [
    [{ state: 'mars' }, "'mars' is not one of ['active', 'error']"],
    [{}, MISSING('state')],
    [{ state: 'active', x: 1 }, EXTRA],
  ]],
  ['trigger_crash_dump', 17, [null], [[{}, "is not of type 'null'"]]],
  ['os-getConsoleOutput', 1, [{}, { length: null }, { length: -1 }, { length: '50' }, { length: 50 }], [
    [{ length: -2 }, '-2 is less than the minimum of -1'],
    [{ length: '-2' }, "'-2' is less than the minimum of -1"],
    [{ length: 'x' }, "'x' does not match '^-?[0-9]+$'"],
    [{ x: 1 }, EXTRA],
    [null, NULL],
  ]],
  ['os-getVNCConsole', 5, [{ type: 'novnc' }, { type: 'xvpvnc' }], [
    [{ type: 'serial' }, "'serial' is not one of ['novnc', 'xvpvnc']"],
    [{}, MISSING('type')],
    [{ type: 'novnc', x: 1 }, EXTRA],
  ]],
  ['os-getSPICEConsole', 5, [{ type: 'spice-html5' }], [[{ type: 'x' }, 'is not']]],
  ['os-getSerialConsole', 5, [{ type: 'serial' }], [[{ type: 'x' }, 'is not']]],
  ['addFixedIp', 43, [{ networkId: long(36) }, { networkId: 1 }], [
    [{ networkId: '' }, 'is too short'],
    [{ networkId: long(37) }, 'is too long'],
    [{}, MISSING('networkId')],
    [{ networkId: 'a', x: 1 }, EXTRA],
  ]],
  ...['removeFixedIp', 'addFloatingIp', 'removeFloatingIp'].map((action) => [
    action, 43, [{ address: '192.0.2.7' }, { address: '2001:db8::7' }], [
      [{ address: 'x' }, "'x' is not a 'ipv4 or ipv6'"],
      [{}, MISSING('address')],
      [{ address: '192.0.2.7', x: 1 }, EXTRA],
    ],
  ] as const),
  ['addFloatingIp', 43, [{ address: '192.0.2.7', fixed_address: '10.0.0.7' }], [
    [{ address: '192.0.2.7', fixed_address: 'x' }, "'x' is not a 'ipv4 or ipv6'"],
  ]],
  ...['addSecurityGroup', 'removeSecurityGroup'].map((action) => [
    action, 90, [{ name: 'a' }, { name: long(255) }], [
      [{ name: '' }, "'' is too short"],
      [{ name: 7 }, "7 is not of type 'string'"],
      [{}, MISSING('name')],
      [{ name: 'a', x: 1 }, EXTRA],
      [null, NULL],
    ],
  ] as const),
]; // prettier-ignore

describe("actions: Nova's schemas", () => {
  const cloud = useCloud();
  const face = useFaces(cloud.service);
  /** Of a server that is not there: what is said of the form is said first. */
  const act = (body: object, minor: number) =>
    face.user.post(`/compute/v2.1/servers/${randomUUID()}/action`, body, at(minor));

  it.each(
    ACTIONS.flatMap(([action, minor, taken]) =>
      taken.map((args) => [minor, JSON.stringify({ [action]: args }), action, args] as const),
    ),
  )('404, not refused for its form at 2.%i: %s', async (minor, _shown, action, args) => {
    await act({ [action]: args }, minor).expect(404);
  });
  it.each(
    ACTIONS.flatMap(([action, minor, , refused]) =>
      refused.map(([args, words]) => [minor, JSON.stringify({ [action]: args }), words, action, args] as const),
    ),
  )('400 at 2.%i: %s: %s', async (minor, _shown, words, action, args) => {
    expect(refusedForm(await act({ [action]: args }, minor))).toContain(words);
  });
  it.each([
    ['os-getVNCConsole', { type: 'novnc' }, 1, 6],
    ['os-getSPICEConsole', { type: 'spice-html5' }, 1, 6],
    ['os-getSerialConsole', { type: 'serial' }, 1, 6],
    ['addFixedIp', { networkId: 'a' }, 1, 44],
    ['removeFixedIp', { address: '192.0.2.7' }, 1, 44],
    ['addFloatingIp', { address: '192.0.2.7' }, 1, 44],
    ['removeFloatingIp', { address: '192.0.2.7' }, 1, 44],
    ['trigger_crash_dump', null, 17, 'never'],
  ] as const)('404: %s %j is there from 2.%i on, until 2.%s', async (action, args, from, until) => {
    const gone = async (minor: number): Promise<boolean> =>
      ((await act({ [action]: args }, minor).expect(404)).body as { itemNotFound: { message: string } }).itemNotFound
        .message === 'The resource could not be found.';
    expect(await gone(from)).toBe(false);
    if (from > 1) expect(await gone(from - 1)).toBe(true);
    if (until !== 'never') {
      expect(await gone(until - 1)).toBe(false);
      expect(await gone(until)).toBe(true);
    }
  });
  it('202: below 2.73 the reason of a lock is passed over, as Nova does', async () => {
    const id = await cloud.build();
    const path = `/compute/v2.1/servers/${id}`;
    await face.user.post(`${path}/action`, { lock: { locked_reason: 'why' } }, at(72)).expect(202);
    expect((await face.user.get(path, at(73))).body).toMatchObject({ server: { locked: true, locked_reason: null } });
  });
  it('400: a server is unshelved where it was', async () => {
    const id = await cloud.build();
    const path = `/compute/v2.1/servers/${id}/action`;
    await face.user.post(path, { shelve: null }).expect(202);
    await cloud.work();
    const away = await face.user.post(path, { unshelve: { availability_zone: 'mars' } }, at(77)).expect(400);
    expect(away.body).toMatchObject({ badRequest: { message: 'The requested availability zone is not available' } });
    await face.user.post(path, { unshelve: { availability_zone: 'Region1' } }, at(77)).expect(202);
  });
});
