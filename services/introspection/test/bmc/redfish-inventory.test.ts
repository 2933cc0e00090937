import type { BmcSite } from '../../src/bmc/domain/driver.js';
import { redfish } from '../../src/bmc/redfish/driver.js';
import type { JsonObject } from '../../src/values.js';
import { RedfishSimulator } from './redfish-simulator.js';

const SYSTEM = '/redfish/v1/Systems/1';
const CHASSIS = '/redfish/v1/Chassis/1';
const ref = (path: string) => ({ '@odata.id': path });
const site = { bmc: { networks: ['127.0.0.0/8'], caDirectory: null, timeoutMs: 2000 } } as unknown as BmcSite;

describe('what a Redfish BMC knows of its machine, against a simulator', () => {
  let bmc: RedfishSimulator;
  beforeEach(async () => {
    bmc = new RedfishSimulator();
    await bmc.start();
  });
  afterEach(() => bmc.stop());

  const has = (path: string, body: object, status = 200) => bmc.on(`GET ${path}`, { status, body });
  const list = (path: string, ...names: string[]) =>
    has(path, { Members: names.map((name) => ref(`${path}/${name}`)) });
  const inventory = async (): Promise<JsonObject> => {
    const info = { redfish_address: bmc.url, redfish_username: bmc.user, redfish_password: bmc.password };
    const one = redfish.connect(site, { uuid: 'u', driver: 'redfish', info }, new AbortController().signal);
    try {
      return (await one.inventory?.()) ?? {};
    } finally {
      await one.close();
    }
  };

  it('is what a ramdisk would post', async () => {
    bmc.system = {
      Manufacturer: 'Contoso',
      Model: '3500',
      SerialNumber: '437XR1138R2',
      UUID: '38947555-7742-3448-3784-823347823834',
      BiosVersion: 'P79 v1.45',
      HostName: 'web483',
      Boot: { BootSourceOverrideMode: 'UEFI' },
      MemorySummary: { TotalSystemMemoryGiB: 96 },
      ProcessorSummary: { Count: 2, Model: 'Multi-Core' },
      Processors: ref(`${SYSTEM}/Processors`),
      EthernetInterfaces: ref(`${SYSTEM}/EthernetInterfaces`),
      Storage: ref(`${SYSTEM}/Storage`),
      PCIeDevices: [ref(`${CHASSIS}/PCIeDevices/GPU1`)],
      Links: { Chassis: [ref(CHASSIS)] },
    };
    list(`${SYSTEM}/Processors`, 'CPU1', 'CPU2');
    has(`${SYSTEM}/Processors/CPU1`, { Model: 'Fast 1', MaxSpeedMHz: 3700, InstructionSet: 'x86-64' });
    list(`${SYSTEM}/EthernetInterfaces`, 'NIC1', 'NIC2');
    has(`${SYSTEM}/EthernetInterfaces/NIC1`, {
      Id: 'NIC1',
      MACAddress: 'E8-6F-38-AB-01-02',
      SpeedMbps: 25000,
      LinkStatus: 'LinkUp',
      IPv4Addresses: [{ Address: '192.168.0.10' }],
    });
    has(`${SYSTEM}/EthernetInterfaces/NIC2`, { Id: 'NIC2', MACAddress: null });
    list(`${SYSTEM}/Storage`, 'RAID');
    const drive = (name: string) => `${SYSTEM}/Storage/RAID/Drives/${name}`;
    has(`${SYSTEM}/Storage/RAID`, { Drives: [ref(drive('small')), ref(drive('big')), ref(drive('odd'))] });
    has(drive('small'), { Name: 'SD card', CapacityBytes: 2 ** 30, MediaType: 'SSD' });
    has(drive('big'), {
      Name: 'Drive 1',
      CapacityBytes: 899527000000,
      MediaType: 'HDD',
      SerialNumber: 'S1',
      Model: 'M',
    });
    has(drive('odd'), { Name: 'no size', CapacityBytes: '12' });
    has(`${CHASSIS}/PCIeDevices/GPU1`, { Id: 'GPU1', PCIeFunctions: ref(`${CHASSIS}/PCIeDevices/GPU1/F`) });
    list(`${CHASSIS}/PCIeDevices/GPU1/F`, '0');
    has(`${CHASSIS}/PCIeDevices/GPU1/F/0`, { VendorId: '0x10DE', DeviceId: '0x1EB8', ClassCode: '0x030200' });
    has(CHASSIS, { NetworkAdapters: ref(`${CHASSIS}/NetworkAdapters`) });
    list(`${CHASSIS}/NetworkAdapters`, 'A');
    has(`${CHASSIS}/NetworkAdapters/A`, { Ports: ref(`${CHASSIS}/NetworkAdapters/A/Ports`) });
    list(`${CHASSIS}/NetworkAdapters/A/Ports`, '1');
    has(`${CHASSIS}/NetworkAdapters/A/Ports/1`, {
      Ethernet: {
        AssociatedMACAddresses: ['e8:6f:38:ab:01:02'],
        LLDPReceive: { ChassisId: '11:22:33:aa:bb:cc', PortId: 'Ethernet 7', SystemName: 'leaf1' },
      },
    });

    const disk = { serial: null, model: '', vendor: null };
    const big = { ...disk, name: 'Drive 1', size: 899527000000, rotational: true, serial: 'S1', model: 'M' };
    expect(await inventory()).toEqual({
      inventory: {
        interfaces: [
          {
            name: 'NIC1',
            mac_address: 'e8:6f:38:ab:01:02',
            ipv4_address: '192.168.0.10',
            has_carrier: true,
            speed_mbps: 25000,
          },
        ],
        cpu: { count: 2, socket_count: 2, model_name: 'Fast 1', frequency: '3700', architecture: 'x86_64' },
        memory: { physical_mb: 98304, total: 96 * 2 ** 30 },
        disks: [{ ...disk, name: 'SD card', size: 2 ** 30, rotational: false }, big],
        system_vendor: {
          manufacturer: 'Contoso',
          product_name: '3500',
          serial_number: '437XR1138R2',
          system_uuid: '38947555-7742-3448-3784-823347823834',
          firmware: { version: 'P79 v1.45' },
        },
        boot: { current_boot_mode: 'uefi' },
        hostname: 'web483',
      },
      root_disk: big,
      pci_devices: [
        { vendor_id: '10de', product_id: '1eb8', class: '030200', revision: '', bus: 'GPU1', numa_node_id: null },
      ],
      lldp_raw: {
        NIC1: [
          [1, '04112233aabbcc'],
          [2, `07${Buffer.from('Ethernet 7').toString('hex')}`],
          [5, Buffer.from('leaf1').toString('hex')],
        ],
      },
    });
  });
  it('takes the simple storage where there is no other', async () => {
    bmc.system = { Storage: ref('/broken'), SimpleStorage: ref('/simple') };
    has('/broken', {}, 500);
    list('/simple', '1');
    has('/simple/1', { Devices: [{ Name: 'sda', CapacityBytes: 8 * 2 ** 30 }] });
    expect(await inventory()).toMatchObject({ inventory: { disks: [{ name: 'sda' }] }, root_disk: { name: 'sda' } });
  });
  it('what is missing, broken or forbidden is unknown', async () => {
    const broken = ['Processors', 'EthernetInterfaces', 'Storage', 'SimpleStorage', 'PCIeDevices'];
    bmc.system = {
      ...Object.fromEntries(broken.map((name) => [name, ref(`/${name}`)])),
      MemorySummary: null,
      Links: 7,
    };
    for (const [at, name] of broken.entries()) has(`/${name}`, {}, [404, 500, 501, 403, 400][at]);
    const nothing = { interfaces: [], cpu: {}, memory: {}, disks: [], system_vendor: {}, boot: {} };
    expect(await inventory()).toEqual({ inventory: nothing });
  });
  it('a BMC that goes away meanwhile is no machine without disks', async () => {
    bmc.system = { EthernetInterfaces: ref('/nics') };
    bmc.on('GET /nics', { status: 0 });
    await expect(inventory()).rejects.toMatchObject({ failure: 'unreachable' });
  });
  it('members without end are not read without end', async () => {
    bmc.system = { Storage: ref('/storage') };
    list('/storage', ...Array.from({ length: 5000 }, (_v, at) => String(at)));
    await inventory();
    expect(bmc.requests.length).toBeLessThan(500);
  });
});
