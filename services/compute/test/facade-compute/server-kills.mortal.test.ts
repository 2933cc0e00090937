import { randomUUID } from 'node:crypto';
import { createMetrics, sql } from '@nefos/service-kit';
import request from 'supertest';
import { buildApp } from '../../src/app.js';
import { runOperation } from '../../src/operations/domain/run.js';
import { runStorage } from '../../src/volumes/domain/run.js';
import { settleVolumes } from '../../src/volumes/domain/settle.js';
import { FLAVOR, IMAGE, NETWORK } from '../cloud-support.js';
import { useFaces } from '../facade/face-support.js';
import { Died, mortal } from '../operations/mortal.js';
import { useStorage } from '../volumes/volume-support.js';
import { useRoom } from './server-support.js';

const SERVERS = '/compute/v2.1/servers';
const signal = new AbortController().signal;
type Answer = { status: number; body: { server?: { id: string } } };

describe('a process that dies while it makes servers for an OpenStack client', () => {
  const storage = useStorage();
  const { service } = storage;
  const face = useFaces(service);
  useRoom(storage, face);
  const body = (name: string, snapshot: string, more: object = {}) => ({
    server: {
      name,
      imageRef: IMAGE,
      flavorRef: FLAVOR,
      networks: [{ uuid: NETWORK }, { uuid: NETWORK }],
      block_device_mapping_v2: [
        { boot_index: 0, uuid: IMAGE, source_type: 'image', destination_type: 'local' },
        { source_type: 'blank', destination_type: 'volume', volume_size: 1, delete_on_termination: true },
        { uuid: snapshot, source_type: 'snapshot', destination_type: 'volume' },
      ],
      ...more,
    },
  });
  /** What there is of the servers with this name, in the portal and at the simulator. */
  const there = async (name: string) => {
    const [row] = await sql<Record<string, number>>(
      service.db,
      `with i as (select id, vm_state from instance where name = $1 or name like $1 || '-%')
      select (select count(*) from i)::int servers, (select count(*) from i where vm_state = 'active')::int active,
        (select count(*) from server_record where instance_id in (select id from i))::int records,
        (select count(*) from port where instance_id in (select id from i))::int ports,
        (select count(*) from volume where name like $1 || '%')::int volumes,
        (select count(*) from volume_attachment where state = 'attached'
          and instance_id in (select id from i))::int attached,
        (select count(*) from sim_machine where portal_id in (select id from i))::int machines,
        (select coalesce(sum(boots), 0) from sim_machine where portal_id in (select id from i))::int boots,
        (select count(*) from sim_volume where machine_id in (select id from i))::int disks`,
      [name],
    );
    return row;
  };
  const set = (servers: number) => ({
    servers,
    active: servers,
    records: servers,
    ports: 2 * servers,
    volumes: 2 * servers,
    attached: 2 * servers,
    machines: servers,
    boots: servers,
    disks: 2 * servers,
  });

  it.each(['before', 'after'] as const)(
    'dies %s each step of the request, which is sent again meanwhile and afterwards: one set of servers',
    async (when) => {
      const snapshot = await storage.snapshot(await storage.volume());
      for (let n = 1; ; n += 1) {
        const name = `${when}${n}x`;
        const sent = body(name, snapshot, { min_count: 2, max_count: 3 });
        const post = async (app: typeof service.app): Promise<Answer> => {
          const res = await request(app)
            .post(SERVERS)
            .set('X-Auth-Token', face.user.token ?? '')
            .set('OpenStack-API-Version', 'compute 2.67')
            .set('Idempotency-Key', name)
            .send(sent);
          return { status: res.status, body: res.body as Answer['body'] };
        };
        const { ctx, died } = mortal(service.ctx, n, when);
        const [dying, meanwhile] = await Promise.all([
          post(buildApp({ ...ctx, metrics: createMetrics('compute', false) })),
          post(service.app),
        ]);
        expect([n, meanwhile.status === 202 || meanwhile.status === 409, meanwhile]).toEqual([n, true, meanwhile]);
        const again = await post(service.app);
        expect([n, again.status]).toEqual([n, 202]);
        for (const one of [meanwhile, ...(died() ? [] : [dying])])
          if (one.status === 202) expect(one.body.server?.id).toBe(again.body.server?.id);
        expect((await post(service.app)).body).toEqual(again.body);
        await storage.work();
        expect({ n, ...(await there(name)) }).toEqual({ n, ...set(3) });
        if (!died()) {
          // Else the steps were not counted, and nothing died.
          expect(n).toBeGreaterThan(3);
          return;
        }
      }
    },
    120_000,
  );
  it.each(['before', 'after'] as const)(
    'dies %s each step of the work, and its jobs are lost: the server has its disks, once',
    async (when) => {
      const snapshot = await storage.snapshot(await storage.volume());
      for (let n = 1; ; n += 1) {
        const name = `job${when}${n}x`;
        const res = await face.user.post(SERVERS, body(name, snapshot), 'compute 2.67').expect(202);
        const { id } = (res.body as { server: { id: string } }).server;
        const operations = await sql<{ id: string; type: string }>(
          service.db,
          `select id, type from operation where instance_id = $1
            or params ->> 'volume' in (select volume_id::text from volume_attachment where instance_id = $1)`,
          [id],
        );
        const made = operations.filter(({ type }) => type === 'volume.create').map((one) => one.id);
        const build = operations.find(({ type }) => type !== 'volume.create')?.id ?? '';
        expect([n, made.length]).toEqual([n, 2]);
        const { ctx, died } = mortal(service.ctx, n, when);
        const work = async () => {
          for (const one of made) await runStorage(ctx, one, signal);
          await runOperation(ctx, build, signal);
          await settleVolumes(ctx, id);
        };
        await work().catch((err: unknown) => {
          if (!(err instanceof Died)) throw err;
        });
        await sql(service.db, 'delete from graphile_worker._private_jobs');
        await sql(service.db, `update operation set next_check_at = now() where status in ('pending', 'running')`);
        for (const sweep of ['instances.stuck', 'volumes.stuck']) await service.sweep(sweep);
        await storage.work();
        await service.sweep('volumes.stuck');
        await storage.work();
        expect({ n, ...(await there(name)) }).toEqual({ n, ...set(1) });
        if (!died()) {
          expect(n).toBeGreaterThan(15);
          return;
        }
      }
    },
    120_000,
  );
  it('a create that is refused at its last disk leaves nothing, also with a key', async () => {
    const snapshot = await storage.snapshot(await storage.volume());
    const sent = body('none', snapshot);
    sent.server.block_device_mapping_v2.push({ uuid: randomUUID(), source_type: 'volume', destination_type: 'volume' });
    const post = () => face.user.post(SERVERS, sent, 'compute 2.67').set('Idempotency-Key', 'refused').expect(400);
    const [first, second] = [await post(), await post()];
    expect(second.body).toEqual(first.body);
    expect(await there('none')).toEqual(set(0));
    expect(await sql(service.db, `select 1 from idempotency_key where key = 'refused'`)).toEqual([]);
  });
});
