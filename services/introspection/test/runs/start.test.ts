import { randomUUID } from 'node:crypto';
import { TOKENS } from '../support.js';
import { useRuns } from './support.js';

const service = useRuns();
const NOBODY = 'no-such-node';
const message = (res: { body: { error: { message: string } } }): string => res.body.error.message;

describe('POST /v1/introspection/{node}', () => {
  it('202: with an empty body, by UUID in any spelling and by name, in both slash forms', async () => {
    const uuid = await service.node({ name: 'spelt' });
    for (const ref of [uuid, uuid.toUpperCase(), uuid.replaceAll('-', ''), 'spelt', `${uuid}/`]) {
      const res = await service.start(ref).expect(202);
      expect([res.text, res.headers['content-length'], res.headers['content-type']]).toEqual(['', '0', 'text/plain']);
      expect(await service.status('spelt')).toMatchObject({ state: 'waiting', finished: false, error: null, uuid });
    }
  });
  it('202: a body is ignored, whatever it is', async () => {
    const uuid = await service.node();
    for (const body of ['{"uuid":"x"}', 'not json', '[]'])
      await service.start(uuid).set('Content-Type', 'application/json').send(body).expect(202);
  });
  it.each(['1', 't', 'TRUE', 'on', 'y', 'Yes', '0', 'f', 'False', 'OFF', 'n', 'no'])(
    '404: manage_boot=%s is a boolean; the node is unknown',
    async (value) => {
      const res = await service.start(NOBODY, `?manage_boot=${value}`).expect(404);
      expect(message(res)).toContain(NOBODY);
    },
  );
  it.each(['', 'maybe', '2', '-1', 'none', 'tru'])('400: manage_boot=%s is none, before the node', async (value) => {
    expect(message(await service.start(NOBODY, `?manage_boot=${value}`).expect(400))).toContain('manage_boot');
  });
  it('the first value of a parameter that is repeated counts', async () => {
    await service.start(await service.node(), '?manage_boot=0&manage_boot=maybe').expect(202);
  });
  it('401, 403: before parameters and node', async () => {
    const path = `/v1/introspection/${NOBODY}?manage_boot=maybe`;
    await service.call('post', path, '').expect(401);
    await service.call('post', path, TOKENS.person).expect(403);
    await service.call('post', path, TOKENS.observer).expect(403);
  });
  it('404: an unknown UUID, a name that can not be, a name with a slash', async () => {
    for (const ref of [randomUUID(), 'a%2Fb', 'x'.repeat(300), '%C3%BC']) await service.start(ref).expect(404);
  });
  it('400: text that can not be stored', async () => {
    await service.start('a%00b').expect(400);
  });
  it('400: a machine that nobody could recognise; the record says the same', async () => {
    const uuid = await service.node({ driver_info: {} });
    const text = message(await service.start(uuid).expect(400));
    expect(text).toMatch(/look-up attributes/);
    expect(await service.status(uuid)).toMatchObject({ state: 'error', finished: true, error: text });
    await service.port(uuid);
    await service.start(uuid).expect(202);
    expect(await service.status(uuid)).toMatchObject({ state: 'waiting', error: null, finished_at: null });
  });
  it('400: a provision state that forbids it is named, with the valid ones; nothing changes', async () => {
    const uuid = await service.node();
    for (const state of ['available', 'active', 'rescue', 'verifying']) {
      await service.rows('update node set provision_state = $2 where uuid = $1', [uuid, state]);
      const text = message(await service.start(uuid).expect(400));
      expect(text).toContain(`'${state}'`);
      expect(text).toContain("'manageable'");
    }
    await service.call('get', `/v1/introspection/${uuid}`).expect(404);
    for (const state of ['enroll', 'manageable', 'inspecting', 'inspect wait', 'inspect failed']) {
      await service.rows('update node set provision_state = $2 where uuid = $1', [uuid, state]);
      await service.start(uuid).expect(202);
    }
  });
  it.each(['starting', 'processing', 'reapplying', 'enrolling', 'aborting'])(
    '400: no start in the state %s, and the run stays what it is',
    async (state) => {
      const uuid = await service.node();
      await service.start(uuid).expect(202);
      await service.rows('update run set state = $2 where node_uuid = $1', [uuid, state]);
      const before = await service.status(uuid);
      const text = message(await service.start(uuid).expect(400));
      expect(text).toBe(`Can not transition from state '${state}' on event 'start' (no defined transition)`);
      expect(await service.status(uuid)).toEqual(before);
    },
  );
  it('a new start replaces the run: later, without the data and attributes of the one before', async () => {
    const uuid = await service.node();
    await service.port(uuid, '52:54:00:00:00:01');
    await service.start(uuid).expect(202);
    const before = await service.status(uuid);
    await service.rows(`insert into run_data (node_uuid, processed, body) values ($1, true, '{}')`, [uuid]);
    await service.rows('delete from port where node_uuid = $1', [uuid]);
    await service.port(uuid, '52:54:00:00:00:02');
    await service.start(uuid).expect(202);
    expect((await service.status(uuid)).started_at > before.started_at).toBe(true);
    expect(await service.rows('select from run_data where node_uuid = $1', [uuid])).toEqual([]);
    const values = await service.rows<{ value: string }>(
      `select value from run_attribute where node_uuid = $1 and kind = 'mac'`,
      [uuid],
    );
    expect(values).toEqual([{ value: '52:54:00:00:00:02' }]);
  });
  it.each([
    [{ redfish_address: 'https://[FD12::9]:8443/redfish/v1' }, ['fd12::9']],
    [{ ipmi_address: '10.9.8.7', redfish_address: 'https://10.0.0.1' }, ['10.9.8.7']],
    [{ ipmi_address: '', ilo_address: '10.0.0.2' }, ['10.0.0.2']],
    [{ drac_host: '127.0.0.1' }, []],
    [{ ipmi_address: '10.0.0.3', ipmi_bridging: 'single' }, []],
    [{ ipmi_address: '10.0.0.3', ipmi_bridging: 'no' }, ['10.0.0.3']],
    [{ ipmi_address: 'no-such-host.invalid' }, []],
    [{ ipmi_address: 5 }, []],
  ])('the BMC address of %j is %j', async (driverInfo, expected) => {
    const uuid = await service.node({ driver_info: driverInfo });
    await service.port(uuid);
    await service.start(uuid).expect(202);
    const found = await service.rows<{ value: string }>(
      `select value from run_attribute where node_uuid = $1 and kind = 'bmc_address'`,
      [uuid],
    );
    expect(found.map(({ value }) => value)).toEqual(expected);
  });
  it('two starts at once: each 202 or 400, one record', async () => {
    const uuid = await service.node();
    const all = await Promise.all(Array.from({ length: 8 }, () => service.start(uuid)));
    expect(all.every(({ status }) => status === 202 || status === 400)).toBe(true);
    expect(all.some(({ status }) => status === 202)).toBe(true);
    expect((await service.status(uuid)).state).toBe('waiting');
  });
  it('202: a start that is sent again with its Idempotency-Key starts nothing', async () => {
    const uuid = await service.node();
    const again = () => service.start(uuid).set('Idempotency-Key', 'one');
    const all = await Promise.all([again(), again(), again()]);
    expect(all.map(({ status }) => status)).toEqual([202, 202, 202]);
    const before = await service.status(uuid);
    await again().expect(202);
    expect(await service.status(uuid)).toEqual(before);
    // The key of another node, and another key, are other starts.
    await service
      .start(await service.node())
      .set('Idempotency-Key', 'one')
      .expect(202);
    await service.start(uuid).set('Idempotency-Key', 'two').expect(202);
    expect((await service.status(uuid)).started_at > before.started_at).toBe(true);
  });
  it('a start that was refused leaves its Idempotency-Key free', async () => {
    const uuid = await service.node();
    await service.rows(`update node set provision_state = 'available' where uuid = $1`, [uuid]);
    await service.start(uuid).set('Idempotency-Key', 'three').expect(400);
    await service.rows(`update node set provision_state = 'manageable' where uuid = $1`, [uuid]);
    await service.start(uuid).set('Idempotency-Key', 'three').expect(202);
    expect((await service.status(uuid)).state).toBe('waiting');
  });
  it('400: an Idempotency-Key of more than 255 characters', async () => {
    const res = await service
      .start(await service.node())
      .set('Idempotency-Key', 'x'.repeat(256))
      .expect(400);
    expect(message(res)).toContain('Idempotency-Key');
  });
  it('who started what is recorded', async () => {
    const uuid = await service.node();
    await service.start(uuid).expect(202);
    expect(await service.rows('select actor, operation, result from audit where node_uuid = $1', [uuid])).toEqual([
      { actor: '0f7e1c1e-3f6b-4a4e-9a55-6f1c2f0e9d01', operation: 'introspection.start', result: 'accepted' },
    ]);
  });
});
describe('where boot is not managed', () => {
  const other = useRuns({ NEFOS_INTROSPECTION_CAN_MANAGE_BOOT: 'no', NEFOS_INTROSPECTION_PERMIT_ACTIVE: 'yes' });
  it('400: a start that would manage it, before the node is looked up; 202 without', async () => {
    expect(message(await other.start(NOBODY, '').expect(400))).toContain('manage_boot');
    await other.start(await other.node()).expect(202);
  });
  it('202: machines in use, where they are permitted', async () => {
    const uuid = await other.node();
    await other.rows(`update node set provision_state = 'active' where uuid = $1`, [uuid]);
    await other.start(uuid).expect(202);
  });
});
