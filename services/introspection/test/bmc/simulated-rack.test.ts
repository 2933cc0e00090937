import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run, sql } from '@nefos/service-kit';
import { readInventory } from '../../src/bmc/domain/bmcs.js';
import { requestPower } from '../../src/bmc/domain/power-orders.js';
import { SAMPLES, sampleReport } from '../../src/bmc/domain/samples.js';
import { demandNode } from '../../src/nodes/domain/nodes.js';
import type { JsonObject } from '../../src/values.js';
import { useService } from '../support.js';
import { addNode, machineOf } from './nodes.js';

interface Report {
  path: string;
  body: JsonObject & { inventory: JsonObject & { interfaces: JsonObject[] } };
}
// Where ramdisks report, in place of the service's own address: only what is posted is looked at here.
const reports: Report[] = [];
let status = 200;
let server: Server;
const env: Record<string, string> = {};
beforeAll(async () => {
  server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as Report['body'];
      reports.push({ path: `${req.method ?? ''} ${req.url ?? ''}`, body });
      res.writeHead(status).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  env.NEFOS_INTROSPECTION_CALLBACK_URL = `http://127.0.0.1:${port}/v1/continue`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('the simulated rack', () => {
  const service = useService(env);
  beforeEach(() => {
    reports.length = 0;
    status = 200;
  });
  const start = async (uuid: string, bootDevice: 'pxe' | 'disk' = 'pxe'): Promise<void> => {
    await service.db.transaction((tx) => requestPower(service.ctx, tx, uuid, { target: 'rebooting', bootDevice }));
    await service.work();
  };

  it.each(SAMPLES)('a machine "%s" that boots from the network reports itself once', async (simulated_machine) => {
    const uuid = await addNode(service, 'fake-hardware', { simulated_machine, ipmi_address: '192.0.2.77' });
    await run(service.db, `insert into port (uuid, node_uuid, address) values (gen_random_uuid(), $1, $2)`, [
      uuid,
      `02:00:00:00:00:${SAMPLES.indexOf(simulated_machine).toString().padStart(2, '0')}`,
    ]);
    await start(uuid);
    expect(reports.map(({ path }) => path)).toEqual(['POST /v1/continue']);
    const { inventory, boot_interface: boot } = (reports[0] as Report).body;
    expect(inventory.bmc_address).toBe('192.0.2.77');
    expect(inventory.interfaces[0]?.mac_address).toMatch(/^02:00:00:00:00:0/);
    expect(boot).toMatch(/^01-02-00-00-00-00-0/);
    // What was chosen for one start is used up by it: the next start is from the disk.
    expect(await machineOf(service, uuid)).toMatchObject({ boot_device: 'disk', powered_on: 1 });
  });
  it('no other machine reports: not one without a sample, and not from the disk', async () => {
    await start(await addNode(service, 'fake-hardware', {}));
    await start(await addNode(service, 'fake-hardware', { simulated_machine: 'small' }), 'disk');
    expect(reports).toEqual([]);
  });
  it('not one that was switched off meanwhile, or on again', async () => {
    const uuid = await addNode(service, 'fake-hardware', { simulated_machine: 'small' });
    await service.db.transaction((tx) =>
      requestPower(service.ctx, tx, uuid, { target: 'power on', bootDevice: 'pxe' }),
    );
    await service.work(1);
    await run(service.db, 'update simulated_machine set powered_on = powered_on + 1 where node_uuid = $1', [uuid]);
    await service.work();
    expect(reports).toEqual([]);
  });
  it('a report that is refused for now is posted again, one that is refused for good is not', async () => {
    const uuid = await addNode(service, 'fake-hardware', { simulated_machine: 'small' });
    status = 409;
    await start(uuid);
    expect(reports.length).toBe(5);
    expect(await sql(service.db, 'select from graphile_worker.jobs where attempts >= max_attempts')).toHaveLength(1);
    reports.length = 0;
    status = 400;
    await start(uuid);
    expect(reports.length).toBe(1);
  });
  it('400: a sample that does not exist', async () => {
    const uuid = await addNode(service, 'fake-hardware', { simulated_machine: 'huge' });
    await start(uuid);
    const [row] = await sql<{ last_error: string }>(service.db, 'select last_error from node where uuid = $1', [uuid]);
    expect(row?.last_error).toContain('simulated_machine is none of');
  });
  it('can be read out of band too', async () => {
    const uuid = await addNode(service, 'fake-hardware', { simulated_machine: 'gpu' });
    const read = await readInventory(service.ctx, await demandNode(service.db, uuid));
    expect(read).toMatchObject({ inventory: { cpu: { count: 64 } }, pci_devices: [{ vendor_id: '10de' }, {}, {}, {}] });
    const plain = await addNode(service, 'fake-hardware');
    await expect(readInventory(service.ctx, await demandNode(service.db, plain))).rejects.toMatchObject({
      kind: 'invalid',
      code: 'bmc.unsupported',
    });
  });
  it('no two machines have an address or a serial number in common', () => {
    const of = (uuid: string) => {
      const { inventory } = sampleReport('storage', { uuid, macs: [], bmcAddress: null }) as Report['body'];
      return [...inventory.interfaces, ...(inventory.disks as JsonObject[])].map(
        (one) => one.mac_address ?? one.serial,
      );
    };
    const all = ['a', 'b', 'c', 'd'].flatMap(of);
    expect(all).toHaveLength(4 * 9);
    expect(new Set(all).size).toBe(all.length);
  });
});
