import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { insertNode } from '../../src/nodes/domain/register.js';
import { inspectOutOfBand, startOutOfBand } from '../../src/reports/domain/out-of-band.js';
import { TASKS } from '../../src/runs/domain/tasks.js';
import type { JsonObject } from '../../src/values.js';
import { useService } from '../support.js';
import { drain, nodeOf, portsOf, runOf } from './support.js';

const service = useService();
const node = async (driverInfo: JsonObject): Promise<string> => {
  const uuid = randomUUID();
  await service.db.transaction((tx) =>
    insertNode(service.ctx, tx, { uuid, driver: 'fake-hardware', driver_info: driverInfo }),
  );
  return uuid;
};
const start = (uuid: string) => startOutOfBand(service.ctx, uuid, { cause: 'request', actor: 'test' });
const idOf = async (uuid: string): Promise<string> =>
  (await sql<{ id: string }>(service.db, 'select id from run where node_uuid = $1', [uuid]))[0]?.id ?? '';

it('what a BMC says goes over the same hooks; all cards become ports; the machine is not switched', async () => {
  const uuid = await node({ simulated_machine: 'small' });
  await start(uuid);
  expect(await runOf(service, uuid)).toMatchObject({ state: 'starting', finished: false });
  await drain(service);
  expect(await runOf(service, uuid)).toMatchObject({ state: 'finished', error: null });
  expect((await nodeOf(service, uuid)).properties).toMatchObject({ cpus: '4', cpu_arch: 'x86_64' });
  expect(await portsOf(service, uuid)).toHaveLength(2);
  expect((await service.call('get', `/v1/introspection/${uuid}/data`)).status).toBe(200);
  const machines = await sql(service.db, 'select powered_on from simulated_machine where node_uuid = $1', [uuid]);
  expect(machines).toEqual([{ powered_on: 0 }]);
});
it.each([
  [{}, /no(?:de|) .*data|simulated_machine/i],
  [{ simulated_machine: 'small', fake_fail: 'inventory' }, /inventory/],
])('a BMC that refuses, as with %j, fails the run with its reason', async (info, text) => {
  const uuid = await node(info);
  await start(uuid);
  await drain(service);
  const { state, error } = await runOf(service, uuid);
  expect(state).toBe('error');
  expect(error).toMatch(text);
});
it('a BMC that does not answer is asked again for a while', async () => {
  const uuid = await node({ simulated_machine: 'small', fake_fail: 'inventory:unreachable' });
  await start(uuid);
  await drain(service);
  expect((await runOf(service, uuid)).state).toBe('starting');
  const jobs = await sql(
    service.db,
    `select run_at > now() later from graphile_worker.jobs where task_identifier = $1 and key like '%' || $2`,
    [TASKS.outOfBand, await idOf(uuid)],
  );
  expect(jobs).toEqual([{ later: true }]);
  await service.db.pool.query(`update run set started_at = now() - interval '1 hour' where node_uuid = $1`, [uuid]);
  await inspectOutOfBand(service.ctx, uuid, await idOf(uuid), new AbortController().signal);
  expect((await runOf(service, uuid)).state).toBe('error');
});
it('the job twice is once; one of another run changes nothing', async () => {
  const uuid = await node({ simulated_machine: 'small' });
  await start(uuid);
  const id = await idOf(uuid);
  const { signal } = new AbortController();
  await Promise.all([
    inspectOutOfBand(service.ctx, uuid, id, signal),
    inspectOutOfBand(service.ctx, uuid, id, signal),
    inspectOutOfBand(service.ctx, uuid, randomUUID(), signal),
  ]);
  expect((await runOf(service, uuid)).phases.filter(({ phase }) => phase === 'processing')).toHaveLength(1);
});
it('the registry inspects a node by its interface: its state goes from inspecting to manageable', async () => {
  const uuid = await node({ simulated_machine: 'small' });
  const put = (target: string) =>
    service.registry('put', `/v1/nodes/${uuid}/states/provision`).send({ target }).expect(202);
  await put('manage');
  await drain(service);
  await service
    .registry('patch', `/v1/nodes/${uuid}`)
    .send([{ op: 'add', path: '/inspect_interface', value: 'fake' }])
    .expect(200);
  await put('inspect');
  expect((await service.registry('get', `/v1/nodes/${uuid}`)).body).toMatchObject({ provision_state: 'inspecting' });
  await drain(service);
  const shown = await service.registry('get', `/v1/nodes/${uuid}`);
  expect(shown.body).toMatchObject({ provision_state: 'manageable', last_error: null, properties: { cpus: '4' } });
  expect(await sql(service.db, 'select powered_on from simulated_machine where node_uuid = $1', [uuid])).toEqual([
    { powered_on: 0 },
  ]);
});
