import net from 'node:net';
import { enqueue, sql, startWorker, type JobHandler } from '@nefos/service-kit';
import { keepingLog, until, useDatabase } from './support.js';

/** A way to the database that breaks a connection instead of handing on the first answer with `text` in it. */
const cutBefore = async (url: string, text: string) => {
  const target = new URL(url);
  let cuts = 0;
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(target.port), target.hostname);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    client.pipe(upstream);
    upstream.on('data', (part) => {
      if (!cuts && part.includes(text)) {
        cuts += 1;
        end();
      } else client.write(part);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: Object.assign(new URL(url), { port: String((server.address() as net.AddressInfo).port) }).toString(),
    cuts: () => cuts,
    close: () => server.close(),
  };
};

describe('an answer of the database that is lost on its way', () => {
  const queue = useDatabase();
  const locked = () =>
    sql<{ attempts: number }>(queue.db, 'select attempts from graphile_worker.jobs where locked_at is not null');

  it('to the question for a job: the job runs within seconds, with all its attempts; its queue goes on', async () => {
    const { db } = queue;
    const way = await cutBefore(queue.url, 'swallowed');
    const { log, count } = keepingLog();
    const ran: string[] = [];
    let finish = (): void => undefined;
    const long = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const note: JobHandler = async ({ id = '' }, { attempt }) => {
      ran.push(`${id} ${attempt}`);
      if (id === 'long') await long;
    };
    const worker = await startWorker({ db, url: way.url, log, tasks: { note } });
    try {
      await db.transaction((tx) => enqueue(tx, 'note', { id: 'long' }));
      await until(() => ran.length === 1);
      await db.transaction((tx) => enqueue(tx, 'note', { id: 'swallowed' }, { queue: 'one', maxAttempts: 1 }));
      await until(() => way.cuts() === 1);
      await db.transaction((tx) => enqueue(tx, 'note', { id: 'behind' }, { queue: 'one' }));
      // Locked by a pool that lives: its own lock says nothing.
      expect(await locked()).toHaveLength(2);
      await until(() => ran.length === 3, 10);
      // What the pool really has is left alone.
      expect(ran).toEqual(['long 1', 'swallowed 1', 'behind 1']);
      // The last job's row goes a moment after its work is done.
      await until(async () => (await locked()).length < 2);
      expect(await locked()).toHaveLength(1);
      expect(count('jobs whose worker never got them are free again')).toBe(1);
      expect(count('the job runner is started anew')).toBe(0);
      finish();
      await until(async () => !(await locked()).length);
    } finally {
      finish();
      await worker.stop();
      way.close();
    }
  }, 40_000);
});
