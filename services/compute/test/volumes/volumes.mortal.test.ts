import { sql } from '@nefos/service-kit';
import { runStorage } from '../../src/volumes/domain/run.js';
import { runOperation } from '../../src/operations/domain/run.js';
import { settleVolumes } from '../../src/volumes/domain/settle.js';
import { IMAGE } from '../cloud-support.js';
import { Died, mortal } from '../operations/mortal.js';
import { BACKUPS, SNAPSHOTS, useStorage, VOLUMES, type Storage } from './volume-support.js';

const signal = new AbortController().signal;
/** What the test has to begin with. */
interface Things {
  volume: string;
  instance: string;
  snapshot: string;
  backup: string;
}
interface Case {
  /** Made before: each of them, if it is named. */
  needs: readonly ('instance' | 'snapshot' | 'backup' | 'attached')[];
  method?: 'delete';
  ask: (things: Things, client: number) => [path: string, body?: object];
  /** Status of the volume, and what the simulator has of it in the end. */
  ends: string | undefined;
  size?: number;
  machine?: boolean;
  restores?: number;
  /** Snapshots, backups and images in the end. */
  snapshots?: number;
  backups?: number;
  images?: number;
}
const at = (path: string) => `/staffapi/openstack/instances/${path}`;
const CASES: Record<string, Case> = {
  'volume.create': {
    needs: [],
    ask: (_things, client) => [VOLUMES, { region: 'Region1', name: 'new', size: 1, client }],
    ends: 'available',
  },
  'volume.delete': { needs: [], method: 'delete', ask: ({ volume }) => [`${VOLUMES}/${volume}`], ends: undefined },
  'volume.extend': {
    needs: [],
    ask: ({ volume }) => [`${VOLUMES}/${volume}/extend`, { size: 7 }],
    ends: 'available',
    size: 7,
  },
  'volume.extend of an attached one': {
    needs: ['instance', 'attached'],
    ask: ({ volume }) => [`${VOLUMES}/${volume}/extend`, { size: 7 }],
    ends: 'in-use',
    size: 7,
    machine: true,
  },
  'volume.attach': {
    needs: ['instance'],
    ask: ({ volume, instance }) => [at(`${instance}/attach-volume`), { volume }],
    ends: 'in-use',
    machine: true,
  },
  'volume.detach': {
    needs: ['instance', 'attached'],
    ask: ({ volume, instance }) => [at(`${instance}/detach_volume`), { volume }],
    ends: 'available',
  },
  'volume.upload': {
    needs: [],
    ask: ({ volume }) => [`${VOLUMES}/${volume}/upload_to_image`, { name: 'image' }],
    ends: 'available',
    images: 1,
  },
  'volume.revert': {
    needs: ['snapshot'],
    ask: ({ volume, snapshot }) => [`${VOLUMES}/${volume}/revert_to_snapshot`, { snapshot }],
    ends: 'available',
    restores: 1,
    snapshots: 1,
  },
  'volume.restore': {
    needs: ['backup'],
    ask: ({ volume, backup }) => [`${BACKUPS}/${backup}/restore`, { volume }],
    ends: 'available',
    restores: 1,
    backups: 1,
  },
  'volumesnapshot.create': {
    needs: [],
    ask: ({ volume }) => [SNAPSHOTS, { volume, name: 'snap' }],
    ends: 'available',
    snapshots: 1,
  },
  'volumesnapshot.delete': {
    needs: ['snapshot'],
    method: 'delete',
    ask: ({ snapshot }) => [`${SNAPSHOTS}/${snapshot}`],
    ends: 'available',
  },
  'volumebackup.create': {
    needs: ['backup'],
    ask: ({ volume }) => [BACKUPS, { volume, name: 'backup', incremental: true }],
    ends: 'available',
    backups: 2,
  },
  'volumebackup.delete': {
    needs: ['backup'],
    method: 'delete',
    ask: ({ backup }) => [`${BACKUPS}/${backup}`],
    ends: 'available',
  },
};

const prepare = async (cloud: Storage, needs: Case['needs'], client: number): Promise<Things> => {
  const volume = await cloud.volume({}, client);
  const instance = needs.includes('instance') ? await cloud.build({}, client) : '';
  if (needs.includes('attached')) await cloud.attach(instance, volume);
  return {
    volume,
    instance,
    snapshot: needs.includes('snapshot') ? await cloud.snapshot(volume) : '',
    backup: needs.includes('backup') ? await cloud.backup(volume) : '',
  };
};
const dying = async (work: Promise<unknown>): Promise<void> => {
  await work.catch((err: unknown) => {
    if (!(err instanceof Died)) throw err;
  });
};

describe('a process that dies while it works on a volume', () => {
  const cloud = useStorage();
  const { service } = cloud;
  const count = async (table: string, column: string, id: string): Promise<number> =>
    (await sql(service.db, `select 1 from ${table} where ${column} = $1`, [id])).length;
  /** How many there are in the portal and at the simulator, in that order. */
  const both = async (kind: 'snapshot' | 'backup', volume: string): Promise<[number, number]> => [
    (await sql(service.db, `select 1 from volume_${kind} where volume_id = $1 and status = 'available'`, [volume]))
      .length,
    (await sql(service.db, `select 1 from sim_volume where volume_id = $1 and kind = $2 and not goes`, [volume, kind]))
      .length,
  ];

  for (const when of ['before', 'after'] as const)
    it.each(Object.entries(CASES))(
      `%s: dies ${when} each of its steps, and ends once, as wanted`,
      async (name, one) => {
        for (let n = 1; ; n += 1) {
          const client = await service.seedClient();
          const things = await prepare(cloud, one.needs, client);
          const [path, body] = one.ask(things, client);
          const res = await service.staff[one.method ?? 'post'](path, body);
          expect([name, res.status < 300, res.text]).toEqual([name, true, res.text]);
          const operation = String(res.headers['x-operation-id']);
          const volume = name === 'volume.create' ? (res.body as { id: string }).id : things.volume;
          const { ctx, died } = mortal(service.ctx, n, when);
          await dying(runStorage(ctx, operation, signal));
          const survived = !died();
          await cloud.work();
          const [simulated] = await cloud.simulated(volume);
          const snapshots = await both('snapshot', volume);
          const backups = await both('backup', volume);
          expect({ n, status: await cloud.status(volume), there: simulated !== undefined }).toEqual({
            n,
            status: one.ends,
            there: one.ends !== undefined,
          });
          expect([n, snapshots, backups]).toEqual([
            n,
            [one.snapshots ?? 0, one.snapshots ?? 0],
            [one.backups ?? 0, one.backups ?? 0],
          ]);
          expect([n, await count('image', 'volume_id', volume), await count('sim_image', 'portal_id', volume)]).toEqual(
            [n, one.images ?? 0, one.images ?? 0],
          );
          if (simulated) {
            expect([n, simulated.size_gb, simulated.machine_id]).toEqual([
              n,
              one.size ?? 1,
              one.machine ? things.instance : null,
            ]);
            // Content is put back once or more, which is the same.
            expect([n, simulated.restores > 0]).toEqual([n, (one.restores ?? 0) > 0]);
          }
          expect(await count('volume_attachment', 'volume_id', volume)).toBe(one.machine ? 1 : 0);
          expect((await service.staff.get(`/staffapi/operations/${operation}`).expect(200)).body).toMatchObject({
            status: 'completed',
            error: null,
          });
          if (survived) {
            // Else the steps were not counted, and nothing died.
            expect([name, n > 6]).toEqual([name, true]);
            return;
          }
        }
      },
      120_000,
    );

  it.each(['before', 'after'] as const)('an instance that ends frees its volumes, dying %s each step', async (when) => {
    for (let n = 1; ; n += 1) {
      const client = await service.seedClient();
      const boot = { source_type: 'image', source_id: IMAGE, create_new_volume: true, delete_on_termination: true };
      const instance = await cloud.build({ boot_source: boot }, client);
      const data = await cloud.volume({}, client);
      await cloud.attach(instance, data);
      await service.staff.delete(at(instance)).expect(200);
      await sql(
        service.db,
        `update instance set vm_state = 'deleted', task_state = null, terminated_at = now() where id = $1`,
        [instance],
      );
      await sql(service.db, 'delete from sim_machine where portal_id = $1', [instance]);
      await sql(service.db, 'delete from graphile_worker._private_jobs');
      const { ctx, died } = mortal(service.ctx, n, when);
      await dying(settleVolumes(ctx, instance));
      await service.sweep('volumes.orphans');
      await cloud.work();
      expect([n, await cloud.status(data), (await cloud.simulated(data))[0]?.machine_id]).toEqual([
        n,
        'available',
        null,
      ]);
      expect([n, await sql(service.db, 'select status from volume where client_id = $1', [client])]).toEqual([
        n,
        [{ status: 'available' }],
      ]);
      if (!died()) {
        expect(n > 4).toBe(true);
        return;
      }
    }
  });
  it.each(['before', 'after'] as const)(
    'an instance that is built has its volumes, dying %s each step',
    async (when) => {
      for (let n = 1; ; n += 1) {
        const client = await service.seedClient();
        const boot = { source_type: 'image', source_id: IMAGE, create_new_volume: true };
        const { id, operation } = await cloud.ask({ boot_source: boot }, client);
        const [made] = await sql<{ id: string }>(
          service.db,
          `select id from operation where type = 'volume.create' and client_id = $1`,
          [client],
        );
        const { ctx, died } = mortal(service.ctx, n, when);
        await dying(runStorage(ctx, made?.id ?? '', signal).then(() => runOperation(ctx, operation, signal)));
        await cloud.work();
        expect((await service.staff.get(at(id)).expect(200)).body).toMatchObject({
          status: 'active',
          volumes: [{ status: 'in-use', boot: true, device: '/dev/vda' }],
        });
        expect(await sql(service.db, 'select boots from sim_machine where portal_id = $1', [id])).toEqual([
          { boots: 1 },
        ]);
        expect(await sql(service.db, 'select 1 from sim_volume where machine_id = $1', [id])).toHaveLength(1);
        if (!died()) {
          expect(n > 10).toBe(true);
          return;
        }
      }
    },
  );
});
