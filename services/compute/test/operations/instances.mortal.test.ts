import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { runOperation } from '../../src/operations/domain/run.js';
import { IMAGE, useCloud } from '../cloud-support.js';
import { Died, mortal } from './mortal.js';

const signal = new AbortController().signal;
const LARGE = randomUUID();
const ISO = randomUUID();

interface Case {
  /** Brought about before, in order. */
  first?: [action: string, body?: object][];
  body?: object;
  ends: string;
  /** How often the machine has booted in the end. */
  boots: number;
  /** Events for metering. */
  facts: string[];
  /** Images that the simulator and the portal have of it. */
  images?: number;
  host?: string;
}
const ON = 'power_on';
const OFF = 'power_off';
const CHANGE = 'attribute_change';
const CASES: Record<string, Case> = {
  resize: { body: { flavor: LARGE }, ends: 'resized', boots: 2, facts: [ON, CHANGE] },
  'confirm-resize': { first: [['resize', { flavor: LARGE }]], ends: 'active', boots: 2, facts: [ON, CHANGE] },
  'revert-resize': { first: [['resize', { flavor: LARGE }]], ends: 'active', boots: 3, facts: [ON, CHANGE, CHANGE] },
  rescue: { body: {}, ends: 'rescued', boots: 2, facts: [ON] },
  boot_from_iso: { body: { image: ISO }, ends: 'rescued', boots: 2, facts: [ON] },
  unrescue: { first: [['rescue', {}]], ends: 'active', boots: 3, facts: [ON] },
  rebuild: { body: { image: IMAGE, root_password: 'secret' }, ends: 'active', boots: 2, facts: [ON] },
  create_snapshot: { body: { name: 'one' }, ends: 'active', boots: 1, facts: [ON], images: 1 },
  create_backup: {
    first: [['create_backup', { backup_type: 'daily', rotation: 1 }]],
    body: { backup_type: 'daily', rotation: 1 },
    ends: 'active',
    boots: 1,
    facts: [ON],
    images: 1,
  },
  'change-password': { body: { password: 'secret' }, ends: 'active', boots: 1, facts: [ON] },
  migrate: { body: {}, ends: 'resized', boots: 2, facts: [ON], host: 'Region1-compute-2.fleio.org' },
  'migrate live': { body: { live: true }, ends: 'active', boots: 1, facts: [ON], host: 'Region1-compute-2.fleio.org' },
  shelve: { ends: 'shelved_offloaded', boots: 1, facts: [ON, OFF] },
  unshelve: { first: [['shelve']], ends: 'active', boots: 2, facts: [ON, OFF, ON] },
};

describe('a process that dies during an action', () => {
  const cloud = useCloud();
  const { service } = cloud;
  beforeAll(async () => {
    await sql(
      service.db,
      `insert into flavor (id, region_id, name, vcpus, memory_mb, root_gb) values ($1, 'Region1', 'large', 2, 512, 2)`,
      [LARGE],
    );
    await sql(
      service.db,
      `insert into image (id, region_id, name, visibility, status, type, disk_format)
      values ($1, 'Region1', 'installer', 'public', 'active', 'iso', 'iso')`,
      [ISO],
    );
  });
  const act = async (id: string, name: string, body?: object): Promise<string> => {
    const res = await cloud.act(id, name.split(' ')[0] as string, body).expect(200);
    return String(res.headers['x-operation-id']);
  };
  const outcome = async (id: string) => {
    const row = await cloud.row<{ vm_state: string; task_state: string | null; host_name: string | null }>(id);
    const images = await sql<{ status: string }>(service.db, 'select status from image where instance_id = $1', [id]);
    const made = await sql(service.db, 'select 1 from sim_image where portal_id = $1', [id]);
    return {
      state: [row.vm_state, row.task_state],
      machines: await cloud.machines(id),
      facts: (await cloud.events(id)).map((one) => one.type.replace('instance.', '')),
      images: images.map((one) => one.status),
      made: made.length,
      secrets: (await sql(service.db, 'select 1 from operation_secret')).length,
      host: row.host_name,
    };
  };

  for (const when of ['before', 'after'] as const)
    it.each(Object.entries(CASES))(
      `%s: dies ${when} each of its steps, and ends once, as wanted`,
      async (name, { first = [], body, ends, boots, facts, images = 0, host }) => {
        for (let n = 1; ; n += 1) {
          const id = await cloud.build({}, await service.seedClient());
          for (const [action, given] of first) {
            await act(id, action, given);
            await cloud.work();
          }
          const operation = await act(id, name, body);
          const { ctx, died } = mortal(service.ctx, n, when);
          await runOperation(ctx, operation, signal).catch((err: unknown) => {
            if (!(err instanceof Died)) throw err;
          });
          const survived = !died();
          await cloud.work();
          const found = await outcome(id);
          expect({ n, ...found }).toEqual({
            n,
            state: [ends, null],
            machines: [{ boots }],
            facts,
            images: Array.from({ length: images }, () => 'active'),
            made: images,
            secrets: 0,
            host: host ?? (ends === 'shelved_offloaded' ? null : found.host),
          });
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
      60_000,
    );

  it('abort-migrate: dies at each of its steps; the machine stays on its host, the migration is canceled', async () => {
    for (const when of ['before', 'after'] as const)
      for (let n = 1; ; n += 1) {
        const id = await cloud.build({}, await service.seedClient());
        const before = (await outcome(id)).host;
        await sql(service.db, `update sim_machine set name = 'vm sim:delay_ms=600000' where portal_id = $1`, [id]);
        const migration = await act(id, 'migrate', { live: true });
        await service.ctx.drivers
          .of('Region1')
          .migrate?.({ portalId: id, backendId: null }, { live: true, host: null });
        const operation = await act(id, 'abort-migrate');
        const { ctx, died } = mortal(service.ctx, n, when);
        await runOperation(ctx, operation, signal).catch((err: unknown) => {
          if (!(err instanceof Died)) throw err;
        });
        await cloud.work();
        expect(await outcome(id)).toMatchObject({ state: ['active', null], host: before, machines: [{ boots: 1 }] });
        expect((await service.staff.get(`/staffapi/operations/${migration}`)).body.status).toBe('canceled');
        if (!died()) {
          expect([when, n > 6]).toEqual([when, true]);
          break;
        }
      }
  }, 60_000);
});
