import { createHash, randomUUID } from 'node:crypto';
import type { JsonObject } from '../../src/values.js';
import { machineOf } from '../bmc/nodes.js';
import { report } from '../machine.js';
import { TOKENS } from '../support.js';
import { useRuns } from './support.js';

const service = useRuns({ NEFOS_INTROSPECTION_DELAY: '0', NEFOS_INTROSPECTION_HISTORY: '3' });
const get = (node: string, rest: string, token?: string) =>
  service.call('get', `/v1/introspection/${node}/${rest}`, token);
let serial = 0;
/** A node that was introspected so many times; each time it has another number of cores. */
const introspected = async (times: number): Promise<string> => {
  serial += 1;
  const uuid = await service.node({ driver_info: { ipmi_address: `198.51.101.${serial}` } });
  for (let count = 1; count <= times; count += 1) {
    await service.start(uuid).expect(202);
    const inventory = {
      ...(report().inventory as JsonObject),
      bmc_address: `198.51.101.${serial}`,
      cpu: { count, architecture: 'x86_64' },
      interfaces: [
        {
          name: 'eth0',
          mac_address: `52:54:00:00:02:${serial.toString(16).padStart(2, '0')}`,
          ipv4_address: '1.2.3.4',
        },
      ],
    };
    await service
      .call('post', '/v1/continue', '')
      .send({ ...report(), inventory, boot_interface: undefined })
      .expect(200);
    await service.work();
  }
  return uuid;
};
interface Past {
  id: string;
  has_data: boolean;
}
const history = async (node: string, query = ''): Promise<Past[]> =>
  ((await get(node, `history${query}`).expect(200)).body as { history: Past[] }).history;

describe('GET …/progress', () => {
  it('200: phases with their times, by what the machine is recognised, its power and the last error', async () => {
    const uuid = await service.node({
      name: 'walks',
      driver_info: { ipmi_address: '10.7.7.7', fake_fail: 'power_on' },
    });
    await service.port(uuid, '52:54:00:00:07:07');
    await service.start(uuid, '').expect(202);
    const { body } = await get('walks', 'progress', TOKENS.observer).expect(200);
    expect(body).toMatchObject({ uuid, state: 'starting', cause: 'request', manage_boot: true, has_token: false });
    expect(body.look_up).toEqual({ bmc_address: ['10.7.7.7'], mac: [] });
    await service.work();
    const ended = (await get(uuid, 'progress').expect(200)).body;
    expect(ended.phases.map(({ phase }: { phase: string }) => phase)).toEqual(
      ['starting', 'power ordered', 'power on failed', 'error'], // prettier-ignore
    );
    expect(ended.phases[2].note).toContain('fake_fail');
    expect(ended.power.last_error).toContain('fake_fail');
    for (const { at } of ended.phases) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/);
  });
  it('404: no run; 403: no role', async () => {
    await get(await service.node(), 'progress').expect(404);
    await get('x', 'progress', TOKENS.person).expect(403);
  });
});
describe('GET …/history', () => {
  it('200: the newest first, page by page; the oldest go', async () => {
    const uuid = await introspected(5);
    const all = await history(uuid);
    expect(all).toHaveLength(3);
    expect(all.every(({ has_data }) => has_data)).toBe(true);
    const [first, second] = [
      await history(uuid, '?limit=1'),
      await history(uuid, `?limit=2&marker=${all[0]?.id ?? ''}`),
    ];
    expect([...first, ...second]).toEqual(all);
  });
  it('200: what differs between two runs, the one before or one that is named', async () => {
    const uuid = await introspected(3);
    const [newest, middle, oldest] = (await history(uuid)).map(({ id }) => id);
    const path = `history/${newest ?? ''}/changes`;
    const last = (await get(uuid, path).expect(200)).body;
    expect([last.since, last.truncated]).toEqual([middle, false]);
    expect(last.changes).toContainEqual({ op: 'replace', path: '/cpus', before: 2, after: 3 });
    const first = (await get(uuid, `${path}?since=${oldest ?? ''}`).expect(200)).body;
    expect(first.changes).toContainEqual({ op: 'replace', path: '/inventory/cpu/count', before: 1, after: 3 });
    await get(uuid, `history/${oldest ?? ''}/changes`).expect(404);
  });
  it('200: a run with its data as they were stored; failed runs have none', async () => {
    const uuid = await introspected(1);
    const [{ id } = { id: '' }] = await history(uuid);
    const stored = await get(uuid, 'data').expect(200);
    const whole = await get(uuid, `history/${id}`).expect(200);
    expect(whole.text.startsWith(`{"data":${stored.text},`)).toBe(true);
    await service.start(uuid).expect(202);
    await service.call('post', `/v1/introspection/${uuid}/abort`).expect(202);
    await service.work();
    const [failed] = await history(uuid);
    expect(failed).toMatchObject({ state: 'error', error: 'Canceled by operator', has_data: false });
    expect((await get(uuid, `history/${failed?.id ?? ''}`).expect(200)).body.data).toBeNull();
    await get(uuid, `history/${failed?.id ?? ''}/changes`).expect(404);
  });
  it("404: unknown runs, and another node's; 400: a bad limit", async () => {
    const [one, other] = [await introspected(1), await introspected(1)];
    const [{ id } = { id: '' }] = await history(one);
    for (const run of [randomUUID(), 'x', '%C3%BC']) await get(one, `history/${run}`).expect(404);
    await get(other, `history/${id}`).expect(404);
    await get(other, `history/${id}/changes`).expect(404);
    await get(one, `history?marker=${randomUUID()}`).expect(404);
    for (const query of ['limit=101', 'limit=x', 'limit=-1']) await get(one, `history?${query}`).expect(400);
    await get(one, `history/${id}`, TOKENS.observer).expect(403);
  });
});
describe('…/schedule', () => {
  const put = (node: string, body: object) => service.call('put', `/v1/introspection/${node}/schedule`).send(body);
  it('200: is set, shown, changed and removed', async () => {
    const uuid = await service.node();
    await get(uuid, 'schedule').expect(404);
    const { body } = await put(uuid, { every_seconds: 3600 }).expect(200);
    expect((await get(uuid, 'schedule', TOKENS.observer).expect(200)).body).toEqual(body);
    expect((await put(uuid, { every_seconds: 600, first_in_seconds: 0 }).expect(200)).body.every_seconds).toBe(600);
    await service.call('delete', `/v1/introspection/${uuid}/schedule`).expect(204);
    await service.call('delete', `/v1/introspection/${uuid}/schedule`).expect(404);
  });
  it.each([
    {},
    { every_seconds: 10 },
    { every_seconds: '600' },
    { every_seconds: 1e9 },
    { every_seconds: 600, x: 1 },
    [],
  ])('400: %j', async (body) => {
    await put(await service.node(), body).expect(400);
  });
  it('404: an unknown node; 403: not by observers', async () => {
    await put(randomUUID(), { every_seconds: 600 }).expect(404);
    await service.call('put', '/v1/introspection/x/schedule', TOKENS.observer).send({ every_seconds: 600 }).expect(403);
  });
  it('what is due starts once, and again after its time; others do not', async () => {
    const [due, later] = [await service.node(), await service.node()];
    await put(due, { every_seconds: 3600, first_in_seconds: 0 }).expect(200);
    await put(later, { every_seconds: 3600 }).expect(200);
    await Promise.all([service.sweep('runs.schedule'), service.sweep('runs.schedule')]);
    await service.work();
    expect(await service.status(due)).toMatchObject({ state: 'waiting' });
    expect((await get(due, 'progress').expect(200)).body.cause).toBe('schedule');
    expect(await machineOf(service, due)).toMatchObject({ powered_on: 1 });
    await service.call('get', `/v1/introspection/${later}`).expect(404);
  });
  it('a run that has not ended is left alone, which is recorded', async () => {
    const uuid = await service.node();
    await service.start(uuid).expect(202);
    const before = await service.status(uuid);
    await put(uuid, { every_seconds: 3600, first_in_seconds: 0 }).expect(200);
    await service.sweep('runs.schedule');
    await service.work();
    expect(await service.status(uuid)).toEqual(before);
    expect(
      await service.rows(`select result from audit where node_uuid = $1 and actor = 'nefos-introspection'`, [uuid]),
    ).toEqual([{ result: 'run.state' }]);
  });
  it('a node that is inspected out of band is not booted for it', async () => {
    const uuid = await service.node({ inspect_interface: 'fake' });
    await put(uuid, { every_seconds: 3600, first_in_seconds: 0 }).expect(200);
    await service.sweep('runs.schedule');
    await service.work();
    expect((await get(uuid, 'progress').expect(200)).body).toMatchObject({ cause: 'schedule', out_of_band: true });
    expect((await machineOf(service, uuid))?.powered_on ?? 0).toBe(0);
  });
  it('a job that runs twice starts once', async () => {
    const { startScheduled } = await import('../../src/runs/domain/schedules.js');
    const uuid = await service.node();
    const once = (next: string) =>
      startScheduled(service.ctx, { node: uuid, next }, () => Promise.reject(new Error('it boots')));
    await once('2026-01-01 00:00:00+00');
    await service.rows(`update run set state = 'finished', finished_at = now() where node_uuid = $1`, [uuid]);
    await once('2026-01-01 00:00:00+00');
    expect((await service.status(uuid)).state).toBe('finished');
    await once('2026-01-02 00:00:00+00');
    expect((await service.status(uuid)).state).toBe('starting');
  });
});
describe('POST …/token', () => {
  const token = (node: string) => service.call('post', `/v1/introspection/${node}/token`);
  it('201: shown once, kept as a hash; a new start forgets it', async () => {
    const uuid = await service.node();
    await service.start(uuid).expect(202);
    const { body } = await token(uuid).set('Host', 'inspector.example').expect(201);
    expect(body.callback_url).toBe(`http://inspector.example/v1/continue?token=${body.token as string}`);
    const [run] = await service.rows<{ token_hash: Buffer }>('select token_hash from run where node_uuid = $1', [uuid]);
    expect(run?.token_hash).toEqual(
      createHash('sha256')
        .update(body.token as string)
        .digest(),
    );
    expect((await get(uuid, 'progress').expect(200)).body.has_token).toBe(true);
    expect((await token(uuid).expect(201)).body.token).not.toBe(body.token);
    await service.start(uuid).expect(202);
    expect((await get(uuid, 'progress').expect(200)).body.has_token).toBe(false);
  });
  it('409: a run that awaits no callback; 404: none', async () => {
    const uuid = await service.node();
    await token(uuid).expect(404);
    await service.start(uuid).expect(202);
    await service.rows(`update run set state = 'processing' where node_uuid = $1`, [uuid]);
    await token(uuid).expect(409);
  });
});
it('404: none of these paths hides one of the original', async () => {
  for (const path of ['a/b/c', 'a/nope', 'a/history/b/nope', 'a/history/b/changes/c'])
    await service.call('get', `/v1/introspection/${path}`, '').expect(404);
});
