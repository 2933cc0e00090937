import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, eventually, startStack, type Stack } from './stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.stop('introspection');
  await stack.start('introspection', { NEFOS_INTROSPECTION_DELAY: '0' });
}, 150_000);
afterAll(() => stack?.close(), 30_000);

const call = (method: string, path: string, body?: object) =>
  ask(`${stack.origin('introspection')}${path}`, {
    method,
    headers: { 'X-Auth-Token': stack.credentials.introspection.token },
    body,
  });
/** Asks again until there is an answer of these; while the database is away it is 503, or none. */
const persistently = (path: string, statuses: readonly number[], body?: object): Promise<number> =>
  eventually(`an answer of ${path}`, async () => {
    const { status } = await call('POST', path, body);
    if (statuses.includes(status)) return status;
    expect([0, 503]).toContain(status);
    await sleep(100);
    return undefined;
  });
const query = (text: string, values: unknown[]) =>
  eventually('the database answers', () => stack.query('introspection', text, values), 30);
/** PostgreSQL dies now, and is there again a moment later. */
const crash = async (): Promise<void> => {
  stack.killPostgres();
  await sleep(500);
  await stack.startPostgres();
};
const all = (nodes: readonly { uuid: string }[], state: string): Promise<boolean> =>
  eventually(
    `all are ${state}`,
    async () => {
      const rows = await stack.query<{ state: string }>(
        'introspection',
        'select state from run where node_uuid = any($1::uuid[])',
        [nodes.map(({ uuid }) => uuid)],
      );
      if (rows.length === nodes.length && rows.every((row) => row.state === state)) return true;
      throw new Error(rows.map((row) => row.state).join(' '));
    },
    100,
  );

it('SIGKILL of PostgreSQL while runs start and end: every run ends once, no machine is switched on twice', async () => {
  const nodes = Array.from({ length: 6 }, (_, i) => ({
    uuid: randomUUID(),
    report: {
      inventory: {
        bmc_address: `198.51.100.${i + 1}`,
        cpu: { count: 4, architecture: 'x86_64' },
        memory: { physical_mb: 12288 },
        disks: [{ name: '/dev/sda', size: 1073741824000 }],
        interfaces: [{ name: 'eth0', mac_address: `52:54:00:00:10:0${i}`, ipv4_address: '1.2.1.2' }],
      },
      boot_interface: `52:54:00:00:10:0${i}`,
    },
  }));
  for (const { uuid, report } of nodes)
    await query(`insert into node (uuid, driver, driver_info) values ($1, 'fake-hardware', $2)`, [
      uuid,
      JSON.stringify({ ipmi_address: report.inventory.bmc_address, fake_delay_ms: 300 }),
    ]);
  const pid = stack.pid('introspection');
  // A start that was carried out and not answered is refused the second time: its run starts already.
  const starting = Promise.all(nodes.map(({ uuid }) => persistently(`/v1/introspection/${uuid}`, [202, 400])));
  await sleep(200);
  await crash();
  await starting;
  await sleep(300);
  await crash();
  await all(nodes, 'waiting');

  const reports = Promise.all(nodes.map(({ report }) => persistently('/v1/continue', [200, 400, 409], report)));
  await sleep(150);
  await crash();
  await reports;
  await all(nodes, 'finished');
  const found = await query(
    `select m.powered_on, m.power_state, (select count(*) from run_history h where h.node_uuid = m.node_uuid)::int runs,
       (select count(*) from outbox o where o.aggregate = m.node_uuid::text)::int events
     from simulated_machine m where node_uuid = any($1::uuid[])`,
    [nodes.map(({ uuid }) => uuid)],
  );
  expect(found).toEqual(nodes.map(() => ({ powered_on: 1, power_state: 'power off', runs: 1, events: 1 })));
  expect(stack.unexpected('introspection')).toEqual([]);
  expect(stack.pid('introspection')).toBe(pid);
}, 240_000);
