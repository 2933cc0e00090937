import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { useFaces, type FaceAs } from '../facade/face-support.js';
import { useStorage } from '../volumes/volume-support.js';

const V = '/volume/v3';
const NEWEST = 'volume 3.67';
const VOLUME = [
  'creating',
  'available',
  'reserved',
  'attaching',
  'detaching',
  'in-use',
  'maintenance',
  'deleting',
  'error',
  'error_deleting',
  'error_extending',
  'extending',
  'uploading',
  'backing-up',
  'restoring-backup',
] as const;
const COPY = ['creating', 'available', 'deleting', 'error', 'restoring'] as const;
const ATTACHMENT = ['reserved', 'attaching', 'attached', 'detaching'] as const;
type Table = 'volume' | 'volume_snapshot' | 'volume_backup' | 'volume_attachment';

interface Row {
  what: string;
  states: readonly string[];
  /** States in which it is done. */
  from: readonly string[];
  done: number;
  /** What it is in any other. */
  refused: number;
  ask: (id: string) => Promise<number>;
  table: Table;
}
const RESTING = ['available', 'error', 'error_deleting', 'error_extending'];
/** Of what is being deleted it is the same deletion. */
const DELETABLE = [...RESTING, 'deleting'];

describe('states in which the block storage API does what it is asked', () => {
  const cloud = useStorage();
  const face = useFaces(cloud.service);
  const own: Record<string, string> = {};

  beforeAll(async () => {
    const quota = { volumes: -1, gigabytes: -1, snapshots: -1, backups: -1 };
    await face.staff.put(`${V}/os-quota-sets/${face.project}`, { quota_set: quota }).expect(200);
    own.volume = await cloud.volume();
    own.volume_snapshot = await cloud.snapshot(own.volume);
    own.volume_backup = await cloud.backup(own.volume);
    own.server = await cloud.build();
    own.used = await cloud.volume();
    await cloud.attach(own.server, own.used);
    const { db } = cloud.service;
    const [row] = await sql<{ id: string }>(db, 'select id from volume_attachment where volume_id = $1', [own.used]);
    own.volume_attachment = row?.id ?? '';
  });
  /** Another one like ours, in a state. No job has to do with it. @returns its id */
  const copyOf = async (table: Table, changes: Record<string, string>): Promise<string> => {
    const id = randomUUID();
    const { db } = cloud.service;
    const columns = await sql<{ name: string }>(
      db,
      `select attname name from pg_attribute where attrelid = $1::regclass and attnum > 0 and attgenerated = ''
      and not attisdropped`,
      [table],
    );
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    await sql(
      db,
      `insert into ${table} (${names}) select ${names} from jsonb_populate_record(null::${table},
      (select to_jsonb(x) from ${table} x where id = $1) || $2::jsonb)`,
      [own[table], JSON.stringify({ id, ...changes })],
    );
    return id;
  };
  const status = async (test: ReturnType<FaceAs['get']>): Promise<number> => (await test).status;
  const act =
    (body: object, { as = () => face.user, version = NEWEST }: { as?: () => FaceAs; version?: string } = {}) =>
    (id: string) =>
      status(as().post(`${V}/volumes/${id}/action`, body, version));
  const staff = { as: () => face.staff };
  const onVolume = (what: string, ask: Row['ask'], from: readonly string[], done = 202, refused = 400): Row => ({
    what,
    states: VOLUME,
    from,
    done,
    refused,
    ask,
    table: 'volume',
  });
  const onCopy = (table: 'volume_snapshot' | 'volume_backup') => {
    const things = table === 'volume_snapshot' ? 'snapshots' : 'backups';
    const word = things.slice(0, -1);
    const row = (what: string, ask: Row['ask'], from: readonly string[], done = 202, refused = 400): Row => ({
      what: `${what} of a ${word}`,
      states: COPY,
      from,
      done,
      refused,
      ask,
      table,
    });
    return {
      row,
      rows: [
        row('show', (id) => status(face.user.get(`${V}/${things}/${id}`, NEWEST)), COPY, 200),
        row(
          'change',
          (id) => status(face.user.put(`${V}/${things}/${id}`, { [word]: { name: 'n' } }, NEWEST)),
          COPY,
          200,
        ),
        row('delete', (id) => status(face.user.delete(`${V}/${things}/${id}`, NEWEST)), [
          'available',
          'error',
          'deleting',
        ]),
        row(
          'reset',
          (id) =>
            status(face.staff.post(`${V}/${things}/${id}/action`, { 'os-reset_status': { status: 'error' } }, NEWEST)),
          ['available', 'error'],
        ),
        row('volume', (id) => status(face.user.post(`${V}/volumes`, { volume: { [`${word}_id`]: id } }, NEWEST)), [
          'available',
        ]),
      ],
    };
  };
  const snapshots = onCopy('volume_snapshot');
  const backups = onCopy('volume_backup');
  const onAttachment = (what: string, ask: Row['ask'], from: readonly string[], done: number): Row => ({
    what,
    states: ATTACHMENT,
    from,
    done,
    refused: 400,
    ask,
    table: 'volume_attachment',
  });

  const table: Row[] = [
    onVolume('show', (id) => status(face.user.get(`${V}/volumes/${id}`, NEWEST)), VOLUME, 200),
    onVolume(
      'change',
      (id) => status(face.user.put(`${V}/volumes/${id}`, { volume: { name: 'n' } }, NEWEST)),
      VOLUME,
      200,
    ),
    onVolume(
      'metadata',
      (id) => status(face.user.put(`${V}/volumes/${id}/metadata`, { metadata: { a: 'b' } }, NEWEST)),
      VOLUME,
      200,
    ),
    onVolume('os-set_bootable', act({ 'os-set_bootable': { bootable: true } }), VOLUME, 200),
    onVolume('os-set_image_metadata', act({ 'os-set_image_metadata': { metadata: { a: 'b' } } }), VOLUME, 200),
    onVolume('delete', (id) => status(face.user.delete(`${V}/volumes/${id}`, NEWEST)), DELETABLE),
    onVolume(
      'delete with snapshots',
      (id) => status(face.user.delete(`${V}/volumes/${id}?cascade=true`, NEWEST)),
      DELETABLE,
    ),
    onVolume('os-force_delete', act({ 'os-force_delete': {} }, staff), DELETABLE),
    onVolume('os-extend', act({ 'os-extend': { new_size: 2 } }), ['available', 'in-use', 'error_extending']),
    onVolume('os-extend before 3.42', act({ 'os-extend': { new_size: 2 } }, { version: 'volume 3.41' }), [
      'available',
      'error_extending',
    ]),
    onVolume('os-volume_upload_image', act({ 'os-volume_upload_image': { image_name: 'i' } }), ['available']),
    onVolume('os-volume_upload_image by force', act({ 'os-volume_upload_image': { image_name: 'i', force: true } }), [
      'available',
      'in-use',
    ]),
    onVolume('os-attach', (id) => act({ 'os-attach': { instance_uuid: own.server, mountpoint: '/dev/vdx' } })(id), [
      'available',
    ]),
    onVolume(
      'attachment',
      (id) =>
        status(
          face.user.post(`${V}/attachments`, { attachment: { volume_uuid: id, instance_uuid: own.server } }, NEWEST),
        ),
      ['available'],
      200,
    ),
    onVolume('os-detach of what is not attached', act({ 'os-detach': {} }), []),
    onVolume('os-retype', act({ 'os-retype': { new_type: 'x' } }), []),
    onVolume('os-reset_status', act({ 'os-reset_status': { status: 'error' } }, staff), [...RESTING, 'in-use']),
    onVolume('snapshot', (id) => status(face.user.post(`${V}/snapshots`, { snapshot: { volume_id: id } }, NEWEST)), [
      'available',
      'in-use',
    ]),
    onVolume(
      'snapshot before 3.66',
      (id) => status(face.user.post(`${V}/snapshots`, { snapshot: { volume_id: id } }, 'volume 3.65')),
      ['available'],
    ),
    onVolume('backup', (id) => status(face.user.post(`${V}/backups`, { backup: { volume_id: id } }, NEWEST)), [
      'available',
    ]),
    onVolume(
      'backup by force',
      (id) => status(face.user.post(`${V}/backups`, { backup: { volume_id: id, force: true } }, NEWEST)),
      ['available', 'in-use'],
    ),
    onVolume('volume of it', (id) => status(face.user.post(`${V}/volumes`, { volume: { source_volid: id } }, NEWEST)), [
      'available',
      'in-use',
    ]),
    onVolume(
      'restore',
      async (id) => {
        const backup = await copyOf('volume_backup', { status: 'available' });
        return status(face.user.post(`${V}/backups/${backup}/restore`, { restore: { volume_id: id } }, NEWEST));
      },
      ['available', 'error'],
    ),
    onVolume(
      'revert',
      async (id) => act({ revert: { snapshot_id: await copyOf('volume_snapshot', { volume_id: id }) } })(id),
      ['available'],
      202,
      409,
    ),
    ...snapshots.rows,
    snapshots.row(
      'revert',
      async (id) => {
        const volume = await copyOf('volume', { status: 'available' });
        await sql(cloud.service.db, 'update volume_snapshot set volume_id = $2 where id = $1', [id, volume]);
        return act({ revert: { snapshot_id: id } })(volume);
      },
      ['available'],
      202,
      409,
    ),
    ...backups.rows,
    backups.row('restore', (id) => status(face.user.post(`${V}/backups/${id}/restore`, { restore: {} }, NEWEST)), [
      'available',
    ]),
    onAttachment('show', (id) => status(face.user.get(`${V}/attachments/${id}`, NEWEST)), ATTACHMENT, 200),
    onAttachment(
      'os-complete',
      (id) => status(face.user.post(`${V}/attachments/${id}/action`, { 'os-complete': {} }, NEWEST)),
      ['attached'],
      204,
    ),
    onAttachment(
      'connector',
      (id) => status(face.user.put(`${V}/attachments/${id}`, { attachment: { connector: { a: 'b' } } }, NEWEST)),
      [],
      200,
    ),
  ];

  it.each(table)('$done or $refused: $what', async ({ states, from, done, refused, ask, table: kind }) => {
    const found: Record<string, number> = {};
    const wanted: Record<string, number> = {};
    for (const state of states) {
      if (kind === 'volume_attachment') {
        await sql(cloud.service.db, 'update volume_attachment set state = $2 where id = $1', [own[kind], state]);
        found[state] = await ask(own[kind] ?? '');
        await sql(cloud.service.db, `update volume_attachment set state = 'attached' where id = $1`, [own[kind]]);
      } else found[state] = await ask(await copyOf(kind, { status: state }));
      wanted[state] = from.includes(state) ? done : refused;
    }
    expect(found).toEqual(wanted);
  });
});
