import { setTimeout as sleep } from 'node:timers/promises';
import { machines, newClient, reaches, requestInstance, settled, usage } from './cloud.js';
import { eventually, startStack, type Stack } from './stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 150_000);
afterAll(() => stack?.close(), 30_000);

const runs = async (client: number): Promise<unknown> =>
  (
    await stack.query(
      'metering',
      `select count(*)::int "all", (count(*) - count(end_time))::int "open" from run
       where user_id = (select id from app_user where account_number = $1)`,
      [String(client)],
    )
  )[0];

/** Whatever happened before: one machine, one active instance, one open run. */
const madeOnce = async (client: number, id: string): Promise<void> => {
  const instance = await reaches(stack, id, 'active', 30);
  expect(instance.access_ip).not.toBeNull();
  expect(await machines(stack, id)).toBe(1);
  await settled(stack);
  expect(await usage(stack, client)).toMatchObject({
    accounts: 1,
    instances: 1,
    today: { instances: 1, instances_list: [{ cloud_type: 'nefos', cloud_instance_id: id }] },
  });
  expect(await runs(client)).toEqual({ all: 1, open: 1 });
};

describe('SIGKILL of compute while an instance is made', () => {
  it('between the accepted create and the driver call: one machine, active, metered once', async () => {
    await stack.stop('compute');
    await stack.start('compute', { NEFOS_COMPUTE_WORKER: 'off' });
    const client = await newClient(stack);
    const id = await requestInstance(stack, client, 'killed-before');
    await stack.kill('compute');
    expect(await machines(stack, id)).toBe(0);
    await stack.start('compute');
    await madeOnce(client, id);
  }, 60_000);

  it('during the driver call: one machine, active, metered once', async () => {
    const client = await newClient(stack);
    const id = await requestInstance(stack, client, 'killed-during sim:delay_ms=1500');
    await eventually('the driver has been called', async () => (await machines(stack, id)) === 1);
    expect((await stack.staff.instances.get(id)).status).toBe('building');
    await stack.kill('compute');
    await stack.start('compute');
    await madeOnce(client, id);
  }, 60_000);

  it('after the driver is done, before or while metering is told: one machine, active, metered once', async () => {
    // So no event can be sent yet.
    await stack.stop('metering');
    const client = await newClient(stack);
    const id = await requestInstance(stack, client, 'killed-after');
    await reaches(stack, id, 'active');
    await stack.kill('compute');
    await Promise.all([stack.start('compute'), stack.start('metering')]);
    await madeOnce(client, id);
  }, 60_000);

  it('again and again at any moment, ten instances on the way: each made once', async () => {
    const client = await newClient(stack);
    const ids: string[] = [];
    for (let i = 0; i < 10; i += 1) ids.push(await requestInstance(stack, client, `storm-${i} sim:delay_ms=${i * 60}`));
    for (const wait of [30, 170, 400]) {
      await sleep(wait);
      await stack.kill('compute');
      await stack.start('compute');
    }
    for (const id of ids) {
      await reaches(stack, id, 'active', 40);
      expect(await machines(stack, id)).toBe(1);
    }
    await settled(stack);
    expect(await usage(stack, client)).toMatchObject({ accounts: 1, instances: 10, today: { instances: 10 } });
    expect(await runs(client)).toEqual({ all: 10, open: 10 });
  }, 90_000);
});

describe('SIGKILL of compute while an instance is stopped', () => {
  it('it ends stopped, and its run ends once', async () => {
    const client = await newClient(stack);
    const id = await requestInstance(stack, client, 'stopped sim:delay_ms=300');
    await reaches(stack, id, 'active');
    await stack.staff.instances.stop(id);
    await stack.kill('compute');
    await stack.start('compute');
    await reaches(stack, id, 'stopped');
    await settled(stack);
    expect(await runs(client)).toEqual({ all: 1, open: 0 });
  }, 60_000);
});
