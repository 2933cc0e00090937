import type { LookupFunction } from 'node:net';
import { parsePeers } from '@nefos/service-kit';
import { demandOutside, isOutside, lookupOutside } from './outside-address.js';

describe('addresses of the public internet', () => {
  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'fec0::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:169.254.169.254',
    '::127.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::1',
    '64:ff9b::1.1.1.1',
    '2002:7f00:1::',
    '2002:101:101::1',
    '2002:a9fe:a9fe::1',
    '2001::1',
    '2001:db8::1',
    '100::1',
    'localhost',
    '',
    '1.2.3',
  ])('%s is none', (address) => {
    expect(isOutside(address)).toBe(false);
  });
  it.each([
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '169.253.1.1',
    '223.255.255.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80b::200e',
    '::ffff:1.1.1.1',
  ])('%s is one', (address) => {
    expect(isOutside(address)).toBe(true);
  });
  it('networks can be allowed all the same', () => {
    const allowed = parsePeers('10.1.0.0/16, fd00:1::/32');
    expect([isOutside('10.1.2.3', allowed), isOutside('10.2.2.3', allowed)]).toEqual([true, false]);
    expect([isOutside('::ffff:10.1.2.3', allowed), isOutside('fd00:1::5', allowed)]).toEqual([true, true]);
  });
  it.each([
    'http://127.0.0.1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://017700000001/',
  ])('an URL in any spelling is recognised: %s', (url) => {
    expect(() => demandOutside(new URL(url))).toThrow('not one of the public internet');
  });
  const look = (lookup: LookupFunction, host: string, all: boolean): Promise<unknown> =>
    new Promise((resolve, reject) => {
      lookup(host, { all }, (err, found) => (err ? reject(err) : resolve(found)));
    });
  it('a name that leads inside is refused, and an allowed one gives what was checked', async () => {
    await expect(look(lookupOutside(), 'localhost', true)).rejects.toMatchObject({ name: 'InsideAddress' });
    await expect(look(lookupOutside(), 'localhost', false)).rejects.toMatchObject({ name: 'InsideAddress' });
    const found = await look(lookupOutside(parsePeers('127.0.0.0/8,::1/128')), 'localhost', true);
    expect(found).toEqual(
      expect.arrayContaining([expect.objectContaining({ address: expect.stringMatching(/^(127\.|::1)/) })]),
    );
    await expect(look(lookupOutside(), 'does-not-exist.invalid', true)).rejects.toThrow();
  });
});
