import { createServer, type AddressInfo, type Server } from 'node:net';
import { run, sql } from '@nefos/service-kit';
import { stepPower } from '../../src/bmc/domain/power-job.js';
import { requestPower } from '../../src/bmc/domain/power-orders.js';
import { useService } from '../support.js';
import { addNode, auditOf, nodeRow } from './nodes.js';
import { RedfishSimulator } from './redfish-simulator.js';

const SYSTEM = '/redfish/v1/Systems/1';
const RESET = `POST ${SYSTEM}/Actions/ComputerSystem.Reset`;

describe('power orders over Redfish, against a simulator', () => {
  const service = useService({ NEFOS_INTROSPECTION_BMC_NETWORKS: '127.0.0.0/8', NEFOS_INTROSPECTION_BMC_TIMEOUT: '1' });
  let bmc: RedfishSimulator;
  beforeEach(async () => {
    bmc = new RedfishSimulator();
    await bmc.start();
  });
  afterEach(() => bmc.stop());
  const node = (info = {}) =>
    addNode(service, 'redfish', {
      ...{ redfish_address: bmc.url, redfish_username: bmc.user, redfish_password: bmc.password, ...info },
    });
  const reboot = (uuid: string) =>
    service.db.transaction((tx) => requestPower(service.ctx, tx, uuid, { target: 'rebooting', bootDevice: 'pxe' }));
  const sent = () => bmc.find(RESET).map(({ body }) => body?.ResetType);

  it('sets the boot device, switches off, sees that it is off, switches on', async () => {
    bmc.power = 'On';
    const uuid = await node();
    await reboot(uuid);
    await service.work();
    const changes = bmc
      .lines()
      .filter((line) => line.startsWith('PATCH') || line === RESET || line === `GET ${SYSTEM}`);
    const [patch, off, on] = [changes.indexOf(`PATCH ${SYSTEM}`), changes.indexOf(RESET), changes.lastIndexOf(RESET)];
    expect(patch).toBeLessThan(off);
    expect(changes.slice(off + 1, on)).toContain(`GET ${SYSTEM}`);
    expect(sent()).toEqual(['ForceOff', 'On']);
    expect(bmc.boot).toMatchObject({ BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Once' });
    expect(await nodeRow(service, uuid)).toMatchObject({ power_state: 'power on', last_error: null });
    expect([bmc.poweredOn, bmc.sessions.size]).toEqual([1, 0]);
  });
  it('a BMC that refuses to switch on right after it switched off is asked again', async () => {
    bmc.power = 'On';
    const uuid = await node();
    bmc.on(RESET, ({ body }) => (body?.ResetType === 'On' ? { status: 409 } : undefined), 2);
    await reboot(uuid);
    await service.work();
    expect(sent()).toEqual(['ForceOff', 'On', 'On']);
    expect(bmc.poweredOn).toBe(1);
    expect(await nodeRow(service, uuid)).toMatchObject({ power_state: 'power on', last_error: null });
  });
  it('an answer that is lost is no second start: the machine is looked at first', async () => {
    const uuid = await node();
    bmc.on(
      RESET,
      () => {
        bmc.power = 'On';
        bmc.poweredOn += 1;
        return { status: 0 };
      },
      1,
    );
    await reboot(uuid);
    await service.work();
    expect(sent()).toEqual(['On']);
    expect(bmc.poweredOn).toBe(1);
    expect(await nodeRow(service, uuid)).toMatchObject({ power_state: 'power on', last_error: null });
  });
  it('a wrong password ends it at once; the password is nowhere', async () => {
    const uuid = await node({ redfish_password: 'wrong and secret' });
    await reboot(uuid);
    await service.work();
    const row = await nodeRow(service, uuid);
    expect(row?.last_error).toContain('does not accept redfish_username and redfish_password');
    const everything = JSON.stringify([row, await auditOf(service, uuid), await sql(service.db, 'select * from node')]);
    expect(everything).not.toContain('wrong and secret');
    expect((await auditOf(service, uuid)).at(-1)).toMatchObject({ result: 'credentials' });
  });

  describe('BMCs that hang', () => {
    let server: Server;
    const open = new Set<object>();
    let most = 0;
    beforeAll(async () => {
      server = createServer((socket) => {
        open.add(socket);
        most = Math.max(most, open.size);
        socket
          .on('error', () => undefined)
          .on('close', () => open.delete(socket))
          .resume();
      });
      await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    it('that did so before are asked three at a time: others have their turn', async () => {
      const { port } = server.address() as AddressInfo;
      const uuids: string[] = [];
      // Each has an address of its own, and so a turn of its own.
      for (let at = 1; at <= 8; at += 1) uuids.push(await node({ redfish_address: `http://127.0.0.${at}:${port}` }));
      for (const uuid of uuids) await reboot(uuid);
      await run(service.db, `update power_order set attempts = 1, step = 'device'`);
      await Promise.all(uuids.map((uuid) => stepPower(service.ctx, uuid, new AbortController().signal)));
      expect(most).toBe(3);
      const rows = await sql<{ attempts: number }>(service.db, 'select attempts from power_order order by attempts');
      expect(rows.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1, 2, 2, 2]);
    });
  });
});
