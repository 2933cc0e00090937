import { checkedAddress, mayContact } from './address-guard.js';

describe('which BMC addresses are contacted', () => {
  it.each(['10.1.2.3', '192.168.0.9', '172.16.0.1', '8.8.8.8', '100.64.0.1'])('%s is', (address) =>
    expect(mayContact(address, null)).toBe(true),
  );
  it.each(['fd12::1', '2a00:1450:4001::1', '::ffff:10.0.0.1'])('%s is', (address) =>
    expect(mayContact(address, null)).toBe(true),
  );
  it.each([
    ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '0.1.2.3', '169.254.169.254', '169.254.0.1', '224.0.0.1', '239.1.1.1'],
    ...['203.0.113.7', '2001:db8::5', '255.255.255.255', '240.0.0.1', '100.100.100.200'],
    ...['::1', '::', 'fe80::1', 'fe80::1%eth0', 'ff02::1', 'fd00:ec2::254', 'fd20:ce::254'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '::ffff:0:0', '::ffff:100.100.100.200'],
    ...['::127.0.0.1', '::169.254.169.254', '64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::a9fe:a9fe'],
    ...['::ffff:0:7f00:1', '::ffff:0:a9fe:a9fe'],
    ...['2002:7f00:1::', '2002:a9fe:a9fe::1', '2001:0:1::1'],
    ...['localhost', '', '[::1]'],
  ])('%s is not', (address) => expect(mayContact(address, null)).toBe(false));

  it('those of the configured networks only', () => {
    const networks = ['10.5.0.0/16', '127.0.0.0/8', 'fd12::/64', '192.0.2.7'];
    expect(
      ['10.5.1.1', '127.0.0.1', 'fd12::9', '192.0.2.7', '::ffff:10.5.1.1'].filter((one) => !mayContact(one, networks)),
    ).toEqual([]);
    expect(
      ['10.6.1.1', '8.8.8.8', '::1', 'fd12:1::9', '192.0.2.8', '169.254.169.254', '::ffff:10.6.1.1'].filter((one) =>
        mayContact(one, networks),
      ),
    ).toEqual([]);
  });
  it('never everybody at once, whatever is configured', () => {
    const all = ['0.0.0.0/0', '::/0'];
    expect(['10.0.0.1', '127.0.0.1', '::1'].every((one) => mayContact(one, all))).toBe(true);
    expect(['0.0.0.0', '::', '224.0.0.1', 'ff02::1', '255.255.255.255'].some((one) => mayContact(one, all))).toBe(
      false,
    );
  });
  it('a list without a network closes all', () => expect(mayContact('10.0.0.1', [])).toBe(false));
});

describe('the address to connect to', () => {
  const never = () => Promise.reject(new Error('asked'));
  it('is an address itself, with and without brackets', async () => {
    expect(await checkedAddress('10.0.0.7', null, never)).toBe('10.0.0.7');
    expect(await checkedAddress('[fd12::7]', null, never)).toBe('fd12::7');
  });
  it('is the first allowed one of a name', async () => {
    const resolve = () => Promise.resolve(['127.0.0.1', '10.0.0.8', '10.0.0.9']);
    expect(await checkedAddress('bmc.example', null, resolve)).toBe('10.0.0.8');
  });
  it('refuses a name that leads to this machine, and other spellings of its address', async () => {
    const here = () => Promise.resolve(['127.0.0.1', '::1']);
    for (const host of ['bmc.example', '127.1', '0x7f000001', '2130706433', '0177.0.0.1', '::ffff:7f00:1'])
      await expect(checkedAddress(host, null, here)).rejects.toMatchObject({ failure: 'address' });
    await expect(checkedAddress('169.254.169.254', null, never)).rejects.toMatchObject({ failure: 'address' });
  });
  it('says when a name is unknown', () =>
    expect(checkedAddress('nowhere.example', null, never)).rejects.toMatchObject({
      failure: 'unreachable',
      message: expect.stringContaining('nowhere.example') as string,
    }));
});
