/** What a port can do on the wire, by the bit of IEEE 802.3's capabilities, from bit 0 (RFC 4836). */
export const PHYSICAL_CAPABILITIES: readonly string[] = [
  '1000BASE-T fdx',
  '1000BASE-T hdx',
  '1000BASE-X fdx',
  '1000BASE-X hdx',
  'Asym and Sym PAUSE fdx',
  'Sym PAUSE fdx',
  'Asym PAUSE fdx',
  'PAUSE fdx',
  '100BASE-T2 fdx',
  '100BASE-T2 hdx',
  '100BASE-TX fdx',
  '100BASE-TX hdx',
  '10BASE-T4',
  '10BASE-T fdx',
  '10BASE-T hdx',
];

const duplex = (medium: string): string[] => [`${medium} half duplex`, `${medium} full duplex`];
/** Media by their number, 0 to 53 (IANA's list of MAU types). */
export const MAU_TYPES: readonly string[] = [
  ...['Unknown', 'AUI', '10BASE-5', 'FOIRL', '10BASE-2', '10BASE-T duplex mode unknown', '10BASE-FP', '10BASE-FB'],
  ...['10BASE-FL duplex mode unknown', '10BROAD36', ...duplex('10BASE-T'), ...duplex('10BASE-FL'), '100 BASE-T4'],
  ...['100BASE-TX', '100BASE-FX', '100BASE-T2', '1000BASE-X', '1000BASE-LX', '1000BASE-SX', '1000BASE-CX'].flatMap(
    duplex,
  ),
  ...[...duplex('1000BASE-T'), '10GBASE-X', '10GBASE-LX4', '10GBASE-R', '10GBASE-ER', '10GBASE-LR', '10GBASE-SR'],
  ...['10GBASE-W', '10GBASE-EW', '10GBASE-LW', '10GBASE-SW', '10GBASE-CX4', '2BASE-TL', '10PASS-TS', '100BASE-BX10D'],
  ...['100BASE-BX10U', '100BASE-LX10', '1000BASE-BX10D', '1000BASE-BX10U', '1000BASE-LX10', '1000BASE-PX10D'],
  ...['1000BASE-PX10U', '1000BASE-PX20D', '1000BASE-PX20U'],
];
