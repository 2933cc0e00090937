import { sql } from '@nefos/service-kit';
import { useService } from '../support.js';
import { drain, messageOf, newBmc, newMac, nodeOf, portsOf, report, runOf, send, waitingNode } from './support.js';

const stranger = () => ({ bmc: newBmc(), mac: newMac(), mac2: newMac() });

describe('discovery makes nodes', () => {
  const service = useService({
    NEFOS_INTROSPECTION_NODE_NOT_FOUND: 'enroll',
    NEFOS_INTROSPECTION_ENROLL_FIELDS: '{"resource_class":"new","driver_info":{"redfish_verify_ca":false}}',
    NEFOS_INTROSPECTION_ENROLL_PER_MINUTE: '3',
  });
  const count = async () => (await sql<{ n: number }>(service.db, 'select count(*)::int n from node'))[0]?.n;

  it('200: an unknown machine becomes a node in enroll; its data say so', async () => {
    const m = stranger();
    const res = await send(service, report(m));
    expect(res.status).toBe(200);
    const { uuid } = res.body as { uuid: string };
    const shown = await service.registry('get', `/v1/nodes/${uuid}`);
    expect(shown.body).toMatchObject({
      driver: 'redfish',
      provision_state: 'enroll',
      resource_class: 'new',
      driver_info: { ipmi_address: m.bmc, redfish_verify_ca: false },
      properties: { cpus: '4' },
    });
    expect((await portsOf(service, uuid)).map(({ address }) => address)).toEqual([m.mac]);
    expect((await service.call('get', `/v1/introspection/${uuid}/data`)).body).toMatchObject({ auto_discovered: true });
    expect((await service.call('get', `/v1/introspection/${uuid}/data/unprocessed`)).body).toEqual(report(m));
    await drain(service);
    expect(await runOf(service, uuid)).toMatchObject({ state: 'finished', error: null });
    // The same machine again is known by its port.
    const again = await send(service, report(m));
    expect([again.status, messageOf(again)]).toEqual([400, expect.stringContaining(m.mac)]);
  });
  it('two reports of one unknown machine at once make one node', async () => {
    const m = stranger();
    const before = await count();
    let done = false;
    const asked = Promise.all([send(service, report(m)), send(service, report(m))]).finally(() => {
      done = true;
    });
    // The second waits until the run of the first has ended.
    while (!done) await drain(service);
    const both = await asked;
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await count()).toBe((before ?? 0) + 1);
  }, 60_000);
  it('400: the address of a BMC that a node has', async () => {
    const m = stranger();
    const known = await waitingNode(service);
    await service.db.pool.query('delete from run where node_uuid = $1', [known.uuid]);
    const res = await send(service, report({ ...m, bmc: known.bmc }));
    expect([res.status, messageOf(res)]).toEqual([400, expect.stringContaining(known.bmc)]);
  });
  it('400: what is wrong with a report makes no node; nor do too many at once', async () => {
    const before = (await count()) ?? 0;
    expect((await send(service, report(stranger(), { top: { error: 'x' } }))).status).toBe(400);
    expect((await send(service, report(stranger(), { inventory: { interfaces: [] } }))).status).toBe(400);
    expect(await count()).toBe(before);
    const answers: number[] = [];
    // Meanwhile some more are allowed, on a slow machine: at some time it is too many.
    while (!answers.includes(400) && answers.length < 50)
      answers.push((await send(service, report(stranger()))).status);
    expect(answers).toContain(400);
    expect((await count()) ?? 0).toBe(before + answers.length - 1);
  });
});
describe('discovery of some networks only', () => {
  const service = useService({
    NEFOS_INTROSPECTION_NODE_NOT_FOUND: 'enroll',
    NEFOS_INTROSPECTION_ENROLL_NETWORKS: '10.9.0.0/16',
  });
  it('400 from elsewhere', async () => {
    const res = await send(service, report(stranger()));
    expect([res.status, messageOf(res)]).toEqual([400, expect.stringContaining('network')]);
  });
});
describe('machines in use', () => {
  const service = useService({ NEFOS_INTROSPECTION_PERMIT_ACTIVE: 'yes' });
  const inUse = async (state: string) => {
    const m = await waitingNode(service);
    await service.db.pool.query('delete from run where node_uuid = $1', [m.uuid]);
    await service.db.pool.query('update node set provision_state = $2 where uuid = $1', [m.uuid, state]);
    await service.db.pool.query(
      'insert into port (uuid, node_uuid, address, pxe_enabled) values (gen_random_uuid(), $1, $2, true)',
      [m.uuid, m.mac2],
    );
    return m;
  };
  it.each(['active', 'rescue'])('200 in %s: found by its port and BMC; ports stay as they are', async (state) => {
    const m = await inUse(state);
    expect((await send(service, report(m))).body).toEqual({ uuid: m.uuid });
    await drain(service);
    expect(await runOf(service, m.uuid)).toMatchObject({ state: 'finished' });
    expect((await nodeOf(service, m.uuid)).properties).toMatchObject({ cpus: '4' });
    expect((await portsOf(service, m.uuid)).find(({ address }) => address === m.mac2)?.pxe).toBe(true);
    // And again: the run before has ended.
    expect((await send(service, report(m))).body).toEqual({ uuid: m.uuid });
  });
  it('400: a machine that is not in use, and one whose port and BMC are of different nodes', async () => {
    const m = await inUse('manageable');
    expect((await send(service, report(m))).status).toBe(400);
    const [a, b] = [await inUse('active'), await inUse('active')];
    const res = await send(service, report({ ...a, bmc: b.bmc }));
    expect([res.status, messageOf(res)]).toEqual([400, expect.stringContaining(b.uuid)]);
    const nobody = await send(service, report(stranger()));
    expect([nobody.status, messageOf(nobody)]).toEqual([400, expect.stringContaining('could not find a node')]);
  });
});
