import { decodeLldp, tlvsOf } from './decode.js';

const decoded = (tlvs: unknown) => decodeLldp(tlvsOf(tlvs as never), () => undefined);

describe('LLDP (contract introspection §7.2)', () => {
  it('the measured vector', () => {
    expect(
      decoded([
        [1, '04112233aabbcc'],
        [2, '07373334'],
        [7, '00140014'],
        [8, '0501c000020f020000000000'],
        [127, '0080c2010064'],
        [127, '0080c203006505766c616e31'],
        [127, '00120f0405ea'],
      ]),
    ).toEqual({
      switch_chassis_id: '11:22:33:aa:bb:cc',
      switch_port_id: '734',
      switch_capabilities_support: ['Bridge', 'Router'],
      switch_capabilities_enabled: ['Bridge', 'Router'],
      switch_mgmt_addresses: ['192.0.2.15'],
      switch_port_untagged_vlan_id: 100,
      switch_port_vlans: [{ name: 'vlan1', id: 101 }],
      switch_port_mtu: 1514,
    });
  });
  it.each([
    [null],
    ['x'],
    [[]],
    [[1]],
    [[[1, 'zz']]],
    [[['1', '04']]],
    [[[1, '04']]],
    [[[7, '0014']]],
    [[[127, '0080c2']]],
    [[[127, '0080c2030065ff76']]],
    [[[5, 'ff']]],
    [[[1, '0']]],
    [[[8, '05']]],
  ])('what can not be read is skipped: %j', (tlvs) => {
    expect(decoded(tlvs)).toEqual({});
  });
});
