import { useService } from '../support.js';
import { drain, messageOf, newBmc, newMac, nodeOf, portsOf, report, runOf, send, waitingNode } from './support.js';

const service = useService();
const data = (uuid: string, kind = '') => service.call('get', `/v1/introspection/${uuid}/data${kind}`);

it('200: properties, a port, the data; finished by a job (contract §5.1)', async () => {
  const m = await waitingNode(service);
  const body = report(m);
  const res = await send(service, body);
  expect([res.status, res.text]).toEqual([200, `{"uuid":"${m.uuid}"}\n`]);
  expect(await runOf(service, m.uuid)).toMatchObject({ state: 'processing', error: null, finished: false });
  expect((await nodeOf(service, m.uuid)).properties).toEqual({
    cpus: '4',
    cpu_arch: 'x86_64',
    memory_mb: '12288',
    local_gb: '999',
  });
  expect(await portsOf(service, m.uuid)).toEqual([{ address: m.mac, pxe: true, extra: {} }]);
  const nic = (mac: string, ip: string | null, pxe: boolean) => ({ ip, mac, client_id: null, pxe });
  const processed = await data(m.uuid);
  expect(processed.body).toEqual({
    ...body,
    ipmi_address: m.bmc,
    ipmi_v6address: null,
    all_interfaces: { eth1: nic(m.mac, '1.2.1.2', true), eth2: nic(m.mac2, null, false) },
    interfaces: { eth1: nic(m.mac, '1.2.1.2', true) },
    macs: [m.mac],
    local_gb: 999,
    cpus: 4,
    cpu_arch: 'x86_64',
    memory_mb: 12288,
  });
  expect(Object.keys(processed.body as object).slice(0, 3)).toEqual(['inventory', 'root_disk', 'boot_interface']);
  expect((await data(m.uuid, '/unprocessed')).text).toBe(JSON.stringify(body));
  await drain(service);
  expect(await runOf(service, m.uuid)).toMatchObject({ state: 'finished', error: null, finished: true });
});
it('200 whatever the type says; logs are kept nowhere in the database', async () => {
  const m = await waitingNode(service);
  const body = report(m);
  const res = await service
    .call('post', '/v1/continue', 'a bad token')
    .set('Content-Type', 'text/plain')
    .send(JSON.stringify({ ...body, logs: 'H4sIAAAA' }));
  expect(res.status).toBe(200);
  expect((await data(m.uuid, '/unprocessed')).text).toBe(JSON.stringify(body));
  expect((await data(m.uuid)).text).not.toContain('H4sIAAAA');
});
it.each(['[]', 'null', '"text"', '5', 'xx', '{"a":', '', ' ', '{"a":1}{'])('400: %p is no object', async (body) => {
  const res = await send(service, body);
  expect([res.status, typeof messageOf(res)]).toEqual([400, 'string']);
});
it('400: all that is wrong is listed, a line each', async () => {
  const res = await send(service, { error: 'disk on fire' });
  expect(res.status).toBe(400);
  const lines = messageOf(res).split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('disk on fire');
  expect(lines[1]).toMatch(/inventory/i);
  expect(lines[2]).toMatch(/could not find a node/);
});
it('400: a machine that nobody waits for, naming its addresses', async () => {
  const stranger = { bmc: newBmc(), mac: newMac(), mac2: newMac() };
  const res = await send(service, report(stranger));
  expect(res.status).toBe(400);
  expect(messageOf(res)).toContain(stranger.bmc);
  expect(messageOf(res)).toContain(stranger.mac);
});
it('400: what the ramdisk reports as wrong fails the run with the same text, and no data are kept', async () => {
  const m = await waitingNode(service);
  const res = await send(service, report(m, { top: { error: 'boom' } }));
  expect([res.status, messageOf(res)]).toEqual([400, 'Ramdisk reported error: boom']);
  expect(await runOf(service, m.uuid)).toMatchObject({ state: 'error', error: messageOf(res), finished: true });
  expect((await data(m.uuid, '/unprocessed')).status).toBe(404);
  expect((await nodeOf(service, m.uuid)).properties).toEqual({});
});
it('400: a hook after the look-up fails the run; what came is kept, nothing processed', async () => {
  const m = await waitingNode(service, { properties: { root_device: { size: 7 } } });
  const res = await send(service, report(m));
  expect(res.status).toBe(400);
  expect(await runOf(service, m.uuid)).toMatchObject({ state: 'error', error: messageOf(res) });
  expect((await data(m.uuid)).status).toBe(404);
  expect((await data(m.uuid, '/unprocessed')).body).toEqual(report(m));
});
it('400: a report after the end changes nothing', async () => {
  const m = await waitingNode(service);
  expect((await send(service, report(m))).status).toBe(200);
  await drain(service);
  const before = [await runOf(service, m.uuid), await nodeOf(service, m.uuid), (await data(m.uuid)).text];
  expect((await send(service, report(m, { inventory: { memory: { physical_mb: 1 } } }))).status).toBe(400);
  expect([await runOf(service, m.uuid), await nodeOf(service, m.uuid), (await data(m.uuid)).text]).toEqual(before);
});
it("200: the seed's sample machine is processed to the sample's figures", async () => {
  const m = await waitingNode(service);
  const disk = {
    ...{ rotational: true, vendor: '0x1af4', name: '/dev/vda', hctl: null, wwn_vendor_extension: null },
    ...{ wwn_with_extension: null, model: '', wwn: null, serial: null, size: 13958643712 },
  };
  const card = (name: string, mac: string, ip: string) => ({
    ...{ name, mac_address: mac, ipv4_address: ip, lldp: null, has_carrier: true, vendor: '0x1af4', product: '0x0001' },
    client_id: null,
  });
  const sent = {
    inventory: {
      bmc_address: m.bmc,
      interfaces: [card('eth1', m.mac2, '172.24.42.101'), card('eth0', m.mac, '172.24.42.100')],
      disks: [disk],
      boot: { current_boot_mode: 'bios', pxe_interface: m.mac },
      memory: { physical_mb: 2048, total: 2105864192 },
      system_vendor: { serial_number: 'Not Specified', product_name: 'Bochs', manufacturer: 'Bochs' },
      cpu: { count: 2, frequency: '2100.084', flags: ['fpu', 'mmx', 'fxsr', 'sse', 'sse2'], architecture: 'x86_64' },
    },
    root_disk: disk,
    boot_interface: m.mac,
    error: null,
  };
  expect((await send(service, sent)).status).toBe(200);
  const eth0 = { ip: '172.24.42.100', mac: m.mac, pxe: true, client_id: null };
  const eth1 = { ip: '172.24.42.101', mac: m.mac2, pxe: false, client_id: null };
  expect((await data(m.uuid)).body).toEqual({
    ...sent,
    cpu_arch: 'x86_64',
    cpus: 2,
    memory_mb: 2048,
    local_gb: 12,
    macs: [m.mac],
    ipmi_address: m.bmc,
    ipmi_v6address: null,
    interfaces: { eth0 },
    all_interfaces: { eth1, eth0 },
  });
});
