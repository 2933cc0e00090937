import { randomUUID } from 'node:crypto';
import { run, sql } from '@nefos/service-kit';
import { useService } from '../support.js';
import {
  drain,
  messageOf,
  newBmc,
  nodeOf,
  report,
  runOf,
  send,
  setState,
  waitingNode,
  type Waiting,
} from './support.js';

const service = useService();
const VERSION = 'X-OpenStack-Ironic-Inspector-API-Version';
const path = (ref: string) => `/v1/introspection/${ref}/data/unprocessed`;
const reapply = (ref: string, body?: string) => {
  const call = service.call('post', path(ref)).set('Content-Type', 'application/json');
  return body === undefined ? call : call.send(body);
};
const introspected = async (fields = {}): Promise<Waiting> => {
  const m = await waitingNode(service, fields);
  expect((await send(service, report(m))).status).toBe(200);
  await drain(service);
  return m;
};
const times = async (uuid: string) => {
  const [row] = await sql<{ started: string; finished: string | null }>(
    service.db,
    'select started_at started, finished_at finished from run where node_uuid = $1',
    [uuid],
  );
  return row;
};

it('202 {}: hooks run again on what is stored; finished stays until the end', async () => {
  const m = await introspected();
  await run(service.db, `update node set properties = '{}' where uuid = $1`, [m.uuid]);
  const before = await times(m.uuid);
  const stored = (await service.call('get', path(m.uuid))).text;
  const res = await reapply(m.uuid);
  expect([res.status, res.text]).toEqual([202, '{}\n']);
  const during = await times(m.uuid);
  expect(during?.finished).toBe(before?.finished);
  expect(await runOf(service, m.uuid)).toMatchObject({ state: 'reapplying', finished: true });
  await drain(service);
  const after = await times(m.uuid);
  expect(after?.started).not.toBe(before?.started);
  expect(after?.finished).not.toBe(before?.finished);
  expect(await runOf(service, m.uuid)).toMatchObject({ state: 'finished', error: null });
  expect((await nodeOf(service, m.uuid)).properties.memory_mb).toBe('12288');
  expect((await service.call('get', path(m.uuid))).text).toBe(stored);
});
it('202: what is sent takes the place of what is stored, by name too, without its logs', async () => {
  const m = await introspected({ name: 'by-name' });
  const sent = report(m, { inventory: { memory: { physical_mb: 4096 } } });
  expect((await reapply('by-name', JSON.stringify({ ...sent, logs: 'x' }))).status).toBe(202);
  await drain(service);
  expect((await nodeOf(service, m.uuid)).properties.memory_mb).toBe('4096');
  expect((await service.call('get', path(m.uuid))).body).toEqual(sent);
});
it('202 and then state error: all that is wrong with the data, joined by newlines', async () => {
  const m = await introspected();
  expect((await reapply(m.uuid, '{"inventory":{},"error":"boom"}')).status).toBe(202);
  await drain(service);
  const { state, error, finished } = await runOf(service, m.uuid);
  expect([state, finished, error?.split('\n').length]).toEqual(['error', true, 2]);
  // From error it can be done again.
  expect((await reapply(m.uuid, JSON.stringify(report(m)))).status).toBe(202);
  await drain(service);
  expect(await runOf(service, m.uuid)).toMatchObject({ state: 'finished', error: null });
});
it.each(['[]', '"x"', 'null', 'xx', '5'])('400: %p is no object; nothing changes', async (body) => {
  const m = await introspected();
  const before = await times(m.uuid);
  expect((await reapply(m.uuid, body)).status).toBe(400);
  expect(await times(m.uuid)).toEqual(before);
});
it('202: {} counts as no body', async () => {
  const m = await introspected();
  const stored = (await service.call('get', path(m.uuid))).text;
  expect((await reapply(m.uuid, '{}')).status).toBe(202);
  await drain(service);
  expect((await service.call('get', path(m.uuid))).text).toBe(stored);
});
it('404: no node, no run, or nothing stored', async () => {
  const m = await waitingNode(service);
  await setState(service, m.uuid, 'error');
  for (const ref of [m.uuid, randomUUID(), 'nobody', newBmc()]) expect((await reapply(ref)).status).toBe(404);
});
it.each(['starting', 'waiting', 'processing', 'enrolling', 'aborting'])(
  '409 in state %s; nothing is stored',
  async (state) => {
    const m = await waitingNode(service);
    await setState(service, m.uuid, state);
    expect((await reapply(m.uuid, JSON.stringify(report(m)))).status).toBe(409);
    expect((await service.call('get', path(m.uuid))).status).toBe(404);
    expect((await runOf(service, m.uuid)).state).toBe(state);
  },
);
it('409: somebody has the lock of the node', async () => {
  const m = await introspected();
  const stored = (await service.call('get', path(m.uuid))).text;
  await service.db.transaction(async (tx) => {
    await sql(tx, 'select from run where node_uuid = $1 for update', [m.uuid]);
    const res = await reapply(m.uuid, JSON.stringify(report(m, { top: { x: 1 } })));
    expect([res.status, messageOf(res)]).toEqual([409, `Node ${m.uuid} is locked, please try again later`]);
  });
  expect((await service.call('get', path(m.uuid))).text).toBe(stored);
});
it('400: a client that asks for a version below 1.15 sends no data', async () => {
  const m = await introspected();
  expect((await reapply(m.uuid, JSON.stringify(report(m))).set(VERSION, '1.14')).status).toBe(400);
  expect((await runOf(service, m.uuid)).state).toBe('finished');
  expect((await reapply(m.uuid).set(VERSION, '1.14')).status).toBe(202);
});
it('the job twice is once; one that comes late changes nothing', async () => {
  const m = await introspected();
  expect((await reapply(m.uuid)).status).toBe(202);
  const [{ id } = { id: '' }] = await sql<{ id: string }>(service.db, 'select id from run where node_uuid = $1', [
    m.uuid,
  ]);
  await drain(service);
  const before = await times(m.uuid);
  const { reapplyStored } = await import('../../src/reports/domain/reapply.js');
  await reapplyStored(service.ctx, m.uuid, id);
  await reapplyStored(service.ctx, m.uuid, randomUUID());
  expect(await times(m.uuid)).toEqual(before);
});
it('401, 403, 404 of data', async () => {
  const m = await introspected();
  const data = `/v1/introspection/${m.uuid}/data`;
  for (const one of [data, `${data}/unprocessed`]) {
    expect((await service.call('get', one, '')).status).toBe(401);
    expect((await service.call('get', one, 'person-token')).status).toBe(403);
    expect((await service.call('get', one, 'observer-token')).status).toBe(403);
    expect((await service.call('get', one.replace(m.uuid, randomUUID()))).status).toBe(404);
  }
  const whole = (await service.call('get', data)).text;
  expect(whole.endsWith('\n')).toBe(false);
  for (const query of ['?limit=1', '?limit=abc', '/'])
    expect((await service.call('get', `${data}${query}`)).text).toBe(whole);
});
