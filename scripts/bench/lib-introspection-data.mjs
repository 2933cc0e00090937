// @ts-check
// Nodes whose machines boot, the reports that they send, and runs that have ended.

/** MAC address of the card `card` of the machine `n`. @param {number} n @param {number} [card] */
export const macOf = (n, card = 0) =>
  `52:${card.toString(16).padStart(2, '0')}:${n.toString(16).padStart(8, '0').match(/../g)?.join(':')}`;

const CARDS = 4;
/** As a switch announces its port. */
const LLDP = [
  [1, '04112233aabbcc'],
  [2, '0545746865726e657437'],
  [5, Buffer.from('leaf1.rack7.example').toString('hex')],
  [6, Buffer.from('Example Switch Software, version 4.31.2F, built for racks').toString('hex')],
  [7, '00140014'],
  [127, '0080c2010064'],
];
const FLAGS = Array.from({ length: 110 }, (_, n) => `flag_${n}`);
const DISKS = Array.from({ length: 12 }, (_, n) => ({
  name: `/dev/sd${String.fromCharCode(97 + n)}`,
  size: 4_000_787_030_016,
  rotational: true,
  model: 'ST4000NM0035-1V4',
  vendor: 'ATA',
  serial: `ZC1${n}0000`,
  wwn: `0x5000c500a1b2c3${n.toString(16).padStart(2, '0')}`,
  wwn_with_extension: null,
  wwn_vendor_extension: null,
  hctl: `0:0:${n}:0`,
  by_path: `/dev/disk/by-path/pci-0000:02:00.0-scsi-0:0:${n}:0`,
}));
const PCI = Array.from({ length: 115 }, (_, n) => ({
  vendor_id: '8086',
  product_id: (0x2000 + n).toString(16),
  class: '088000',
  revision: '04',
  bus: `0000:${n.toString(16).padStart(2, '0')}:00.0`,
  numa_node_id: 0,
}));
/** What the machine `n` reports: some 20 kB, with the keys of the seed's sample. @param {number} n */
export const reportOf = (n) =>
  JSON.stringify({
    inventory: {
      bmc_address: '0.0.0.0',
      boot: { current_boot_mode: 'bios', pxe_interface: macOf(n) },
      cpu: { architecture: 'x86_64', count: 32, flags: FLAGS, frequency: '2100.084', model_name: 'Xeon' },
      disks: DISKS,
      interfaces: Array.from({ length: CARDS }, (_, card) => ({
        name: `eth${card}`,
        mac_address: macOf(n, card),
        ipv4_address: card ? null : '198.51.100.9',
        ipv6_address: null,
        has_carrier: true,
        lldp: LLDP,
        vendor: '0x8086',
        product: '0x1572',
        client_id: null,
        biosdevname: null,
      })),
      memory: { physical_mb: 131_072, total: 135_089_774_592 },
      system_vendor: { manufacturer: 'Bench', product_name: 'Server', serial_number: `S${n}` },
    },
    root_disk: DISKS[0],
    boot_interface: `01-${macOf(n).replaceAll(':', '-')}`,
    configuration: { collectors: ['default', 'logs', 'pci-devices'], managers: [] },
    pci_devices: PCI,
    error: null,
  });

const UUID = `md5('bench-' || n)::uuid`;
const NUMBERS = 'generate_series($1::int, $2::int) n';
const NODES = `insert into node (uuid, name, driver) select ${UUID}, 'bench-' || n, 'fake-hardware' from ${NUMBERS}`;
const WAITING = `insert into run (node_uuid, id, state, started_at, manage_boot)
  select ${UUID}, gen_random_uuid(), 'waiting', now(), $3 from ${NUMBERS}`;
/** Of all cards, as a node has that was introspected before. */
const MACS = `insert into run_attribute (node_uuid, kind, value)
  select ${UUID}, 'mac', '52:' || lpad(to_hex(card), 2, '0')
    || regexp_replace(lpad(to_hex(n), 8, '0'), '(..)', ':\\1', 'g')
  from ${NUMBERS}, generate_series(0, ${CARDS - 1}) card`;
const ENDED = `insert into run (node_uuid, id, state, started_at, finished_at, error, manage_boot)
  select ${UUID}, gen_random_uuid(), case when n % 10 = 0 then 'error' else 'finished' end,
    now() - n * interval '1 s', now(), case when n % 10 = 0 then 'Introspection timeout' end, true from ${NUMBERS}`;

/**
 * Nodes `from` to `to` that wait for the report of their machine.
 * @param {import('pg').Client} db @param {number} from @param {number} to
 * @param {boolean} [manageBoot] whether their machines are switched off at the end
 */
export const addWaiting = async (db, from, to, manageBoot = false) => {
  await db.query(NODES, [from, to]);
  await db.query(WAITING, [from, to, manageBoot]);
  await db.query(MACS, [from, to]);
};
/** Nodes whose run has ended. @param {import('pg').Client} db @param {number} from @param {number} to */
export const addEnded = async (db, from, to) => {
  await db.query(NODES, [from, to]);
  await db.query(ENDED, [from, to]);
};
/** The UUID of a node. @param {import('pg').Client} db @param {number} n @returns {Promise<string>} */
export const uuidOf = async (db, n) =>
  (await db.query(`select ${UUID}::text uuid from (select $1::int n) x`, [n])).rows[0].uuid;
