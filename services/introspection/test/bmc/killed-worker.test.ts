import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from '@nefos/service-kit';
import { requestPower } from '../../src/bmc/domain/power-orders.js';
import { useService } from '../support.js';
import { addNode, machineOf } from './nodes.js';

describe('power orders and SIGKILL', () => {
  const service = useService();
  let worker: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    worker = spawn(process.execPath, [path.join(__dirname, 'worker.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        NEFOS_INTROSPECTION_DATABASE_URL: service.url,
        NEFOS_INTROSPECTION_TOKEN: 'component-token-of-introspection',
        NEFOS_SECRET_KEYS: Buffer.alloc(32, 7).toString('base64'),
      },
    });
    await once(worker.stdout as NodeJS.ReadableStream, 'data');
  };
  const kill = async (): Promise<void> => {
    if (!worker || worker.exitCode !== null || worker.signalCode !== null) return;
    const ended = once(worker, 'exit');
    worker.kill('SIGKILL');
    await ended;
  };
  afterAll(kill);
  /** Where the machine is: as it is told to be, and `ended` when nobody tells it any more. */
  const stageOf = async (uuid: string): Promise<string | undefined> => {
    const isOrdered = (await sql(service.db, 'select from power_order where node_uuid = $1', [uuid])).length > 0;
    return isOrdered ? (await machineOf(service, uuid))?.power_state : 'ended';
  };
  const until = async (uuid: string, wanted: string): Promise<void> => {
    for (let stage = await stageOf(uuid); stage !== wanted; stage = await stageOf(uuid)) {
      expect(stage === 'ended' && wanted !== 'ended').toBe(false);
      await pause(10);
    }
  };

  it('a machine whose workers die once it is off, and once it is on, was switched on once', async () => {
    const uuid = await addNode(service, 'fake-hardware', { fake_delay_ms: 2000 }, { power: 'power on' });
    await service.db.transaction((tx) =>
      requestPower(service.ctx, tx, uuid, {
        ...{ target: 'rebooting', bootDevice: 'pxe', then: { task: 'test.ended', payload: { node: uuid } } },
      }),
    );
    for (const stage of ['power off', 'power on', 'ended']) {
      await start();
      await until(uuid, stage);
      await kill();
    }
    expect(await machineOf(service, uuid)).toMatchObject({
      power_state: 'power on',
      powered_on: 1,
      boot_device: 'pxe',
    });
    const ended = await sql<{ payload: object }>(
      service.db,
      `select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = 'test.ended'`,
    );
    expect(ended).toMatchObject([{ payload: { node: uuid, ok: 1 } }]);
  }, 120_000);
});
