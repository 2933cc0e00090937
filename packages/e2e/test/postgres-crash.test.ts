import { setTimeout as sleep } from 'node:timers/promises';
import { machines, newClient, reaches, requestInstance, settled, usage } from './cloud.js';
import { ask, eventually, startStack, type Stack } from './stack.js';

const SERVICES = ['identity', 'compute', 'metering', 'introspection'] as const;
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 150_000);
afterAll(() => stack?.close(), 30_000);

it('SIGKILL of PostgreSQL under load: every acknowledged write is there, and no service is restarted', async () => {
  const home = await newClient(stack);
  const pids = SERVICES.map((name) => stack.pid(name));
  const clients: number[] = [];
  const instances: string[] = [];
  const refusals = new Set<number>();
  let going = true;
  let n = 0;
  const write = async (work: () => Promise<void>): Promise<void> => {
    while (going)
      try {
        await work();
      } catch (err) {
        refusals.add((err as { status?: number | null }).status ?? 0);
        await sleep(50);
      }
  };
  const load = Promise.all([
    ...Array.from({ length: 3 }, () =>
      write(async () => {
        clients.push(await newClient(stack));
      }),
    ),
    write(async () => {
      if (instances.length < 8) instances.push(await requestInstance(stack, home, `load-${(n += 1)}`));
      else await sleep(100);
    }),
  ]);
  try {
    for (let round = 0; round < 2; round += 1) {
      const before = clients.length;
      await eventually('writes are acknowledged', async () => clients.length >= before + 15);
      stack.killPostgres();
      await sleep(700);
      await stack.startPostgres();
    }
    const before = clients.length;
    await eventually('writes are acknowledged again', async () => clients.length >= before + 10, 30);
  } finally {
    going = false;
    await load;
  }
  const found = await stack.query<{ id: number }>('compute', 'select id::int from client where id = any($1::int[])', [
    clients,
  ]);
  expect(found.map((r) => r.id).sort()).toEqual([...clients].sort());
  for (const id of instances) {
    await reaches(stack, id, 'active', 40);
    expect(await machines(stack, id)).toBe(1);
  }
  await settled(stack);
  expect(await usage(stack, home)).toMatchObject({
    accounts: 1,
    instances: instances.length,
    today: { instances: instances.length },
  });
  expect(SERVICES.flatMap((name) => stack.unexpected(name))).toEqual([]);
  // While the database is away the answer is 503, never 500.
  expect([...refusals].filter((status) => status !== 503)).toEqual([]);
  for (const name of SERVICES)
    await eventually(`${name} is ready`, async () => (await ask(`${stack.origin(name)}/readyz`)).status === 200);
  expect(SERVICES.map((name) => stack.pid(name))).toEqual(pids);
}, 120_000);
