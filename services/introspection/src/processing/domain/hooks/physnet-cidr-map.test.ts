import { machineWith, portAt, runHook } from '../../../../test/machine.js';
import { physnetCidrMap } from './physnet-cidr-map.js';

const physicalNetworks = [
  { cidr: '10.1.0.0/16', name: 'one' },
  { cidr: '10.0.0.0/8', name: 'ten' },
  { cidr: '2001:db8::/32', name: 'six' },
];
const networkOf = (one: object, more: object = {}, overwriteExisting = true): string | null | undefined => {
  const machine = { ...machineWith(), ports: [portAt('11:22:33:44:55:66', more)] };
  const interfaces = [{ name: 'eth0', mac_address: '11:22:33:44:55:66', ...one }];
  runHook(physnetCidrMap, { inventory: { interfaces } }, machine, { physicalNetworks, overwriteExisting });
  return machine.ports[0]?.physical_network;
};
it.each([
  [{ ipv4_address: '10.1.2.3' }, 'one'],
  [{ ipv4_address: '10.2.2.3' }, 'ten'],
  [{ ipv6_address: '2001:db8::5/64' }, 'six'],
  [{ ipv4_address: '10.2.2.3', ipv6_address: '2001:db8::5' }, 'ten'],
  [{ ipv4_address: '192.168.0.1' }, null],
  [{ ipv4_address: 5 }, null],
  [{}, null],
  [{ mac_address: '11-22-33-44-55-66'.toUpperCase(), ipv4_address: '10.1.2.3' }, 'one'],
  [{ mac_address: '66:55:44:33:22:11', ipv4_address: '10.1.2.3' }, null],
])('an interface %j: %p', (one, expected) => {
  expect(networkOf(one)).toBe(expected);
});
it('one that is known is replaced, unless nothing is', () => {
  const one = { ipv4_address: '10.1.2.3' };
  expect(networkOf(one, { physical_network: 'old' })).toBe('one');
  expect(networkOf(one, { physical_network: 'old' }, false)).toBe('old');
});
