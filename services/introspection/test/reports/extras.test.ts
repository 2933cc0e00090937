import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { TOKENS, useService } from '../support.js';
import { drain, report, send, waitingNode } from './support.js';

describe('logs of ramdisks', () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'nefos-logs-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const service = useService({
    NEFOS_INTROSPECTION_RAMDISK_LOGS_DIR: directory,
    NEFOS_INTROSPECTION_RAMDISK_LOGS_MIB: '1',
  });
  const logs = (bytes: Buffer) => ({ logs: bytes.toString('base64') });
  const show = (uuid: string, token?: string) => service.call('get', `/v1/introspection/${uuid}/logs`, token);

  it('those of a run that failed are kept, under a name of ours, and shown to operators', async () => {
    const m = await waitingNode(service);
    const top = { ...logs(Buffer.from('archive')), error: 'boom', uuid: '../../evil' };
    expect((await send(service, report(m, { top }))).status).toBe(400);
    expect(readdirSync(directory)).toEqual([
      expect.stringMatching(new RegExp(`^${m.uuid}_\\d{8}T\\d{9}Z\\.tar\\.gz$`)),
    ]);
    const res = await show(m.uuid).buffer(true);
    expect([res.status, res.headers['content-type']]).toEqual([200, 'application/gzip']);
    expect((await show(m.uuid, TOKENS.person)).status).toBe(403);
    expect((await show(m.uuid, '')).status).toBe(401);
  });
  it('those of a run that went well are not', async () => {
    const m = await waitingNode(service);
    expect((await send(service, report(m, { top: logs(Buffer.from('archive')) }))).status).toBe(200);
    expect((await show(m.uuid)).status).toBe(404);
  });
  it('all together take no more than they may: the oldest go; what is no base64 is none', async () => {
    const made: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const m = await waitingNode(service);
      await send(service, report(m, { top: { ...logs(Buffer.alloc(500 * 1024, i)), error: 'boom' } }));
      made.push(m.uuid);
    }
    const kept = readdirSync(directory);
    expect(kept).toHaveLength(2);
    expect(kept.some((name) => name.startsWith(made[0] ?? 'none'))).toBe(false);
    const m = await waitingNode(service);
    expect((await send(service, report(m, { top: { logs: '!!!', error: 'boom' } }))).status).toBe(400);
    expect((await show(m.uuid)).status).toBe(404);
  });
});
describe('who may send reports', () => {
  const service = useService({
    NEFOS_INTROSPECTION_CALLBACK_TOKEN: 'required',
    NEFOS_INTROSPECTION_CALLBACK_RATE: '2',
  });
  it('403 without the token of the run, or with another; 200 with it', async () => {
    const m = await waitingNode(service);
    await service.db.pool.query('update run set token_hash = $2 where node_uuid = $1', [
      m.uuid,
      createHash('sha256').update('right').digest(),
    ]);
    const before = await service.db.pool.query('select * from run where node_uuid = $1', [m.uuid]);
    for (const query of ['', '?token=wrong', '?token=', '?token=wrong&token=right'])
      expect((await send(service, report(m), query)).status).toBe(403);
    expect((await service.db.pool.query('select * from run where node_uuid = $1', [m.uuid])).rows).toEqual(before.rows);
    expect((await send(service, report(m), '?token=right')).status).toBe(200);
  });
  it('429 for one address that sends too many, with when to come again', async () => {
    // At once: in the time between them some more are allowed.
    const answers = await Promise.all(Array.from({ length: 40 }, () => send(service, '{}')));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers['retry-after']).toBe('1');
  });
});
describe('networks of reports', () => {
  const service = useService({ NEFOS_INTROSPECTION_CALLBACK_NETWORKS: '10.0.0.0/8' });
  it('404: no logs, since none are kept; which setting keeps them is said', async () => {
    const m = await waitingNode(service);
    const res = await service.call('get', `/v1/introspection/${m.uuid}/logs`);
    expect([res.status, res.text]).toEqual([404, expect.stringContaining('NEFOS_INTROSPECTION_RAMDISK_LOGS_DIR')]);
  });
  it('403 from elsewhere, before the body is read', async () => {
    const m = await waitingNode(service);
    expect((await send(service, report(m))).status).toBe(403);
  });
});
describe('the summary', () => {
  const service = useService();
  const show = (ref: string, token?: string) => service.call('get', `/v1/introspection/${ref}/summary`, token);
  it('200: cpus, memory, disks, addresses in one shape', async () => {
    const m = await waitingNode(service, { name: 'summed' });
    await send(service, report(m));
    await drain(service);
    const res = await show('summed');
    expect(res.body).toMatchObject({
      uuid: m.uuid,
      name: 'summed',
      state: 'finished',
      cpus: 4,
      cpu_arch: 'x86_64',
      memory_mb: 12288,
      local_gb: 999,
      root_disk: { name: '/dev/sda', size_bytes: 1000 * 1024 ** 3, rotational: null },
      interfaces: [
        { name: 'eth1', mac: m.mac, ip: '1.2.1.2', pxe: true },
        { name: 'eth2', mac: m.mac2, ip: null, pxe: false },
      ],
      addresses: ['1.2.1.2'],
      bmc_address: m.bmc,
    });
    expect((await show(m.uuid, TOKENS.component)).status).toBe(200);
    expect((await show(m.uuid, TOKENS.person)).status).toBe(403);
  });
  it('200 with nulls while there are no data; 404 without a run', async () => {
    const m = await waitingNode(service);
    expect((await show(m.uuid)).body).toMatchObject({ state: 'waiting', cpus: null, disks: [], finished_at: null });
    await service.db.pool.query('delete from run where node_uuid = $1', [m.uuid]);
    expect((await show(m.uuid)).status).toBe(404);
    expect((await show('nobody')).status).toBe(404);
  });
  it('200 whatever stands in the data', async () => {
    const m = await waitingNode(service);
    await service.db.pool.query('insert into run_data (node_uuid, processed, body) values ($1, true, $2)', [
      m.uuid,
      '{"cpus":"x","inventory":[],"all_interfaces":{"a":1,"b":{"mac":5}},"root_disk":[1],"ipmi_address":{"a":1}}',
    ]);
    expect((await show(m.uuid)).status).toBe(200);
  });
});
