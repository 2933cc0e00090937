import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { FLAVOR, IMAGE, NETWORK } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';
import { useStorage } from '../volumes/volume-support.js';
import { useRoom } from './server-support.js';

const SERVERS = '/compute/v2.1/servers';
const LOCAL = { boot_index: 0, uuid: IMAGE, source_type: 'image', destination_type: 'local' };
const BLANK = { source_type: 'blank', destination_type: 'volume', volume_size: 1 };
const mapping = (sentence: string) => `Block Device Mapping is Invalid: ${sentence}`;
const SEQUENCE = mapping('Boot sequence for the instance and image/block device mapping combination is not valid.');

interface Attached {
  volumeId: string;
  device: string | null;
  tag: string | null;
  delete_on_termination: boolean;
}

describe('disks of a server that is created', () => {
  const storage = useStorage();
  const { service } = storage;
  const face = useFaces(service);
  useRoom(storage, face);
  const body = (devices: readonly object[], more: object = {}) => ({
    server: {
      name: 'vm',
      imageRef: IMAGE,
      flavorRef: FLAVOR,
      networks: [{ uuid: NETWORK }],
      block_device_mapping_v2: devices,
      ...more,
    },
  });
  const ask = async (devices: readonly object[], more: object = {}, version = 'compute 2.67'): Promise<string> => {
    const res = await face.user.post(SERVERS, body(devices, more), version);
    if (res.status !== 202) throw new Error(`${res.status} ${res.text}`);
    return (res.body as { server: { id: string } }).server.id;
  };
  const make = async (...args: Parameters<typeof ask>): Promise<string> => {
    const id = await ask(...args);
    await storage.work();
    return id;
  };
  const attached = async (id: string, as: FaceAs = face.user): Promise<Attached[]> =>
    (
      (await as.get(`${SERVERS}/${id}/os-volume_attachments`, 'compute 2.79').expect(200)).body as {
        volumeAttachments: Attached[];
      }
    ).volumeAttachments;
  const show = async (id: string) =>
    ((await face.user.get(`${SERVERS}/${id}`, 'compute 2.3').expect(200)).body as { server: Record<string, unknown> })
      .server;
  /** Whatever a create may write. */
  const state = async () =>
    (
      await sql(
        service.db,
        `select (select count(*) from instance) instances, (select count(*) from volume) volumes,
          (select count(*) from volume_attachment) attachments, (select count(*) from operation) operations,
          (select count(*) from port) ports, (select count(*) from server_record) records,
          (select string_agg(status, ',' order by id) from volume) statuses`,
      )
    )[0];
  const refused = async (devices: readonly object[], more: object = {}, version = 'compute 2.67') => {
    const before = await state();
    const res = await face.user.post(SERVERS, body(devices, more), version);
    expect(await state()).toEqual(before);
    return [res.status, Object.values(res.body as Record<string, { message: string }>)[0]?.message];
  };

  it('202: blank, of an image, of a snapshot and one that is there, in this order, as they were asked for', async () => {
    const [volume, origin] = [await storage.volume(), await storage.volume({ size: 2 })];
    const snapshot = await storage.snapshot(origin);
    const id = await make([
      LOCAL,
      { ...BLANK, volume_size: '3', delete_on_termination: true, tag: 'logs' },
      { uuid: IMAGE, source_type: 'image', destination_type: 'volume', volume_size: 2, boot_index: 1 },
      { uuid: snapshot, source_type: 'snapshot', destination_type: 'volume', boot_index: null },
      { uuid: volume, source_type: 'volume', boot_index: -1, device_name: 'vdx', delete_on_termination: 'false' },
    ]);
    const rows = await attached(id);
    expect(rows).toMatchObject([
      { tag: 'logs', device: '/dev/vdb', delete_on_termination: true },
      { tag: null, device: '/dev/vdc', delete_on_termination: false },
      { tag: null, device: '/dev/vdd', delete_on_termination: false },
      { tag: null, device: '/dev/vdx', delete_on_termination: false, volumeId: volume },
    ]);
    expect(await show(id)).toMatchObject({
      status: 'ACTIVE',
      image: { id: IMAGE },
      'os-extended-volumes:volumes_attached': rows.map((one) => ({
        id: one.volumeId,
        delete_on_termination: one.delete_on_termination,
      })),
    });
    const shown = await Promise.all(rows.map(({ volumeId }) => storage.show(volumeId, service.user)));
    expect(shown.map((one) => [one?.status, one?.size, one?.bootable])).toEqual([
      ['in-use', 3, false],
      ['in-use', 2, true],
      ['in-use', 2, false],
      ['in-use', 1, false],
    ]);
    for (const { volumeId } of rows) expect((await storage.simulated(volumeId))[0]?.machine_id).toBe(id);
  });
  it('204: the deletion takes those with it of which that was asked, and only those', async () => {
    const [goes, stays] = [await storage.volume(), await storage.volume()];
    const id = await make([
      LOCAL,
      { ...BLANK, delete_on_termination: true },
      BLANK,
      { uuid: goes, source_type: 'volume', delete_on_termination: true },
      { uuid: stays, source_type: 'volume' },
    ]);
    const ids = (await attached(id)).map(({ volumeId }) => volumeId);
    await face.user.delete(`${SERVERS}/${id}`).expect(204);
    await storage.work();
    expect(await Promise.all(ids.map((one) => storage.status(one)))).toEqual([
      undefined,
      'available',
      undefined,
      'available',
    ]);
  });
  it('202: the root disk is a volume with a tag, and has another beside it', async () => {
    const id = await make(
      [
        { ...LOCAL, destination_type: 'volume', volume_size: 2, delete_on_termination: true, tag: 'root' },
        { ...BLANK, tag: 'data' },
      ],
      { imageRef: '' },
    );
    expect(await attached(id)).toMatchObject([
      { tag: 'root', device: '/dev/vda', delete_on_termination: true },
      { tag: 'data', device: '/dev/vdb', delete_on_termination: false },
    ]);
    expect((await show(id)).image).toBe('');
  });
  it('202: several servers have disks of their own', async () => {
    const made = await face.user.post(SERVERS, body([LOCAL, BLANK], { min_count: 2 })).expect(202);
    const { id } = (made.body as { server: { id: string } }).server;
    await storage.work();
    const [row] = await sql<{ reservation_id: string }>(
      service.db,
      'select reservation_id from server_record where instance_id = $1',
      [id],
    );
    const volumes = await sql<{ volume_id: string }>(
      service.db,
      `select volume_id from volume_attachment a join server_record s using (instance_id)
      where reservation_id = $1 and state = 'attached'`,
      [row?.reservation_id],
    );
    expect(new Set(volumes.map((one) => one.volume_id)).size).toBe(2);
  });
  it('202: the type of a new volume, from 2.67 on', async () => {
    await sql(service.db, `insert into volume_type (id, region_id, name) values ($1, 'Region1', 'fast')`, [
      randomUUID(),
    ]);
    const id = await make([LOCAL, { ...BLANK, volume_type: 'fast' }]);
    const [one] = await attached(id);
    expect(await storage.show(one?.volumeId ?? '')).toMatchObject({ volume_type: 'fast' });
    expect(await refused([LOCAL, { ...BLANK, volume_type: 'fast' }], {}, 'compute 2.66')).toEqual([
      400,
      expect.stringContaining(`('volume_type' was unexpected)`),
    ]);
  });
  it('202 and 400: tags came with 2.32, were lost in 2.33 and are there again from 2.42 on', async () => {
    const devices = [LOCAL, { ...BLANK, tag: 'a' }];
    for (const minor of [32, 42]) await ask(devices, {}, `compute 2.${minor}`);
    for (const minor of [31, 33, 41])
      expect(await refused(devices, {}, `compute 2.${minor}`)).toEqual([
        400,
        expect.stringContaining(`('tag' was unexpected)`),
      ]);
    for (const tag of ['', 'a,b', 'a/b', 'x'.repeat(61)])
      expect((await refused([LOCAL, { ...BLANK, tag }]))[0]).toBe(400);
  });
  it('200: a volume is attached with a tag from 2.49 on', async () => {
    const [id, volume] = [await storage.build(), await storage.volume()];
    const wanted = { volumeAttachment: { volumeId: volume, tag: 'later' } };
    await face.user.post(`${SERVERS}/${id}/os-volume_attachments`, wanted, 'compute 2.48').expect(400);
    await face.user.post(`${SERVERS}/${id}/os-volume_attachments`, wanted, 'compute 2.49').expect(200);
    await storage.work();
    expect(await attached(id)).toMatchObject([{ volumeId: volume, tag: 'later' }]);
  });

  const volumeTo = (uuid: string) => ({ uuid, source_type: 'volume', destination_type: 'volume' });
  const NOBODY = randomUUID();
  it.each<[string, object[], object, string]>([
    ['an image and a disk without boot index', [BLANK], {}, SEQUENCE],
    ['no root disk', [{ ...BLANK, boot_index: 1 }], { imageRef: '' }, SEQUENCE],
    ['two root disks', [LOCAL, { ...BLANK, boot_index: 0 }], {}, SEQUENCE],
    ['a gap', [LOCAL, { ...BLANK, boot_index: 2 }], {}, SEQUENCE],
    ['an id of a blank disk', [LOCAL, { ...BLANK, uuid: NOBODY }], {}, mapping('Invalid device UUID.')],
    ['no id', [LOCAL, { source_type: 'volume' }], {}, mapping('Missing device UUID.')],
    [
      'a second local image',
      [LOCAL, { ...LOCAL, boot_index: 1 }],
      {},
      mapping('Mapping image to local is not supported.'),
    ],
    ['a local image without imageRef', [LOCAL], { imageRef: '' }, mapping('Mapping image to local is not supported.')],
    [
      'a type of a volume that is there',
      [LOCAL, { ...volumeTo(NOBODY), volume_type: 'a' }],
      {},
      mapping('Specifying volume type to existing volume is not supported.'),
    ],
    [
      'a type of a local disk',
      [{ ...LOCAL, volume_type: 'a' }],
      {},
      mapping('Specifying a volume_type with destination_type=local is not supported.'),
    ],
    [
      'a swap disk',
      [LOCAL, { ...BLANK, destination_type: 'local', guest_format: 'swap' }],
      {},
      mapping('swap and ephemeral disks are those of the flavor.'),
    ],
    [
      'a blank disk without size',
      [LOCAL, { ...BLANK, volume_size: null }],
      {},
      "Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size",
    ],
    [
      'an image on a volume without size',
      [LOCAL, { uuid: IMAGE, source_type: 'image', destination_type: 'volume' }],
      {},
      "Images with destination_type 'volume' need to have a non-zero size specified",
    ],
    ['a volume that is not there', [LOCAL, volumeTo(NOBODY)], {}, mapping(`failed to get volume ${NOBODY}.`)],
    ['a volume that is none', [LOCAL, volumeTo('data')], {}, mapping('failed to get volume data.')],
    [
      'a snapshot that is not there',
      [LOCAL, { uuid: NOBODY, source_type: 'snapshot' }],
      {},
      mapping(`failed to get snapshot ${NOBODY}.`),
    ],
    [
      'an image that is not there',
      [LOCAL, { uuid: NOBODY, source_type: 'image', destination_type: 'volume', volume_size: 1 }],
      {},
      mapping(`failed to get image ${NOBODY}.`),
    ],
    [
      'a root volume that is not there',
      [{ ...volumeTo(NOBODY), boot_index: 0 }],
      { imageRef: '' },
      mapping(`failed to get volume ${NOBODY}.`),
    ],
    ['a type that is not there', [LOCAL, { ...BLANK, volume_type: 'no' }], {}, 'Volume type no could not be found.'],
    [
      'one volume for several servers',
      [LOCAL, volumeTo(NOBODY)],
      { min_count: 2 },
      'Cannot attach one or more volumes to multiple instances',
    ],
    [
      'the name of the root disk',
      [LOCAL, { ...BLANK, device_name: 'vda' }],
      {},
      'The volume cannot be assigned the same device name as the root device vda',
    ],
    [
      'one name for two',
      [LOCAL, { ...BLANK, device_name: 'vdb' }, { ...BLANK, device_name: '/dev/vdb' }],
      {},
      'Another volume of the instance has this name.',
    ],
    ['a name that is none', [LOCAL, { ...BLANK, device_name: 'v d b' }], {}, 'Enter a name such as /dev/vdb.'],
  ])('400 and nothing is changed: %s', async (_what, devices, more, sentence) => {
    expect(await refused(devices, more)).toEqual([400, sentence]);
  });
  it.each<[string, object]>([
    ['boot_index', { boot_index: 'first' }],
    ['volume_size', { volume_size: 0 }],
    ['delete_on_termination', { delete_on_termination: 'perhaps' }],
    ['source_type', { source_type: 'disk' }],
    ['destination_type', { destination_type: 'moon' }],
    ['colour', { colour: 'red' }],
    ['device_name', { device_name: 'vdb\u0000' }],
  ])('400: %s of a wrong kind', async (_what, more) => {
    expect((await refused([LOCAL, { ...BLANK, ...more }]))[0]).toBe(400);
  });
  it("400: another project's volume and snapshot look absent", async () => {
    const volume = await storage.volume({}, service.otherClient);
    const snapshot = await storage.snapshot(volume);
    expect(await refused([LOCAL, volumeTo(volume)])).toEqual([400, mapping(`failed to get volume ${volume}.`)]);
    expect(await refused([LOCAL, { uuid: snapshot, source_type: 'snapshot' }])).toEqual([
      400,
      mapping(`failed to get snapshot ${snapshot}.`),
    ]);
  });
  it('400: a volume that another server has, and one that is named twice', async () => {
    const volume = await storage.volume();
    const twice = `Invalid volume: volume '${volume}' status must be 'available'. Currently in 'reserved'`;
    expect(await refused([LOCAL, volumeTo(volume), volumeTo(volume)])).toEqual([400, twice]);
    await sql(service.db, 'update volume set bootable = true where id = $1', [volume]);
    expect(await refused([{ ...volumeTo(volume), boot_index: 0 }, volumeTo(volume)], { imageRef: '' })).toEqual([
      400,
      twice,
    ]);
    await make([LOCAL, volumeTo(volume)]);
    expect(await refused([LOCAL, volumeTo(volume)])).toEqual([
      400,
      `Invalid volume: volume '${volume}' status must be 'available'. Currently in 'in-use'`,
    ]);
  });
  it('403: more disks than a server has', async () => {
    const many = Array.from({ length: 26 }, () => BLANK);
    expect(await refused([LOCAL, ...many])).toEqual([403, 'An instance has at most 25 volumes.']);
  });
  it('403: the quota does not allow the volumes', async () => {
    expect(await refused([LOCAL, BLANK, { ...BLANK, volume_size: 900_000 }])).toEqual([
      403,
      expect.stringMatching(/quota.*gigabytes/i),
    ]);
  });
  it('403: a suspended client', async () => {
    await sql(service.db, `update client set hold = 'suspended' where id = $1`, [service.ownClient]);
    expect((await refused([LOCAL, BLANK]))[0]).toBe(403);
    await sql(service.db, 'update client set hold = null where id = $1', [service.ownClient]);
  });
  it('a disk that can not be made: the server is in error, and nothing is left when it is deleted', async () => {
    const volume = await storage.volume();
    const id = await ask([LOCAL, { ...BLANK, delete_on_termination: true }, BLANK, volumeTo(volume)]);
    const [, second] = (await attached(id)).map(({ volumeId }) => volumeId);
    await sql(service.db, `update volume set name = name || ' sim:fail=volume' where id = $1`, [second]);
    await storage.work();
    expect(await show(id)).toMatchObject({ status: 'ERROR' });
    const ids = (await attached(id)).map(({ volumeId }) => volumeId);
    expect(ids).toHaveLength(3);
    await face.user.delete(`${SERVERS}/${id}`).expect(204);
    await storage.work();
    expect(await sql(service.db, 'select 1 from volume_attachment where instance_id = $1', [id])).toEqual([]);
    expect(await Promise.all(ids.map((one) => storage.status(one)))).toEqual([undefined, 'error', 'available']);
  });
});
