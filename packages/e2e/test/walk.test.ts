import type { ApiError } from '@nefos/client';
import { machines, newClient, reaches, requestInstance, settled, usage } from './cloud.js';
import { ask, eventually, startStack, type Stack } from './stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 150_000);
afterAll(() => stack?.close(), 30_000);

it('a client, its instance, a stop and a start become two runs and one concurrent instance', async () => {
  const client = await newClient(stack);
  const id = await requestInstance(stack, client, 'walk');
  await reaches(stack, id, 'active');
  expect((await stack.staff.instances.stop(id)).detail).toBe('Instance is stopping');
  await reaches(stack, id, 'stopped');
  await settled(stack);
  const openRuns = async (): Promise<number> => {
    const metering = stack.metering(String(client));
    try {
      return (await metering.instances.list({ running_since: new Date(Date.now() + 60_000).toISOString() })).meta.count;
    } finally {
      metering.close();
    }
  };
  expect(await openRuns()).toBe(0);
  expect((await stack.staff.instances.start(id)).detail).toBe('Instance is starting');
  await reaches(stack, id, 'active');
  await settled(stack);
  expect(await openRuns()).toBe(1);
  expect(await usage(stack, client)).toMatchObject({ accounts: 1, instances: 1, today: { instances: 1 } });
  await stack.staff.instances.delete(id);
  await eventually('it is gone', () =>
    stack.staff.instances.get(id).then(
      () => false,
      (err: ApiError) => err.status === 404,
    ),
  );
  expect(await machines(stack, id)).toBe(0);
  await settled(stack);
  expect(await openRuns()).toBe(0);
  expect((await usage(stack, client)).today.instances).toBe(1); // it did run today
});

it('50 stops of one instance at once: one 200, 49 409', async () => {
  const id = await requestInstance(stack, await newClient(stack), 'fifty sim:delay_ms=200');
  await reaches(stack, id, 'active');
  const headers = { Authorization: `Token ${stack.credentials.compute.staff.token}` };
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      ask(`${stack.origin('compute')}/staffapi/openstack/instances/${id}/stop`, { method: 'POST', headers }),
    ),
  );
  const count = (status: number): number => answers.filter((a) => a.status === status).length;
  expect([count(200), count(409)]).toEqual([1, 49]);
  await reaches(stack, id, 'stopped');
});

it('a revoked token is refused by compute and metering within 5 s', async () => {
  const { token, audit_id } = await stack.identity.issueToken(await staffUuid(), {
    label: 'e2e',
    form: 'hex',
    expires_at: null,
  });
  const asCompute = (): Promise<number> =>
    ask(`${stack.origin('compute')}/staffapi/clients`, { headers: { Authorization: `Token ${token}` } }).then(
      (a) => a.status,
    );
  const asMetering = (): Promise<number> =>
    ask(`${stack.origin('metering')}/v2/instances/`, { headers: { 'X-Auth-Token': token } }).then((a) => a.status);
  expect([await asCompute(), await asMetering()]).toEqual([200, 200]);
  await stack.identity.revokeToken(audit_id);
  const revokedAt = Date.now();
  await eventually('compute refuses it', async () => (await asCompute()) === 401, 8);
  expect(Date.now() - revokedAt).toBeLessThan(5500); // the answer itself takes its time
  await eventually('metering refuses it', async () => [401, 403].includes(await asMetering()), 8);
  expect(Date.now() - revokedAt).toBeLessThan(6000);
});
const staffUuid = async (): Promise<string> => {
  const { displayname_catalog: found } = await stack.identity.serviceUserCatalogs({
    displaynames: ['demoadmin@example.com'],
  });
  return found['demoadmin@example.com']!;
};

it('a request id sent to compute comes back', async () => {
  const id = '7b2d5c1e-0f4a-4a57-9d0e-5a0c1d3f7e21';
  const { headers } = await ask(`${stack.origin('compute')}/staffapi/clients`, {
    headers: { Authorization: `Token ${stack.credentials.compute.staff.token}`, 'X-Request-Id': id },
  });
  expect(headers['x-request-id']).toBe(id);
});
