import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { newClient, reaches, requestInstance } from './cloud.js';
import { ask, eventually, startStack, type Stack } from './stack.js';

// Readers of events and receivers of webhooks while compute is killed: nothing is missing, a stream has nothing twice.

const readers: { stop: () => void }[] = [];
const ALLOWED = { NEFOS_COMPUTE_WEBHOOK_NETWORKS: '127.0.0.0/8' };
let stack: Stack;
let receiver: http.Server | undefined;
beforeAll(async () => {
  stack = await startStack();
  await stack.stop('compute');
  await stack.start('compute', ALLOWED);
}, 150_000);
afterAll(async () => {
  receiver?.close();
  receiver?.closeAllConnections();
  for (const one of readers) one.stop();
  await stack?.close();
}, 30_000);

const token = () => ({ Authorization: `Token ${stack.credentials.compute.staff.token}` });
/** Reads as a browser does: it comes again after 50 ms with the last id. */
const startReader = () => {
  const ids: string[] = [];
  const ends: string[] = [];
  let lastId = '';
  let stopped = false;
  let current: http.ClientRequest | undefined;
  const open = (): void => {
    if (stopped) return;
    let buffer = '';
    const again = (): void => void setTimeout(open, 50);
    const url = `${stack.origin('compute')}/staffapi/events`;
    current = http.get(
      url,
      { headers: { ...token(), ...(lastId && { 'Last-Event-ID': lastId }) }, agent: false },
      (res) => {
        res.setEncoding('utf8').on('data', (part: string) => {
          buffer += part;
          for (let at = buffer.indexOf('\n\n'); at >= 0; at = buffer.indexOf('\n\n')) {
            const block = buffer.slice(0, at);
            buffer = buffer.slice(at + 2);
            const id = /^id: (.*)$/m.exec(block)?.[1];
            if (id) lastId = id;
            if (/^event: (end|gap)$/m.test(block)) ends.push(block);
            else if (block.includes('data:') && id) ids.push(id);
          }
        });
        res.on('error', () => undefined);
      },
    );
    current.on('error', () => undefined);
    // However it ended: refused, reset before an answer, or in the middle of one.
    current.on('close', again);
  };
  open();
  const reader = {
    ids,
    ends,
    ready: () => eventually('the reader listens', async () => Promise.resolve(lastId !== '')),
    stop: () => {
      stopped = true;
      current?.destroy();
    },
  };
  readers.push(reader);
  return reader;
};
const written = async (): Promise<string[]> =>
  (
    await stack.query<{ id: string }>('compute', `select xact || '-' || sequence id from event order by xact, sequence`)
  ).map(({ id }) => id);

it('SIGKILL again and again: a reader has each event once, in order, and a webhook each delivery', async () => {
  const got = new Map<string, { type: string; good: boolean; times: number }>();
  let secret = '';
  receiver = http.createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    req.on('end', () => {
      const [id, time, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
        String(req.headers[name]),
      );
      const mac = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
        .update(`${id}.${time}.${body}`)
        .digest('base64');
      got.set(id ?? '', {
        type: (JSON.parse(body) as { type: string }).type,
        good: signature === `v1,${mac}`,
        times: (got.get(id ?? '')?.times ?? 0) + 1,
      });
      res.writeHead(204).end();
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const client = await newClient(stack);
  const before = await written();
  const made = await ask(`${stack.origin('compute')}/staffapi/webhooks`, {
    method: 'POST',
    headers: { ...token(), 'Content-Type': 'application/json' },
    body: { url, client, event_types: ['instance', 'operation.ended'] },
  });
  expect(made.status).toBe(201);
  ({ secret } = JSON.parse(made.text) as { secret: string });
  const reader = startReader();
  await reader.ready();
  const ids: string[] = [];
  for (let i = 0; i < 8; i += 1) ids.push(await requestInstance(stack, client, `events-${i} sim:delay_ms=${i * 60}`));
  for (const wait of [30, 200, 500]) {
    await sleep(wait);
    await stack.kill('compute');
    await stack.start('compute', ALLOWED);
  }
  for (const id of ids) await reaches(stack, id, 'active', 40);
  await eventually(
    'the reader has all',
    async () => reader.ids.length === (await written()).length - before.length,
    30,
  );
  expect(reader.ids).toEqual((await written()).slice(before.length));
  expect(reader.ends).toEqual([]);
  const wanted = await stack.query<{ type: string }>(
    'compute',
    `select type from event where client_id = $1 and (type like 'instance.%' or type = 'operation.ended') order by 1`,
    [client],
  );
  await eventually('the receiver has all', async () => Promise.resolve(got.size === wanted.length), 30);
  expect([...got.values()].map(({ type }) => type).sort()).toEqual(wanted.map(({ type }) => type));
  expect([...got.values()].every(({ good }) => good)).toBe(true);
  reader.stop();
}, 150_000);

it('SIGTERM ends a stream in words, and the service does not wait for it', async () => {
  const reader = startReader();
  await reader.ready();
  const began = Date.now();
  await stack.stop('compute');
  expect(Date.now() - began).toBeLessThan(5000);
  await eventually('the reader is told', async () => Promise.resolve(reader.ends.length === 1));
  expect(reader.ends[0]).toContain('"reason":"shutdown"');
  reader.stop();
  await stack.start('compute', ALLOWED);
}, 60_000);

it('SIGKILL around the time of a power schedule: the action is asked for once', async () => {
  const client = await newClient(stack);
  const id = await requestInstance(stack, client, 'scheduled');
  await reaches(stack, id, 'active');
  const { status, text } = await ask(`${stack.origin('compute')}/staffapi/openstack/powerschedules`, {
    method: 'POST',
    headers: { ...token(), 'Content-Type': 'application/json' },
    body: { instance: id, action: 'stop', cron: '0 0 1 1 *' },
  });
  expect(status).toBe(201);
  const schedule = (JSON.parse(text) as { id: string }).id;
  await stack.query('compute', `update power_schedule set next_run_at = now() where id = $1`, [schedule]);
  // The reconcilers run when a process starts.
  for (const wait of [0, 5, 60]) {
    await stack.kill('compute');
    await stack.start('compute', ALLOWED);
    await sleep(wait);
  }
  await reaches(stack, id, 'stopped', 30);
  const stops = await stack.query(
    'compute',
    `select 1 from operation where instance_id = $1 and type = 'instance.stop'`,
    [id],
  );
  expect(stops).toHaveLength(1);
  const [row] = await stack.query<{ last_result: { status: string } }>(
    'compute',
    'select last_result from power_schedule where id = $1',
    [schedule],
  );
  expect(row?.last_result.status).toBe('accepted');
}, 120_000);
