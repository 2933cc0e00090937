// @ts-check
// What open streams of events cost the process that serves them, and what recording events costs a create.
import * as fs from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { STAFF, startCompute, TOKEN } from './lib-compute.mjs';
import { percentile } from './lib-figures.mjs';
import { startPeer, tokenAnswer, withClient, withDatabases } from './lib-service.mjs';

const FULL = { streams: 5000, events: 20 };
const SMOKE = { streams: 50, events: 2 };
const MB = 1024 * 1024;

/** Resident memory of a process, in bytes. @param {number} pid */
const memoryOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

/** A stream, which counts the events that it has got. @param {number} port */
const openStream = (port) =>
  new Promise((resolve, reject) => {
    let got = 0;
    /** @type {number[]} */
    const delays = [];
    const socket = net.connect({ port, host: '127.0.0.1' }, () =>
      socket.write(`GET /staffapi/events HTTP/1.1\r\nHost: x\r\nAuthorization: Token ${TOKEN}\r\n\r\n`),
    );
    const one = { events: () => got, delays, close: () => socket.destroy() };
    socket.on('error', reject);
    socket.on('data', (part) => {
      const text = part.toString('latin1');
      if (text.startsWith('HTTP/1.1')) {
        if (text.startsWith('HTTP/1.1 200')) resolve(one);
        else reject(new Error(text.slice(0, 200)));
      }
      for (const [, at] of text.matchAll(/"at":(\d+)/g)) {
        got += 1;
        delays.push(Date.now() - Number(at));
      }
    });
  });

/**
 * @param {string} url @param {import('./lib-service.mjs').Service} service @param {typeof FULL} sizes
 * @returns {Promise<import('./lib-figures.mjs').Result[]>}
 */
const benchStreams = async (url, { port, pid }, { streams, events }) => {
  /** @type {Awaited<ReturnType<typeof openStream>>[]} */
  const open = [];
  try {
    // The first warms: what the code itself takes is not counted.
    for (let i = 0; i < 20; i += 1) (await openStream(port)).close();
    await sleep(2000);
    const before = memoryOf(pid);
    while (open.length < streams)
      open.push(
        ...(await Promise.all(Array.from({ length: Math.min(50, streams - open.length) }, () => openStream(port)))),
      );
    await withClient(url, async (db) => {
      for (let i = 0; i < events; i += 1) {
        await db.query(
          `insert into event (type, object_type, object_id, data) values ('bench.said', 'bench', '1',
             jsonb_build_object('text', repeat('x', 300), 'at', $1::bigint))`,
          [Date.now()],
        );
        await db.query(`select pg_notify('nefos_compute_events', '')`);
        await sleep(250);
      }
    });
    for (const end = Date.now() + 30_000; open.some((one) => one.events() < events); await sleep(100))
      if (Date.now() > end) throw new Error('not every stream has got every event');
    // Memory is measured after a heartbeat of all, too.
    await sleep(streams > 1000 ? 16_000 : 0);
    const grown = (memoryOf(pid) - before) / MB;
    const delays = open.flatMap((one) => one.delays);
    return [
      {
        name: `memory of ${streams} open streams, ${events} events sent to each`,
        value: `${grown.toFixed(0)} MB`,
        target: '<= 200 MB',
        ok: grown <= 200,
        detail: `from recorded to read: p50 ${percentile(delays, 0.5)} ms, p99 ${percentile(delays, 0.99)} ms`,
      },
    ];
  } finally {
    for (const one of open) one.close();
  }
};

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const token = tokenAnswer({ id: STAFF, name: 'bench' });
  const peers = await startPeer(() => ({ text: token }));
  try {
    return await withDatabases(['compute'], async ({ urls: { compute: url = '' }, dir }) => {
      const service = await startCompute(dir, url, peers.url, {
        NEFOS_COMPUTE_WORKER: 'off',
        NEFOS_COMPUTE_STREAMS_PER_USER: '100000',
      });
      try {
        return await benchStreams(url, service, smoke ? SMOKE : FULL);
      } finally {
        await service.stop();
      }
    });
  } finally {
    peers.close();
  }
};
