import { bmcAddressOf, bootMacOf, inNetwork, ipOf, isLoopback, macOf, networkOf, senderOf } from './addresses.js';

describe('MAC addresses', () => {
  it.each([
    ['52:54:00:4e:3d:30', '52:54:00:4e:3d:30'],
    ['52-54-00-4E-3D-30', '52:54:00:4e:3d:30'],
    [' 52:54:00:4E:3D:30 ', '52:54:00:4e:3d:30'],
    ['52:54:00:4e:3d', undefined],
    ['a0:00:02:20:fe:80:00:00:00:00:00:00:f4:52:14:03:00:7b:cb:a1', undefined],
    ['52:54:00:4e:3d:3g', undefined],
    ['52:54:00:4e:3d:30\0', undefined],
    ['x'.repeat(1_000_000), undefined],
    [5, undefined],
    [null, undefined],
  ])('%p is %p', (text, expected) => {
    expect(macOf(text)).toBe(expected);
  });
  it.each([
    ['01-aa-bb-CC-dd-ee-ff', 'aa:bb:cc:dd:ee:ff'],
    ['20-aa-bb-cc-dd-ee-ff', 'aa:bb:cc:dd:ee:ff'],
    ['aa-bb-cc-dd-ee-ff', 'aa:bb:cc:dd:ee:ff'],
    ['AA:bb:cc:dd:ee:ff', 'aa:bb:cc:dd:ee:ff'],
    ['01-aa-bb-cc-dd', undefined],
    ['eth0', undefined],
    [{}, undefined],
  ])('booted from %p: %p', (text, expected) => {
    expect(bootMacOf(text)).toBe(expected);
  });
});
describe('IP addresses', () => {
  it.each([
    ['198.18.0.9', '198.18.0.9'],
    ['198.18.0.9/24', '198.18.0.9'],
    ['FE80:0:0:0::1%eth0', 'fe80::1'],
    ['2001:db8::1/64', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['198.18.9', undefined],
    ['0x7f.1', undefined],
    ['1', undefined],
    ['', undefined],
    ['198.18.0.9\0', undefined],
    [7, undefined],
  ])('%p is %p', (text, expected) => {
    expect(ipOf(text)).toBe(expected);
  });
  it.each(['0.0.0.0', '::/0', '127.0.0.1', '::1', '', 'bmc.example'])('%p is no address of a BMC', (text) => {
    expect(bmcAddressOf(text)).toBeUndefined();
  });
  it('loopback', () => {
    expect([isLoopback('127.9.9.9'), isLoopback('::1'), isLoopback('10.0.0.1')]).toEqual([true, true, false]);
  });
});
describe('networks', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/255.0.0.0', '10.1.1.1', true],
    ['198.18.0.0/15', '198.19.255.255', true],
    ['198.18.0.0/15', '198.20.0.0', false],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['10.0.0.0/8', '::ffff:10.0.0.1', false],
  ])('%s has %s: %p', (network, address, expected) => {
    const found = networkOf(network);
    expect(found && inNetwork(address, found)).toBe(expected);
  });
  it.each([
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10/8',
    'x',
    '10.0.0.0/8/8',
    '::/129',
    '10.0.0.0/255.0.255.0',
    '',
    5,
    {},
    null,
  ])('%p is none', (text) => {
    expect(networkOf(text)).toBeUndefined();
  });
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
])('%s sends as %s', (address, sender) => {
  expect(senderOf(address)).toBe(sender);
});
