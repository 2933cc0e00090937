import { randomUUID } from 'node:crypto';
import { createSecretBox, sql } from '@nefos/service-kit';
import type { Machine } from '../../src/nodes/domain/machine.js';
import { copyMachine, loadMachine, saveMachine } from '../../src/nodes/domain/machines.js';
import { demandNode, driverInfoOf, findNode } from '../../src/nodes/domain/nodes.js';
import { insertNode } from '../../src/nodes/domain/register.js';
import type { JsonObject } from '../../src/values.js';
import { useService } from '../support.js';

const service = useService();
const register = (document: JsonObject = {}) =>
  service.db.transaction((tx) => insertNode(service.ctx, tx, { driver: 'fake-hardware', ...document }));
/** Loads, changes and saves a machine, and gives it as it is then. */
const change = async (uuid: string, work: (machine: Machine) => void): Promise<Machine> => {
  await service.db.transaction(async (tx) => {
    const before = (await loadMachine(tx, uuid)) as Machine;
    const after = copyMachine(before);
    work(after);
    await saveMachine(service.ctx, tx, before, after);
  });
  return (await service.db.transaction((tx) => loadMachine(tx, uuid))) as Machine;
};
const port = (address: string) => ({
  address,
  pxe_enabled: true,
  extra: {},
  local_link_connection: {},
  physical_network: null,
});
const address = (): string =>
  `52:54:00:${randomUUID()
    .replaceAll('-', '')
    .slice(0, 6)
    .replace(/..(?=.)/g, '$&:')}`;

it('a node is found by its UUID in any spelling, and by its name', async () => {
  const { uuid } = await register({ name: 'Spelt' });
  const bare = uuid.replaceAll('-', '').toUpperCase();
  for (const ref of [uuid, bare, `{${uuid}}`, `urn:uuid:${uuid}`, 'Spelt'])
    expect((await findNode(service.db, ref))?.uuid).toBe(uuid);
  for (const ref of ['spelt', '', 'a/b', 'x\0', randomUUID(), 'ü'])
    expect(await findNode(service.db, ref)).toBeUndefined();
});
it('a machine keeps what is changed in memory: documents, ports, traits', async () => {
  const { uuid } = await register({ properties: { cpus: '1' }, extra: { z: 1, a: 2 } });
  const [one, two, three] = [address(), address(), address()] as [string, string, string];
  await change(uuid, ({ ports }) => void ports.push(port(one), port(two)));
  const saved = await change(uuid, (machine) => {
    machine.node.properties.cpus = '4';
    machine.node.extra = { ...machine.node.extra, odd: 'a\u0000b\ud800', deep: [[{ k: [] }]] };
    machine.ports = [{ ...port(two), pxe_enabled: false, local_link_connection: { port_id: '7' } }, port(three)];
    machine.traits.add('CUSTOM_B').add('CUSTOM_A');
  });
  expect(saved.node.properties).toEqual({ cpus: '4' });
  expect(Object.keys(saved.node.extra)).toEqual(['z', 'a', 'odd', 'deep']);
  expect(saved.node.extra.odd).toBe('a\u0000b\ud800');
  expect(saved.ports.map(({ uuid: _, ...rest }) => rest)).toEqual([
    { ...port(two), pxe_enabled: false, local_link_connection: { port_id: '7' } },
    port(three),
  ]);
  expect([...saved.traits]).toEqual(['CUSTOM_A', 'CUSTOM_B']);
});
it('nothing changed: nothing is written', async () => {
  const { uuid } = await register();
  await change(uuid, () => undefined);
  expect((await demandNode(service.db, uuid)).updatedAt).toBeNull();
});
it('a new port whose address is the port of another node is left out', async () => {
  const [mine, other] = [await register(), await register()];
  const [taken, free] = [address(), address()] as [string, string];
  await change(other.uuid, ({ ports }) => void ports.push(port(taken)));
  const saved = await change(mine.uuid, ({ ports }) => void ports.push(port(taken), port(free)));
  expect(saved.ports.map((one) => one.address)).toEqual([free]);
});
it.each<[string, (machine: Machine) => void]>([
  ['a field that nobody sets', ({ node }) => void (node.provision_state = 'active')],
  ['the UUID', ({ node }) => void (node.uuid = randomUUID())],
  ['a field that there is none', ({ node }) => void (node.colour = 'red')],
  [
    'a key of the prototype',
    ({ node }) => void Object.defineProperty(node, '__proto__', { value: 1, enumerable: true }),
  ],
  ['an unknown driver', ({ node }) => void (node.driver = 'nope')],
  ['a list as properties', ({ node }) => void (node.properties = [] as unknown as JsonObject)],
  ['NUL in a text', ({ node }) => void (node.description = 'a\0b')],
  ['half of a surrogate pair in a name', ({ node }) => void (node.name = 'a\ud800')],
  ['an interface that the driver has not', ({ node }) => void (node.inspect_interface = 'redfish')],
  ['a document that is too long', ({ node }) => void (node.extra = { a: 'x'.repeat(1_100_000) })],
  ['a trait that is none', ({ traits }) => void traits.add('custom')],
])('refused, and nothing is saved: %s', async (_what, work) => {
  const { uuid } = await register();
  await expect(
    change(uuid, (machine) => {
      machine.node.properties.cpus = '4';
      work(machine);
    }),
  ).rejects.toMatchObject({ kind: 'invalid', params: { message: expect.any(String) as string } });
  expect((await demandNode(service.db, uuid)).properties).toEqual({});
});
describe('secrets of driver_info', () => {
  const info = { ipmi_address: '10.0.0.9', ipmi_password: 'hunter2', snmp_auth_key: 'k', nested: { password: 'deep' } };
  it('are sealed, and masked in the machine', async () => {
    const node = await register({ driver_info: info });
    const [row] = await sql(service.db, 'select to_json(n)::text stored from node n where uuid = $1', [node.uuid]);
    expect(String(row?.stored)).not.toMatch(/hunter2|deep/);
    expect(node.bmcAddress).toBe('10.0.0.9');
    expect(driverInfoOf(service.ctx, node)).toEqual(info);
    expect((await change(node.uuid, () => undefined)).node.driver_info).toEqual({
      ipmi_address: '10.0.0.9',
      ipmi_password: '******',
      snmp_auth_key: '******',
      nested: '******',
    });
  });
  it('409 where the installation has no key for them, and nothing is kept', async () => {
    const ctx = { secrets: createSecretBox([]) };
    const name = `keyless-${randomUUID()}`;
    const made = service.db.transaction((tx) => insertNode(ctx, tx, { driver: 'ipmi', name, driver_info: info }));
    await expect(made).rejects.toMatchObject({ kind: 'conflict', code: 'secrets.no_key' });
    expect(await findNode(service.db, name)).toBeUndefined();
  });
  it('stay where only others change, and go with their keys', async () => {
    const { uuid } = await register({ driver_info: info });
    await change(uuid, ({ node }) => {
      node.driver_info.ipmi_address = 'https://[FD00::0:1]:8000/x';
      node.driver_info.snmp_auth_key = 'new';
      delete node.driver_info.nested;
    });
    const stored = await demandNode(service.db, uuid);
    expect(stored.bmcAddress).toBe('fd00::1');
    expect(driverInfoOf(service.ctx, stored)).toMatchObject({ ipmi_password: 'hunter2', snmp_auth_key: 'new' });
    await change(uuid, ({ node }) => void (node.driver_info = {}));
    expect((await demandNode(service.db, uuid)).sealedDriverInfo).toBeNull();
  });
});
