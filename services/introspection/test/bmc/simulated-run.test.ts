import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { startWorker, type Worker } from '@nefos/service-kit';
import { tasks } from '../../src/jobs.js';
import { useService } from '../support.js';
import { machineOf } from './nodes.js';

// The service over HTTP, so that the ramdisks of simulated machines reach it.
const env: Record<string, string> = { NEFOS_INTROSPECTION_DELAY: '0' };
let server: Server;
beforeAll(async () => {
  server = createServer((req, res) => void service.app(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  env.NEFOS_INTROSPECTION_CALLBACK_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/continue`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
const service = useService(env);

describe('a run of a simulated machine, from its registration to its description', () => {
  // The queue as it runs in production: the report of a machine waits for a job of its run.
  let worker: Worker;
  beforeAll(async () => {
    const { ctx, db, url } = service;
    worker = await startWorker({ db, url, tasks: tasks(ctx), concurrency: 10, log: ctx.log, metrics: ctx.metrics });
  });
  afterAll(() => worker.stop());
  const register = async (name: string, info: object): Promise<string> => {
    const body = { name, driver: 'fake-hardware', driver_info: info };
    const answer = await service.registry('post', '/v1/nodes').send(body);
    expect(answer.status).toBe(201);
    return (answer.body as { uuid: string }).uuid;
  };
  const inspect = async (uuid: string) => {
    await service.call('post', `/v1/introspection/${uuid}`).expect(202);
    for (;;) {
      const { body } = await service.call('get', `/v1/introspection/${uuid}`).expect(200);
      const status = body as Record<string, unknown>;
      if (status.finished === true) return status;
      await pause(50);
    }
  };

  it.each([
    ['small', { cpus: '4', memory_mb: '16384', local_gb: '479', cpu_arch: 'x86_64' }],
    ['storage', { cpus: '24', memory_mb: '131072', local_gb: '239' }],
    ['gpu', { cpus: '64', memory_mb: '524288', local_gb: '893' }],
  ])('%s: switched on once, reported, described, off', async (simulated_machine, properties) => {
    const uuid = await register(simulated_machine, { simulated_machine, ipmi_address: `198.18.7.${properties.cpus}` });
    const { body: port } = await service
      .registry('post', '/v1/ports')
      .send({ node_uuid: uuid, address: `02:00:00:00:0${properties.cpus.length}:${properties.cpus.padStart(2, '0')}` });
    expect(await inspect(uuid)).toMatchObject({ state: 'finished', error: null });
    const node = (await service.registry('get', `/v1/nodes/${uuid}`).expect(200)).body as Record<string, unknown>;
    expect(node).toMatchObject({ properties, power_state: 'power off', target_power_state: null });
    expect(await machineOf(service, uuid)).toMatchObject({ power_state: 'power off', powered_on: 1 });
    const data = (await service.call('get', `/v1/introspection/${uuid}/data`).expect(200)).body as { macs: string[] };
    expect(data.macs).toEqual([(port as { address: string }).address]);
  });
  it('a machine whose BMC refuses: the run says why', async () => {
    const uuid = await register('broken', { simulated_machine: 'small', fake_fail: 'power_on' });
    await service.registry('post', '/v1/ports').send({ node_uuid: uuid, address: '02:00:00:00:09:09' });
    expect(await inspect(uuid)).toMatchObject({
      state: 'error',
      error: expect.stringContaining('The simulated BMC fails at power_on') as string,
    });
  });
});
