import { addAttributes } from '../../src/runs/domain/records.js';
import { useService } from '../support.js';
import { drain, nodeOf, report, runOf, setState, waitingNode, type Waiting } from './support.js';
import type { JsonObject } from '../../src/values.js';

const service = useService();
const send = (body: JsonObject, query = '') =>
  service.registry('post', `/v1/continue_inspection${query}`, '').send(body);
const inspected = async (): Promise<Waiting> => {
  const m = await waitingNode(service);
  await service.db.pool.query(`update node set provision_state = 'inspect wait' where uuid = $1`, [m.uuid]);
  return m;
};
const provisionState = async (uuid: string): Promise<string> =>
  (await service.db.pool.query<{ s: string }>('select provision_state s from node where uuid = $1', [uuid])).rows[0]
    ?.s ?? '';

it('202 without a body: the node goes on to manageable', async () => {
  const m = await inspected();
  const res = await send(report(m), `?node_uuid=${m.uuid}`);
  expect([res.status, res.text]).toEqual([202, '']);
  expect(await provisionState(m.uuid)).toBe('inspecting');
  await drain(service);
  expect(await runOf(service, m.uuid)).toMatchObject({ state: 'finished', error: null });
  expect(await provisionState(m.uuid)).toBe('manageable');
  expect((await nodeOf(service, m.uuid)).properties).toMatchObject({ cpus: '4' });
});
it('404, the same for all, when the machine is not awaited so', async () => {
  const waits = await waitingNode(service);
  const [m, other] = [await inspected(), await inspected()];
  await service.db.transaction((tx) => addAttributes(tx, other.uuid, [{ kind: 'mac', value: other.mac }]));
  const answers = [
    await send(report(waits)),
    await send(report(m), `?node_uuid=${waits.uuid}`),
    await send(report(m), '?node_uuid=nonsense'),
    await send(report({ ...m, mac: other.mac, mac2: other.mac2 })),
    await send({}),
  ];
  for (const res of answers) expect([res.status, res.text]).toEqual([404, answers[0]?.text]);
  for (const { uuid } of [waits, m, other]) expect((await runOf(service, uuid)).state).toBe('waiting');
});
it('400: data that can not be used fail the run and the inspection', async () => {
  const m = await inspected();
  const res = await send(report(m, { top: { error: 'boom' } }));
  expect(res.status).toBe(400);
  expect(await runOf(service, m.uuid)).toMatchObject({ state: 'error', error: 'Ramdisk reported error: boom' });
  expect(await provisionState(m.uuid)).toBe('inspect failed');
});
it('400 for what is no object; 404 when the run has ended', async () => {
  expect((await service.registry('post', '/v1/continue_inspection', '').send('[]')).status).toBe(400);
  const m = await inspected();
  await setState(service, m.uuid, 'finished');
  await service.db.pool.query('delete from run_attribute where node_uuid = $1', [m.uuid]);
  expect((await send(report(m))).status).toBe(404);
});
