import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFastServer } from '@nefos/service-kit';
import { DEFAULT_SETTINGS } from '../../src/processing/domain/settings.js';
import { createReportWorkers } from '../../src/reports/domain/report-workers.js';
import type { Json, JsonObject } from '../../src/values.js';
import { HOSTILE } from '../machine.js';
import { useService } from '../support.js';
import { messageOf, nodeOf, portsOf, report, runOf, send, setState, waitingNode } from './support.js';

const service = useService();
const ALL =
  'ramdisk_error,root_disk_selection,scheduler,validate_interfaces,capabilities,pci_devices,extra_hardware,' +
  'lldp_basic,local_link_connection,physnet_cidr_map,raid_device,accelerators';
beforeAll(() => {
  service.ctx.reports = createReportWorkers({
    hooks: ALL,
    keepLogs: false,
    settings: {
      ...DEFAULT_SETTINGS,
      addPorts: 'all',
      bootMode: true,
      pciAliases: [{ vendor_id: '8086', product_id: '1521', name: 'igb' }],
      physicalNetworks: [{ cidr: '1.2.0.0/16', name: 'left' }],
    },
  });
});
afterAll(() => service.ctx.reports.stop());

const rich = (m: Parameters<typeof report>[0]): JsonObject =>
  report(m, {
    inventory: {
      bmc_v6address: '2001:db8::5/64',
      system_vendor: { product_name: 'p', serial_number: 's', manufacturer: 'm' },
      boot: { current_boot_mode: 'uefi', pxe_interface: m.mac },
      hostname: 'h',
    },
    top: {
      pci_devices: [{ vendor_id: '8086', product_id: '1521', bus: '0000:82:00.0' }],
      data: [['disk', 'sda', 'size', '10']],
      lldp_raw: { eth1: [[1, '04112233aabbcc']] },
      error: null,
    },
  });
/** Every place of a value, as a path. */
const places = (value: Json, at: (string | number)[] = []): (string | number)[][] => {
  const inside = typeof value === 'object' && value !== null ? Object.entries(value as JsonObject) : [];
  return [at, ...inside.flatMap(([key, one]) => places(one, [...at, Array.isArray(value) ? Number(key) : key]))];
};
const withValueAt = (body: JsonObject, path: readonly (string | number)[], value: unknown): unknown => {
  if (path.length === 0) return value;
  const copy = structuredClone(body) as unknown;
  let holder = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>;
  holder[path.at(-1) as string] = value;
  return copy;
};

it('200 or 400, and JSON, whatever stands wherever in a report', async () => {
  const m = await waitingNode(service);
  const body = rich(m);
  const values = HOSTILE.filter((one) => JSON.stringify(one).length < 10_000);
  for (const path of places(body))
    for (const value of values) {
      const res = await send(service, JSON.stringify(withValueAt(body, path, value)));
      if (res.status !== 200 && res.status !== 400)
        throw new Error(`${res.status} for ${JSON.stringify(value)} at ${path.join('.')}: ${res.text}`);
      if (res.status === 400) expect(typeof messageOf(res)).toBe('string');
      await setState(service, m.uuid, 'waiting');
      await service.db.pool.query(
        `insert into run_attribute (node_uuid, kind, value) values ($1, 'bmc_address', $2) on conflict do nothing`,
        [m.uuid, m.bmc],
      );
      await service.db.pool.query(`update run set finished_at = null, error = null where node_uuid = $1`, [m.uuid]);
    }
  expect((await service.registry('get', '/v1/nodes')).status).toBeLessThan(500);
}, 300_000);
it('200: NUL and halves of pairs in texts are kept as escapes of JSON, and answered', async () => {
  const m = await waitingNode(service);
  const body = report(m, { top: { note: 'a\0b\ud800c', '\0': 1, boot_mode: '\udfff' } });
  expect((await send(service, body)).status).toBe(200);
  const stored = await service.call('get', `/v1/introspection/${m.uuid}/data/unprocessed`);
  expect(stored.text).toContain('"a\\u0000b\\ud800c"');
  expect((await service.call('get', `/v1/introspection/${m.uuid}/data`)).text).toContain('"a\\u0000b\\ud800c"');
});
it('400: NUL in what the ramdisk reports as its error', async () => {
  const m = await waitingNode(service);
  expect((await send(service, report(m, { top: { error: 'bo\0om\ud800' } }))).status).toBe(400);
  expect((await runOf(service, m.uuid)).error).toMatch(/^Ramdisk reported error: bo/);
});
it('400: text that is no UTF-8', async () => {
  expect((await send(service, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).status).toBe(400);
});
it.each([
  ['lists', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['objects', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
  ['lists that do not end', '{"inventory":' + '['.repeat(200_000)],
])('400: a hundred thousand brackets, %s', async (_what, body) => {
  const res = await send(service, body);
  expect([res.status, typeof messageOf(res)]).toEqual([400, 'string']);
});
it('200: InfiniBand of twenty octets becomes no port, and its client id one of its extra', async () => {
  const m = await waitingNode(service);
  const body = report(m);
  (body.inventory as JsonObject).interfaces = [
    { name: 'eth1', mac_address: m.mac, ipv4_address: '1.2.1.2', client_id: 'ff:00:00:00:00:00:02' },
    { name: 'ib0', mac_address: Array(20).fill('a0').join(':'), ipv4_address: '1.2.1.3' },
  ];
  expect((await send(service, body)).status).toBe(200);
  expect(await portsOf(service, m.uuid)).toEqual([
    { address: m.mac, pxe: true, extra: { 'client-id': 'ff:00:00:00:00:00:02' } },
  ]);
});
it('200: no disks give local_gb "0", sizes as text are read or count as none', async () => {
  for (const [disk, gib] of [
    [undefined, '0'],
    [{ name: '/dev/sda', size: 'big' }, '0'],
    [{ name: '/dev/sda', size: '1073741824000' }, '999'],
    [{ name: '/dev/sda', size: -5 }, '0'],
  ] as const) {
    const m = await waitingNode(service);
    const body = report(m, { inventory: { disks: disk ? [disk] : [] } });
    if (disk) body.root_disk = disk;
    else delete body.root_disk;
    expect((await send(service, body)).status).toBe(200);
    expect((await nodeOf(service, m.uuid)).properties.local_gb).toBe(gib);
  }
});
it('200: a MAC that is the port of another node stays there', async () => {
  const [a, b] = [await waitingNode(service), await waitingNode(service)];
  expect((await send(service, report(a))).status).toBe(200);
  expect((await send(service, report({ ...b, mac: a.mac }))).status).toBe(200);
  expect((await portsOf(service, a.uuid)).map(({ address }) => address)).toContain(a.mac);
  expect((await portsOf(service, b.uuid)).map(({ address }) => address)).toEqual([b.mac2]);
});
it('numbers keep their spelling, and none is rounded', async () => {
  const m = await waitingNode(service);
  const text = JSON.stringify(report(m)).replace(/^\{/, '{"n":[2048.0,12345678901234567890,1e3],');
  expect((await send(service, text)).status).toBe(200);
  for (const kind of ['', '/unprocessed'])
    expect((await service.call('get', `/v1/introspection/${m.uuid}/data${kind}`)).text).toContain(
      '[2048.0,12345678901234567890,1e3]',
    );
});

describe('large reports', () => {
  let server: http.Server;
  let port = 0;
  /** What is done when a body of so many bytes has come as a whole. */
  const arrived = new Map<number, () => void>();
  beforeAll(async () => {
    server = createFastServer(service.app);
    server.prependListener('request', (req: http.IncomingMessage) => {
      req.once('end', () => arrived.get(Number(req.headers['content-length']))?.());
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const ask = (method: string, path: string, body?: Buffer | string, token = 'admin-token') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const headers = { 'X-Auth-Token': token };
      const req = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (res) => {
        const parts: Buffer[] = [];
        res.on('data', (part: Buffer) => parts.push(part));
        res.on('end', () => resolve({ status: res.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
      });
      req.on('error', reject);
      req.end(body);
    });
  /**
   * The answer to a report, and how often another request that was made when the whole body had come was answered
   * before it: an order, since a time depends on what else the machine does.
   */
  const othersBefore = async (body: Buffer): Promise<{ status: number; others: number }> => {
    let [others, done] = [0, false];
    const watching = new Promise<void>((resolve, reject) => {
      const again = async (): Promise<void> => {
        while (!done) {
          expect((await ask('GET', '/v1')).status).toBe(200);
          if (!done) others += 1;
        }
      };
      arrived.set(body.length, () => void again().then(resolve, reject));
    });
    const { status } = await ask('POST', '/v1/continue', body);
    done = true;
    await watching;
    return { status, others };
  };
  const many = (m: Parameters<typeof report>[0], count: number): JsonObject => {
    const body = report(m);
    const more = Array.from({ length: count }, (_, i) => ({
      name: `eth${i + 10}`,
      mac_address: `02:00:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`,
      lldp: [[1, '04112233aabbcc']],
    }));
    ((body.inventory as JsonObject).interfaces as Json[]).push(...more);
    return body;
  };

  it('32 MiB of logs, a megabyte in one text, ten thousand interfaces: others are answered meanwhile', async () => {
    service.ctx.reports = createReportWorkers({ hooks: ALL, settings: DEFAULT_SETTINGS, keepLogs: false });
    const [a, b, c] = [await waitingNode(service), await waitingNode(service), await waitingNode(service)];
    const logs = Buffer.alloc(30 * 1024 * 1024, 'QUJD').toString();
    const bodies = [
      JSON.stringify({ ...report(a), logs }),
      JSON.stringify({ ...report(b), note: 'x'.repeat(1024 * 1024) }),
      JSON.stringify(many(c, 10_000)),
    ].map((text) => Buffer.from(text));
    const answers = await Promise.all(bodies.map(othersBefore));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const { others } of answers) expect(others).toBeGreaterThan(0);
    expect((await ask('GET', `/v1/introspection/${a.uuid}/data/unprocessed`)).text).toBe(JSON.stringify(report(a)));
    expect((await ask('GET', `/v1/introspection/${b.uuid}/data`)).text).toContain('x'.repeat(1024 * 1024));
    expect((await nodeOf(service, c.uuid)).properties.cpus).toBe('4');
  }, 180_000);
  it('413: more than 32 MiB, announced or not', async () => {
    expect((await ask('POST', '/v1/continue', Buffer.alloc(32 * 1024 * 1024 + 1, ' '))).status).toBe(413);
  });
  it('400: millions of values, which would take gigabytes: others are answered before', async () => {
    const body = Buffer.from(`{"a":[${'0,'.repeat(8_000_000)}0]}`);
    const { status, others } = await othersBefore(body);
    expect(status).toBe(400);
    expect(others).toBeGreaterThan(0);
  }, 180_000);
  it('400: large text that is no JSON, or an object of nothing', async () => {
    for (const body of [' '.repeat(1_000_000), 'x'.repeat(1_000_000), `{"a":"${'x'.repeat(1_000_000)}"}`])
      expect((await ask('POST', '/v1/continue', body)).status).toBe(400);
  });
});
