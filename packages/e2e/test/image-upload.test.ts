import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { ask, eventually, startStack, type Stack } from './stack.js';

// Data of images through the real gateway: far more than fits into the limits of other bodies, in little memory.

const MIB = 1024 * 1024;
const SIZE = 320 * MIB;
const IMAGES = '/staffapi/openstack/images';
let stack: Stack;
let gateway: ChildProcess;
let origin: string;
let output = '';
let headers: Record<string, string>;

/** The most memory that the process ever had, in MiB. */
const peak = (pid: number | undefined): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const create = async (name: string): Promise<string> => {
  const body = { name, region: 'Region1', disk_format: 'raw' };
  const { status, text } = await ask(origin + IMAGES, { method: 'POST', headers, body });
  expect([status, text]).toEqual([201, text]);
  return (JSON.parse(text) as { id: string }).id;
};
const statusOf = async (id: string): Promise<string> =>
  (JSON.parse((await ask(`${origin}${IMAGES}/${id}`, { headers })).text) as { status: string }).status;
/** Sends zeros, no faster than they are taken. */
const upload = (id: string, size: number, during?: (sent: number) => void) =>
  new Promise<{ status: number; text: string }>((resolve) => {
    const req = http.request(`${origin}${IMAGES}/${id}/file`, {
      method: 'PUT',
      agent: false,
      headers: { ...headers, 'Content-Type': 'application/octet-stream', 'Content-Length': String(size) },
    });
    const zeros = Buffer.alloc(MIB);
    let sent = 0;
    const send = (): void => {
      while (sent < size) {
        const part = zeros.subarray(0, Math.min(MIB, size - sent));
        sent += part.length;
        during?.(sent);
        if (!req.write(part)) {
          req.once('drain', send);
          return;
        }
      }
      req.end();
    };
    req.on('response', (res) => {
      let text = '';
      res.on('data', (part: Buffer) => {
        text += part.toString();
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
    });
    req.on('error', (err) => resolve({ status: 0, text: err.message }));
    send();
  });

beforeAll(async () => {
  stack = await startStack();
  gateway = spawn(process.execPath, [path.resolve(__dirname, '../../../services/gateway/dist/main.js')], {
    env: {
      PATH: process.env.PATH,
      NEFOS_GATEWAY_PORT: '0',
      NEFOS_IDENTITY_URL: stack.origin('identity'),
      NEFOS_COMPUTE_URL: stack.origin('compute'),
      NEFOS_METERING_URL: stack.origin('metering'),
      NEFOS_INTROSPECTION_URL: stack.origin('introspection'),
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  gateway.stdout?.setEncoding('utf8').on('data', (part: string) => {
    output += part;
  });
  const port = await eventually('the gateway listens', async () => /"port":(\d+)/.exec(output)?.[1]);
  origin = `http://127.0.0.1:${port}`;
  headers = { Authorization: `Token ${stack.credentials.compute.staff.token}` };
}, 150_000);
afterAll(async () => {
  gateway?.kill();
  await stack?.close();
}, 30_000);

it('320 MiB go up and down; neither the gateway nor compute ever has a quarter of it in memory', async () => {
  const id = await create('zeros');
  const processes = [gateway.pid, stack.pid('compute')];
  const before = processes.map(peak);
  const { status, text } = await upload(id, SIZE);
  expect([status, text]).toEqual([200, text]);
  const digest = createHash('sha256');
  for (let i = 0; i < SIZE / MIB; i += 1) digest.update(Buffer.alloc(MIB));
  const sha256 = digest.digest('hex');
  expect(JSON.parse(text)).toMatchObject({ status: 'active', size: SIZE, sha256 });
  const down = createHash('sha256');
  const res = await fetch(`${origin}${IMAGES}/${id}/file`, { headers });
  for await (const part of res.body as unknown as AsyncIterable<Uint8Array>) down.update(part);
  expect(down.digest('hex')).toBe(sha256);
  const grown = processes.map((pid, i) => peak(pid) - (before[i] as number));
  for (const mib of grown) expect(mib).toBeLessThan(SIZE / MIB / 4);
}, 120_000);
it('SIGKILL of compute in the middle of an upload: the image is queued again, and no half file stays', async () => {
  const id = await create('killed');
  const files = (): string[] => readdirSync(stack.imageDir).sort();
  const before = files();
  let killed: Promise<void> | undefined;
  const { status } = await upload(id, 64 * MIB, (sent) => {
    if (sent >= 48 * MIB) killed ??= stack.kill('compute');
  });
  await killed;
  expect([0, 502, 503]).toContain(status);
  expect(files().filter((name) => !before.includes(name))).toEqual([expect.stringMatching(/\.part$/)]);
  // The sweep takes a writer for dead that was silent for a minute.
  await stack.query(
    'compute',
    `update image_data set touched_at = now() - interval '2 minutes' where state = 'writing'`,
  );
  await stack.start('compute');
  await eventually('the image is queued', async () => (await statusOf(id)) === 'queued');
  await eventually('its file is gone', () => Promise.resolve(files().length === before.length));
  expect((await upload(id, MIB)).status).toBe(200);
}, 120_000);
