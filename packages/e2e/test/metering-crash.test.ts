import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceEvent } from '@nefos/contracts';
import { newClient, reaches, requestInstance, settled, usage } from './cloud.js';
import { startStack, type Stack } from './stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 150_000);
afterAll(() => stack?.close(), 30_000);

const INSTANCES = 100;
const CYCLES = 10;
const number = '990001';
/** Every instance is switched on and off ten times, one minute each, yesterday; sent in order per instance. */
const history = (): InstanceEvent[] => {
  const day = `${new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)}T`;
  const events: InstanceEvent[] = [];
  for (let i = 0; i < INSTANCES; i += 1) {
    const id = randomUUID();
    for (let step = 0; step < CYCLES * 2; step += 1)
      events.push({
        id: randomUUID(),
        type: step % 2 ? 'instance.power_off' : 'instance.power_on',
        sequence: step + 1,
        occurred_at: `${day}${String(1 + Math.floor(step / 2)).padStart(2, '0')}:0${step % 2}:00.000000Z`,
        account: { number, name: 'crash', identities: [] },
        instance: {
          id,
          region: 'Region1',
          instance_type: 'm1.tiny',
          vcpu: 2,
          memory: 0.5,
          image: { id: 'img-1', name: 'any', os_distro: null },
        },
      });
  }
  return events;
};

it('SIGKILL of metering while events arrive, sent again until acknowledged: nothing lost, nothing double', async () => {
  const events = history();
  const batches: InstanceEvent[][] = [];
  for (let at = 0; at < events.length; at += 40) batches.push(events.slice(at, at + 40));
  let sent = 0;
  let repeated = 0;
  let kills = 0;
  let going = true;
  const tell = (async () => {
    for (const batch of batches)
      while (going) {
        try {
          const results = await stack.events.ingestEvents(batch);
          expect(results.filter((r) => r.status === 'refused')).toEqual([]);
          sent += 1;
          // Some acknowledgements are lost on the way.
          if (sent % 7 === 0)
            expect((await stack.events.ingestEvents(batch)).every((r) => r.status === 'duplicate')).toBe(true);
          break;
        } catch (err) {
          if ((err as Error).name !== 'ApiError') throw err;
          repeated += 1;
          await sleep(50);
        }
      }
  })();
  const chaos = (async () => {
    while (sent < batches.length && kills < 4) {
      await sleep(120);
      await stack.kill('metering');
      kills += 1;
      await stack.start('metering');
    }
  })();
  try {
    await Promise.all([tell, chaos]);
  } finally {
    going = false;
  }
  expect(repeated).toBeGreaterThan(0);
  const metering = stack.metering(number);
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const today = new Date().toISOString().slice(0, 10);
  expect((await metering.accounts.list()).meta.count).toBe(1);
  expect((await metering.instances.list()).meta.count).toBe(INSTANCES);
  expect((await metering.concurrent({ start_date: yesterday, end_date: today })).data).toMatchObject([
    { date: yesterday, instances: INSTANCES, vcpu: 2 * INSTANCES, memory: 0.5 * INSTANCES },
  ]);
  metering.close();
  const [runs] = await stack.query<{ n: number; open: number; minutes: number }>(
    'metering',
    `select count(*)::int n, count(*) filter (where end_time is null)::int open,
       (extract(epoch from sum(end_time - start_time)) / 60)::int minutes
     from run where user_id = (select id from app_user where account_number = $1)`,
    [number],
  );
  expect(runs).toEqual({ n: INSTANCES * CYCLES, open: 0, minutes: INSTANCES * CYCLES });
}, 90_000);

it('metering away while an instance starts and stops: sent afterwards, once', async () => {
  const client = await newClient(stack);
  await stack.kill('metering');
  const id = await requestInstance(stack, client, 'unheard');
  await reaches(stack, id, 'active');
  await stack.staff.instances.stop(id);
  await reaches(stack, id, 'stopped');
  await stack.start('metering');
  await settled(stack);
  expect(await usage(stack, client)).toMatchObject({ accounts: 1, instances: 1, today: { instances: 1 } });
}, 60_000);
