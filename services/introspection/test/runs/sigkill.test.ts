import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../src/values.js';
import { report } from '../machine.js';
import { useKilledService } from './killed-service.js';

/**
 * SIGKILL of the true process between two statements, in each state of a run. Then it is started again, the client asks
 * again what was not answered, and the run ends, once, and the machine was switched on once.
 */
const service = useKilledService({
  NEFOS_INTROSPECTION_NODE_NOT_FOUND: 'enroll',
  NEFOS_INTROSPECTION_ENROLL_DRIVER: 'fake-hardware',
});
let serial = 0;
interface Node {
  uuid: string;
  report: JsonObject;
}
const node = async (): Promise<Node> => {
  serial += 1;
  const [uuid, address, mac] = [
    randomUUID(),
    `198.51.100.${serial}`,
    `52:54:00:00:09:${serial.toString(16).padStart(2, '0')}`,
  ];
  await service.rows(`insert into node (uuid, driver, driver_info, bmc_address) values ($1, 'fake-hardware', $2, $3)`, [
    ...[uuid, JSON.stringify({ ipmi_address: address }), address],
  ]);
  const inventory = {
    ...(report().inventory as JsonObject),
    bmc_address: address,
    interfaces: [{ name: 'eth0', mac_address: mac, ipv4_address: '1.2.1.2' }],
  };
  return { uuid, report: { ...report(), inventory, boot_interface: mac } };
};
const path = (uuid: string, rest = ''): string => `/v1/introspection/${uuid}${rest}`;
const stateOf = async (uuid: string): Promise<string | undefined> =>
  (await service.rows<{ state: string }>('select state from run where node_uuid = $1', [uuid]))[0]?.state;
const reaches = (uuid: string, state: string): Promise<true> =>
  service.until(`${uuid} is ${state}`, async () => (await stateOf(uuid)) === state);
const machine = async (uuid: string) =>
  (
    await service.rows<{ power_state: string; powered_on: number }>(
      'select power_state, powered_on from simulated_machine where node_uuid = $1',
      [uuid],
    )
  )[0];
const pastRuns = (uuid: string) =>
  service.rows<{ state: string; cause: string }>(
    'select state, cause from run_history where node_uuid = $1 order by finished_at',
    [uuid],
  );
/**
 * Asks; the process dies at some statement; it is started again; and what was not answered is asked again.
 * @param statements before which it dies
 * @param answers that are right the second time
 */
const killedWhile = async (
  statements: number,
  ask: () => ReturnType<typeof service.call>,
  answers: readonly number[],
): Promise<void> => {
  await service.killAfter(statements);
  const first = await ask();
  if (first) expect(answers).toContain(first.status);
  // What goes on in the background dies, too, if the request did not.
  await new Promise((r) => {
    setTimeout(r, statements * 15);
  });
  await service.restart();
  if (first) return;
  const second = await ask();
  expect(answers).toContain(second?.status);
};
const started = async (): Promise<Node> => {
  const one = await node();
  expect((await service.call('POST', path(one.uuid)))?.status).toBe(202);
  await reaches(one.uuid, 'waiting');
  return one;
};

it.each([1, 14, 28, 46])(
  'starting, at statement %d: the machine boots once, and is awaited',
  async (statements) => {
    const { uuid } = await node();
    const headers = { 'Idempotency-Key': uuid };
    await killedWhile(statements, () => service.call('POST', path(uuid), undefined, headers), [202]);
    await reaches(uuid, 'waiting');
    expect(await machine(uuid)).toEqual({ power_state: 'power on', powered_on: 1 });
  },
  60_000,
);
it.each([8, 36])(
  'processing, at statement %d: the run is finished once, the machine is off',
  async (statements) => {
    const one = await started();
    await killedWhile(statements, () => service.call('POST', '/v1/continue', one.report), [200, 400, 409]);
    await reaches(one.uuid, 'finished');
    expect(await machine(one.uuid)).toEqual({ power_state: 'power off', powered_on: 1 });
    expect(await pastRuns(one.uuid)).toEqual([{ state: 'finished', cause: 'request' }]);
    const events = await service.rows('select from outbox where aggregate = $1', [one.uuid]);
    expect(events).toHaveLength(1);
  },
  60_000,
);
it.each([5, 24])(
  'aborting, at statement %d: the run is canceled, the machine is off',
  async (statements) => {
    const { uuid } = await started();
    await killedWhile(statements, () => service.call('POST', path(uuid, '/abort')), [202, 409]);
    await reaches(uuid, 'error');
    expect(await pastRuns(uuid)).toEqual([{ state: 'error', cause: 'request' }]);
    expect(await machine(uuid)).toEqual({ power_state: 'power off', powered_on: 1 });
  },
  60_000,
);
it.each([12])(
  'reapplying, at statement %d: the data are processed again, the machine is left alone',
  async (statements) => {
    const one = await started();
    expect((await service.call('POST', '/v1/continue', one.report))?.status).toBe(200);
    await reaches(one.uuid, 'finished');
    await killedWhile(statements, () => service.call('POST', path(one.uuid, '/data/unprocessed')), [202, 409]);
    await service.until(
      'applied again',
      async () => (await stateOf(one.uuid)) === 'finished' && (await pastRuns(one.uuid)).length > 1,
    );
    expect((await pastRuns(one.uuid)).slice(0, 2)).toEqual([
      { state: 'finished', cause: 'request' },
      { state: 'finished', cause: 'reapply' },
    ]);
    expect(await machine(one.uuid)).toEqual({ power_state: 'power off', powered_on: 1 });
  },
  60_000,
);
it('waiting: a run that waits goes on waiting', async () => {
  const one = await started();
  await service.restart();
  expect(await stateOf(one.uuid)).toBe('waiting');
  expect((await service.call('POST', '/v1/continue', one.report))?.status).toBe(200);
  await reaches(one.uuid, 'finished');
});
it.each([5, 12, 18, 24])(
  'enrolling, at statement %d: one node is made of the machine, its run is finished once',
  async (statements) => {
    serial += 1;
    const [address, mac] = [`198.51.101.${serial}`, `52:54:00:00:0a:${serial.toString(16).padStart(2, '0')}`];
    const inventory = {
      ...(report().inventory as JsonObject),
      bmc_address: address,
      interfaces: [{ name: 'eth0', mac_address: mac, ipv4_address: '1.2.1.2' }],
    };
    const unknown = { ...report(), inventory, boot_interface: mac };
    await killedWhile(statements, () => service.call('POST', '/v1/continue', unknown), [200, 400, 409]);
    const nodes = await service.rows<{ uuid: string }>('select uuid from node where bmc_address = $1', [address]);
    expect(nodes).toHaveLength(1);
    const [{ uuid }] = nodes as [{ uuid: string }];
    await reaches(uuid, 'finished');
    expect(await pastRuns(uuid)).toEqual([{ state: 'finished', cause: 'discovery' }]);
    expect(await service.rows('select address from port where node_uuid = $1', [uuid])).toEqual([{ address: mac }]);
  },
  60_000,
);
