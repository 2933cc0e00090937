import { machineWith, portAt, report, runHook } from '../../../../test/machine.js';
import type { JsonObject } from '../../../values.js';
import { Unusable } from '../hook.js';
import { validateInterfaces } from './validate-interfaces.js';

const inventory = (...interfaces: unknown[]): JsonObject => ({ inventory: { interfaces } }) as never;
const eth = (name: string, mac: string, more: object = {}) => ({ name, mac_address: mac, ...more });
const [A, B, C] = ['aa:00:00:00:00:01', 'aa:00:00:00:00:02', 'aa:00:00:00:00:03'] as const;
/** Booted with an address, one with an address, one without. */
const three = (boot: string | undefined = A): JsonObject => ({
  ...inventory(eth('a', A, { ipv4_address: '10.0.0.1' }), eth('b', B, { ipv4_address: '10.0.0.2' }), eth('c', C)),
  ...(boot !== undefined && { boot_interface: boot }),
});

describe('interfaces (contract introspection §7)', () => {
  it('the report of the contract', () => {
    const data = report();
    runHook(validateInterfaces, data);
    expect(data).toMatchObject({ ipmi_address: '192.0.2.10', ipmi_v6address: null, macs: ['11:22:33:44:55:66'] });
    expect(data.all_interfaces).toEqual({
      eth1: { ip: '1.2.1.2', mac: '11:22:33:44:55:66', client_id: null, pxe: true },
      eth2: { ip: null, mac: '12:12:21:12:21:12', client_id: null, pxe: false },
    });
    expect(Object.keys(data.interfaces as object)).toEqual(['eth1']);
  });
  it('the interfaces that become ports are the same objects', () => {
    const data = report();
    runHook(validateInterfaces, data);
    const [all, some] = [data.all_interfaces, data.interfaces] as { eth1: object }[];
    expect(all?.eth1).toBe(some?.eth1);
  });
  it('MACs are lower-case; those of 20 octets and none at all are left out; names count', () => {
    const ib = 'a0:00:02:20:fe:80:00:00:00:00:00:00:f4:52:14:03:00:7b:cb:a1';
    const data = inventory(
      eth('A', A.toUpperCase(), { ipv6_address: 'fe80::1%A', client_id: 'ff:00' }),
      ...[eth('ib0', ib), eth('x', 'zz'), eth('', B), { mac_address: B }, null, 'x', [], eth('n', B, { name: 5 })],
    );
    runHook(validateInterfaces, data);
    expect(data.all_interfaces).toEqual({ A: { ip: 'fe80::1', mac: A, client_id: 'ff:00', pxe: false } });
  });
  it.each([
    ['0.0.0.0', '::/0', null, null],
    ['', '', null, null],
    ['192.0.2.1', '2001:db8::1/64', '192.0.2.1', '2001:db8::1/64'],
    [5, {}, null, null],
  ])('BMC addresses %j and %j: %j and %j', (v4, v6, ipmi_address, ipmi_v6address) => {
    const data = report();
    Object.assign(data.inventory as JsonObject, { bmc_address: v4, bmc_v6address: v6 });
    const found: JsonObject = { ...data, ipmi_address: 'old', ipmi_v6address: 'old' };
    runHook(validateInterfaces, found);
    expect(found).toMatchObject({ ipmi_address, ipmi_v6address });
  });
  it('an address outside the inventory counts where this has none', () => {
    const data: JsonObject = { ...three(), ipmi_address: '192.0.2.7' };
    runHook(validateInterfaces, data);
    expect(data.ipmi_address).toBe('192.0.2.7');
  });
  it.each([
    [{}, /inventory is empty or missing/],
    [{ inventory: [] }, /inventory is empty or missing/],
    [{ inventory: {} }, /No interfaces/],
    [inventory(), /No interfaces/],
    [inventory(eth('a', 'zz')), /No valid interfaces/],
    [inventory(eth('lo', A, { ipv4_address: '10.0.0.1' })), /No suitable interfaces/],
    [inventory(eth('a', A, { ipv4_address: '127.0.0.1' })), /No suitable interfaces/],
    [inventory(eth('a', A, { ipv6_address: '::1' })), /No suitable interfaces/],
    [inventory(eth('a', A)), /No suitable interfaces/],
  ])('the run fails: %j', (data, text) => {
    expect(() => runHook(validateInterfaces, data)).toThrow(Unusable);
    expect(() => runHook(validateInterfaces, data)).toThrow(text);
  });
});
describe('ports (contract introspection §7.1)', () => {
  it.each([
    ['pxe', A, [A]],
    ['pxe', `01-${A.replaceAll(':', '-').toUpperCase()}`, [A]],
    ['pxe', undefined, [A, B]],
    ['active', A, [A, B]],
    ['all', A, [A, B, C]],
    ['disabled', A, []],
  ] as const)('add_ports %s, booted from %s: %j', (addPorts, boot, expected) => {
    const machine = machineWith();
    const data = three();
    if (boot === undefined) delete data.boot_interface;
    else data.boot_interface = boot;
    runHook(validateInterfaces, data, machine, { addPorts });
    expect(machine.ports.map(({ address }) => address)).toEqual(expected);
  });
  it('the booted one without an address is none', () => {
    expect(() => runHook(validateInterfaces, three(C))).toThrow(/No suitable/);
  });
  it('pxe_enabled says which booted; with a client id', () => {
    const machine = machineWith();
    const data = inventory(eth('a', A, { client_id: 'ff' }), eth('b', B));
    runHook(validateInterfaces, { ...data, boot_interface: A }, machine, { addPorts: 'all' });
    expect(machine.ports).toEqual([
      portAt(A, { extra: { 'client-id': 'ff' }, pxe_enabled: true }),
      portAt(B, { pxe_enabled: false }),
    ]);
    const without = machineWith();
    runHook(validateInterfaces, three(), without, { addPorts: 'all', updatePxeEnabled: false });
    expect(without.ports.map((port) => port.pxe_enabled)).toEqual([true, true, true]);
  });
  it('a port that is there is left, in whatever spelling', () => {
    const machine = { ...machineWith(), ports: [portAt(A.toUpperCase(), { extra: { mine: 1 } })] };
    runHook(validateInterfaces, three(), machine);
    expect(machine.ports).toEqual([portAt(A.toUpperCase(), { extra: { mine: 1 } })]);
  });
  it('two interfaces of one MAC are one port', () => {
    const machine = machineWith();
    runHook(validateInterfaces, inventory(eth('a', A), eth('bond', A)), machine, { addPorts: 'all' });
    expect(machine.ports).toHaveLength(1);
  });
  const D = 'dd:00:00:00:00:01';
  it.each([
    ['all', [D, C, A]],
    ['present', [C, A]],
    ['added', [A]],
  ] as const)('keep_ports %s: %j', (keepPorts, expected) => {
    const machine = { ...machineWith(), ports: [portAt(D), portAt(C)] };
    runHook(validateInterfaces, three(), machine, { keepPorts });
    expect(machine.ports.map(({ address }) => address)).toEqual(expected);
  });
  it.each(['active', 'rescue'])('of a node in use (%s) none goes or changes', (provision_state) => {
    const machine = { ...machineWith({}, { provision_state }), ports: [portAt(D), portAt(C)] };
    runHook(validateInterfaces, three(), machine, { keepPorts: 'added' });
    expect(machine.ports).toEqual([portAt(D), portAt(C), portAt(A)]);
  });
  it.each([
    [{}, false],
    [{ overwriteExisting: false }, true],
    [{ updatePxeEnabled: false }, true],
  ])('pxe_enabled of a port that is there, %j: %p', (settings, expected) => {
    const machine = { ...machineWith(), ports: [portAt(C)] };
    runHook(validateInterfaces, three(), machine, settings);
    expect(machine.ports[0]?.pxe_enabled).toBe(expected);
  });
});
