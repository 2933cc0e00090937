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
  it('every TLV that is known', () => {
    expect(
      decoded([
        [1, '04112233aabbcc'],
        [2, '07373334'],
        [3, '003c'],
        [4, '686f737430322e6c61622e656e6720706f7274203320'],
        [5, '737730312d646973742d31622d623132'],
        [6, '4e6574776f726b732c20496e632e'],
        [7, '00140014'],
        [8, '0501c000020f020000000000'],
        [8, '110220010db885a3000000008a2e03707334020000000000'],
        [8, '0706aa11bb22cc3302000003e900'],
        [127, '00120f01036c110010'],
        [127, '00120f030300000002'],
        [127, '00120f0405ea'],
        [127, '0080c2010066'],
        [127, '0080c20206000a'],
        [127, '0080c202060014'],
        [127, '0080c204080026424203000000'],
        [127, '0080c203006507766c616e313031'],
        [127, '0080c203006607766c616e313032'],
        [127, '0080c2060058'],
        [0, ''],
      ]),
    ).toEqual({
      switch_capabilities_enabled: ['Bridge', 'Router'],
      switch_capabilities_support: ['Bridge', 'Router'],
      switch_chassis_id: '11:22:33:aa:bb:cc',
      switch_mgmt_addresses: ['192.0.2.15', '2001:db8:85a3::8a2e:370:7334', 'aa:11:bb:22:cc:33'],
      switch_port_autonegotiation_enabled: true,
      switch_port_autonegotiation_support: true,
      switch_port_description: 'host02.lab.eng port 3 ',
      switch_port_id: '734',
      switch_port_link_aggregation_enabled: true,
      switch_port_link_aggregation_id: 2,
      switch_port_link_aggregation_support: true,
      switch_port_management_vlan_id: 88,
      switch_port_mau_type: '100BASE-TX full duplex',
      switch_port_mtu: 1514,
      switch_port_physical_capabilities: [
        ...['1000BASE-T fdx', '100BASE-TX fdx', '100BASE-TX hdx', '10BASE-T fdx', '10BASE-T hdx'],
        'Asym and Sym PAUSE fdx',
      ],
      switch_port_protocol_vlan_enabled: true,
      switch_port_protocol_vlan_ids: [10, 20],
      switch_port_protocol_vlan_support: true,
      switch_port_untagged_vlan_id: 102,
      switch_port_vlans: [
        { name: 'vlan101', id: 101 },
        { name: 'vlan102', id: 102 },
      ],
      switch_protocol_identities: ['0026424203000000'],
      switch_system_description: 'Networks, Inc.',
      switch_system_name: 'sw01-dist-1b-b12',
    });
  });
  it.each([
    [1, '0773773031', { switch_chassis_id: 'sw01' }],
    [1, '0501c000020f', { switch_chassis_id: '192.0.2.15' }],
    [1, '050220010db8000000000000000000000001', { switch_chassis_id: '2001:db8::1' }],
    [1, '0506aa11bb22cc33', { switch_chassis_id: 'aa:11:bb:22:cc:33' }],
    [1, '0161', { switch_chassis_id: 'a' }],
    [1, '0261', { switch_chassis_id: 'a' }],
    [1, '0361', { switch_chassis_id: 'a' }],
    [1, '0661', { switch_chassis_id: 'a' }],
    [1, '0861', {}],
    [2, '03AA11BB22CC33', { switch_port_id: 'aa:11:bb:22:cc:33' }],
    [2, '0401c000020f', { switch_port_id: '192.0.2.15' }],
    [2, '0165746830', { switch_port_id: 'eth0' }],
    [2, '0265746830', { switch_port_id: 'eth0' }],
    [2, '0565746830', { switch_port_id: 'eth0' }],
    [2, '0661', {}],
    [4, '', { switch_port_description: '' }],
    [
      7,
      '07fe0002',
      {
        switch_capabilities_support: [
          ...['Repeater', 'Bridge', 'WLAN', 'Router', 'Telephone', 'DOCSIS cable device', 'Station only', 'C-Vlan'],
          ...['S-Vlan', 'TPMR'],
        ],
        switch_capabilities_enabled: ['Repeater'],
      },
    ],
    [
      127,
      '0080c2070300000005',
      {
        switch_port_link_aggregation_support: true,
        switch_port_link_aggregation_enabled: true,
        switch_port_link_aggregation_id: 5,
      },
    ],
    [127, '00120f0100000000ff', {}],
    [127, '00906901425030323134323530393236', {}],
    [10, '04112233aabbcc', {}],
  ])('TLV %i %s: %j', (type, hex, expected) => {
    expect(decoded([[type, hex]])).toEqual(expected);
  });
  it('the first of a scalar counts', () => {
    const tlvs = [
      [1, '0461'],
      [1, '04112233aabbcc'],
      [1, '04332211ddeeff'],
      [7, '00140014'],
      [7, '00080008'],
    ];
    expect(decoded(tlvs)).toEqual({
      switch_chassis_id: '11:22:33:aa:bb:cc',
      switch_capabilities_support: ['Bridge', 'Router'],
      switch_capabilities_enabled: ['Bridge', 'Router'],
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
    [[[8, '0507c000020f020000000000']]],
    [[[8, '0506']]],
    [[[127, '00120f01036c11FFFF']]],
    [[[127, '00120f01036c11']]],
    [[[127, '00120f0303']]],
    [[[127, '0080c201']]],
    [[[127, '0080c203006507']]],
    [[[1, '04'.repeat(100_000)]]],
    [[[1e9, '04']]],
    [[[-1, '04']]],
    [[[1.5, '04']]],
    [[[NaN, '04']]],
  ])('what can not be read is skipped: %#', (tlvs) => {
    expect(decoded(tlvs)).toEqual({});
  });
  it('of ten thousand TLVs the first count', () => {
    const tlvs = Array.from({ length: 10_000 }, (_one, i) => [127, `0080c203${i.toString(16).padStart(4, '0')}0161`]);
    expect((decoded(tlvs) as { switch_port_vlans: unknown[] }).switch_port_vlans).toHaveLength(1000);
  });
});
