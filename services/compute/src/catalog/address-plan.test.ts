import { compute } from '@nefos/contracts';
import { doOverlap, firstAddress, isInPool, isUsable, poolsOf } from './address-plan.js';

describe('addresses as numbers and back', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['10.1.2.3', '10.1.2.3'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['::ffff:192.168.0.1', '::ffff:192.168.0.1'],
    ['1:0:0:2::3', '1:0:0:2::3'],
    ['fe80::', 'fe80::'],
  ])('%s is %s', (text, known) => {
    expect(compute.canonicalIp(text)).toBe(known);
    const ip = compute.parseIp(text);
    expect(ip && compute.ipText(ip)).toBe(known);
  });
  it.each(['', '1.2.3', '1.2.3.4.5', '01.2.3.4', '256.0.0.1', 'fe80::1%eth0', ':::', '1::2::3', 'x', ' 1.2.3.4'])(
    '%s is no address',
    (text) => {
      expect(compute.parseIp(text)).toBeUndefined();
    },
  );
  it('values rise with the addresses', () => {
    expect(compute.parseIp('10.0.1.0')?.value).toBe((compute.parseIp('10.0.0.255')?.value as bigint) + 1n);
    expect(compute.parseIp('2001:db8::1:0')?.value).toBe((compute.parseIp('2001:db8::ffff')?.value as bigint) + 1n);
  });
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['192.168.1.1/32', '192.168.1.1/32'],
    ['192.168.1.1/24', undefined],
    ['10.0.0.0/33', undefined],
    ['10.0.0.0/', undefined],
    ['10.0.0.0', undefined],
    ['10.0.0.0/08', undefined],
    ['2001:db8::1/64', undefined],
  ])('the network %s is %s', (text, known) => {
    expect(compute.canonicalCidr(text)).toBe(known);
  });
  it.each([
    ['10.0.0.5/24', '10.0.0.0/24'],
    ['10.0.0.5/32', '10.0.0.5/32'],
    ['10.0.0.5/0', '0.0.0.0/0'],
    ['2001:DB8::5/64', '2001:db8::/64'],
    ['10.0.0.5', undefined],
    ['10.0.0.5/33', undefined],
    ['10.0.0/24', undefined],
  ])('%s lies in the network %s', (text, known) => {
    expect(compute.networkOf(text)).toBe(known);
  });
});
describe('the plan of a subnet', () => {
  const pools = (cidr: string, gatewayIp: string | null) => poolsOf({ cidr, gatewayIp, allocationPools: [] });
  it.each([
    ['10.0.0.0/24', '10.0.0.1', [['10.0.0.2', '10.0.0.254']]],
    ['10.0.0.0/24', '10.0.0.254', [['10.0.0.1', '10.0.0.253']]],
    ['10.0.0.0/30', '10.0.0.1', [['10.0.0.2', '10.0.0.2']]],
    ['10.0.0.0/24', null, [['10.0.0.1', '10.0.0.254']]],
    [
      '2001:db8::/64',
      '2001:db8::10',
      [
        ['2001:db8::1', '2001:db8::f'],
        ['2001:db8::11', '2001:db8::ffff:ffff:ffff:ffff'],
      ],
    ],
  ] as const)('pools of %s around %s', (cidr, gateway, wanted) => {
    expect(pools(cidr, gateway)).toEqual(wanted.map(([start, end]) => ({ start, end })));
  });
  it('what machines can have', () => {
    for (const [address, usable] of [
      ['10.0.0.0', false],
      ['10.0.0.1', true],
      ['10.0.0.255', false],
      ['10.0.1.1', false],
      ['::1', false],
    ] as const)
      expect([address, isUsable('10.0.0.0/24', address)]).toEqual([address, usable]);
    expect(isUsable('2001:db8::/64', '2001:db8::ffff:ffff:ffff:ffff')).toBe(true);
    expect(isUsable('2001:db8::/64', '2001:db8::')).toBe(false);
    expect(['10.0.0.0/31', '10.0.0.0/32', '::1/128', '10.0.0.0/30'].map(firstAddress)).toEqual([
      undefined,
      undefined,
      undefined,
      '10.0.0.1',
    ]);
  });
  it('pools that touch overlap, neighbours do not; an address of the other family is in none', () => {
    const pool = (start: string, end: string) => ({ start, end });
    expect(doOverlap(pool('10.0.0.1', '10.0.0.5'), pool('10.0.0.5', '10.0.0.9'))).toBe(true);
    expect(doOverlap(pool('10.0.0.1', '10.0.0.5'), pool('10.0.0.6', '10.0.0.9'))).toBe(false);
    expect(isInPool(pool('0.0.0.1', '0.0.0.5'), '::2')).toBe(false);
    expect(isInPool(pool('10.0.0.1', '10.0.0.5'), '10.0.0.5')).toBe(true);
  });
});
