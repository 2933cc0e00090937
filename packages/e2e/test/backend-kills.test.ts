import { setTimeout as sleep } from 'node:timers/promises';
import { machines, newClient, requestInstance, settled, usage } from './cloud.js';
import { ask, eventually, startStack, type Stack } from './stack.js';

const KILLS = 50;
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 150_000);
afterAll(() => stack?.close(), 30_000);

/** Kills a backend at random: by SIGKILL, after which PostgreSQL restarts all of them, or as an administrator does. */
const killBackend = (hard: boolean): Promise<true> =>
  eventually('a backend to kill', async () => {
    const rows = await stack.query<{ pid: number }>(
      'compute',
      `select pid from pg_stat_activity
       where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    const pid = rows[Math.floor(Math.random() * rows.length)]?.pid;
    if (pid === undefined) return false;
    if (hard) process.kill(pid, 'SIGKILL');
    else await stack.query('compute', 'select pg_terminate_backend($1)', [pid]);
    return true;
  });

it(`${KILLS} backends of the database are killed while instances change: every operation ends in 15 s`, async () => {
  const client = await newClient(stack);
  const pid = stack.pid('compute');
  const instances: string[] = [];
  let going = true;
  const load = (async () => {
    for (let n = 1; going && n <= 40; n += 1)
      try {
        if (n % 2) instances.push(await requestInstance(stack, client, `kill-${n}`));
        else await stack.staff.instances.stop(instances[Math.floor(Math.random() * instances.length)]!);
        await sleep(100);
      } catch {
        await sleep(100); // the database is away, or the instance is busy
      }
  })();
  for (let n = 1; n <= KILLS; n += 1) {
    await sleep(50 + Math.random() * 300);
    await killBackend(n % 8 === 0);
  }
  const last = Date.now();
  going = false;
  await load;
  expect(instances.length).toBeGreaterThan(3);
  await eventually(
    'every operation has ended',
    async () => {
      const rows = await stack.query(
        'compute',
        "select id, action, status, attempts, error from operation where status in ('pending', 'running')",
      );
      if (rows.length) throw new Error(`${JSON.stringify(rows)}\n${stack.logs('compute')}`);
      return true;
    },
    Math.max(1, (last + 15_000 - Date.now()) / 1000),
  );
  const wrong = await stack.query('compute', "select id, action, error from operation where status <> 'completed'");
  expect(wrong).toEqual([]);
  for (const id of instances) expect(await machines(stack, id)).toBe(1);
  await settled(stack);
  // A request without an answer, because the database died meanwhile, may have taken effect: compute's rows decide.
  const [row] = await stack.query<{ n: number }>(
    'compute',
    'select count(*)::int n from instance where client_id = $1',
    [client],
  );
  expect((await usage(stack, client)).instances).toBe(row!.n);
  await eventually('compute is ready', async () => (await ask(`${stack.origin('compute')}/readyz`)).status === 200);
  expect(stack.pid('compute')).toBe(pid);
  expect(stack.unexpected('compute')).toEqual([]);
}, 180_000);
