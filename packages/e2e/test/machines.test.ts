import { ApiError, createIntrospectionClient } from '@nefos/client';
import { eventually, startStack, type Stack } from './stack.js';

// A machine of the simulated rack finds out what it is, by the typed client; also when introspection is killed.

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 150_000);
afterAll(() => stack?.close(), 30_000);

let last = 20;
const register = async (name: string, more: Record<string, unknown> = {}): Promise<string> => {
  last += 1;
  const info = { ipmi_address: `192.0.2.${last}`, simulated_machine: 'small', ...more };
  return (await stack.introspection.nodes.create({ driver: 'fake-hardware', name, driver_info: info })).uuid;
};
const timesOn = async (uuid: string): Promise<number> =>
  (
    await stack.query<{ n: number }>(
      'introspection',
      'select powered_on n from simulated_machine where node_uuid = $1',
      [uuid],
    )
  )[0]?.n ?? 0;
const statusOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (err: unknown) => (err instanceof ApiError ? err.status : err),
  );

it('is registered, started, read, given a trait by a rule, and removed', async () => {
  const { introspection: i } = stack;
  const uuid = await register('walked');
  await i.runs.start('walked', { idempotencyKey: 'walked-1' });
  await i.runs.start('walked', { idempotencyKey: 'walked-1' });
  const run = await i.runs.wait(uuid, { forMs: 60_000, everyMs: 100 });
  expect(run).toMatchObject({ state: 'finished', error: null, uuid });
  expect(await timesOn(uuid)).toBe(1);
  const { cpus } = await i.runs.data('walked');
  expect(cpus).toBeGreaterThan(0);
  expect(await i.runs.unprocessedData('walked')).not.toHaveProperty('cpus');
  expect(await i.runs.summary('walked')).toMatchObject({ uuid, name: 'walked', cpus, state: 'finished' });
  expect((await i.nodes.get('walked')).properties.cpus).toBe(String(cpus));
  expect(await i.ports.list({ node: uuid })).toMatchObject([{ node_uuid: uuid, pxe_enabled: true }]);
  await i.nodes.update('walked', [{ op: 'add', path: '/properties/inspection_scope', value: 'walk' }]);
  const rule = await i.rules.create({ scope: 'walk', actions: [{ action: 'add-trait', name: 'CUSTOM_WALKED' }] });
  expect((await i.rules.list()).map((one) => one.uuid)).toEqual([rule.uuid]);
  await i.runs.reapply('walked');
  await eventually('the trait', async () => (await i.nodes.traits('walked')).includes('CUSTOM_WALKED'));
  await i.rules.delete(rule.uuid);
  expect((await i.runs.list({ state: 'finished,error' })).map((one) => one.uuid)).toContain(uuid);
  await eventually('it may be removed', async () => (await statusOf(i.nodes.delete('walked'))) === 'done');
  expect(await statusOf(i.runs.get(uuid))).toBe(404);
}, 120_000);

it('401, 403: nobody and customers see no machine; a component of ours does', async () => {
  const as = (token?: string) =>
    createIntrospectionClient({ baseURL: stack.origin('introspection'), token, retries: 0 });
  const customer = as(stack.credentials.identity.user.token);
  const compute = as(stack.components.compute);
  const nobody = as();
  expect(await statusOf(nobody.nodes.list())).toBe(401);
  expect([await statusOf(customer.nodes.list()), await statusOf(customer.runs.list())]).toEqual([403, 403]);
  expect([await statusOf(compute.nodes.list()), await statusOf(compute.runs.list())]).toEqual(['done', 'done']);
  for (const client of [customer, compute, nobody]) client.close();
});

it.each(['starting', 'waiting', 'processing'])(
  'SIGKILL of introspection while a run is %s: it ends, and the machine was switched on once',
  async (state) => {
    const uuid = await register(`killed-${state}`, { fake_delay_ms: 500 });
    await stack.introspection.runs.start(uuid);
    await eventually(`it is ${state}`, async () => {
      const found = (await stack.introspection.runs.get(uuid)).state;
      if (found === 'finished') throw new Error('it has ended before the kill');
      return found === state;
    });
    await stack.kill('introspection');
    await stack.start('introspection');
    const run = await stack.introspection.runs.wait(uuid, { forMs: 90_000, everyMs: 200 });
    expect(run).toMatchObject({ state: 'finished', error: null });
    expect(await timesOn(uuid)).toBe(1);
    const ended = await stack.query<{ n: number }>(
      'introspection',
      'select count(*)::int n from run_history where node_uuid = $1',
      [uuid],
    );
    expect(ended).toEqual([{ n: 1 }]);
    expect(stack.unexpected('introspection')).toEqual([]);
  },
  150_000,
);
