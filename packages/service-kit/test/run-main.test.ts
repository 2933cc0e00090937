import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rawHttp } from '@nefos/testing';

/** A service whose every request but one throws outside of any handler; it tells its port and what it counts. */
const PROGRAM = `
import { createApp, createFastServer, createLog, createMetrics, drain, listen, runMain } from '@nefos/service-kit';
await runMain(async () => {
  const log = createLog('t', 'info');
  const metrics = createMetrics('t', false);
  const app = createApp();
  let slow = 0;
  app.get('/counts', async (req, res) => res.end(JSON.stringify({ slow })));
  app.get('/slow', async (req, res) => {
    slow += 1;
    const text = () => metrics.registry.metrics();
    for (const end = Date.now() + 20_000; Date.now() < end && !new RegExp(req.query.until + '[^\\n]*} 1').test(await text());)
      await new Promise((r) => setTimeout(r, 20));
    res.end(await text());
  });
  app.get('/rejects', async (req, res) => {
    void Promise.reject(new Error('nobody awaits me'));
    res.end('fine');
  });
  app.get('/throws', (req, res) => {
    setTimeout(() => { throw new Error('nobody catches me'); }, 0);
    res.end('soon');
  });
  const server = createFastServer(app, { log, metrics });
  const port = await listen(server, 0, '127.0.0.1');
  process.stdout.write('PORT ' + port + '\\n');
  return { log, metrics, stop: async () => { await drain(server, 5); process.stdout.write('STOPPED\\n'); } };
});
`;
const run = async (env: Record<string, string> = {}) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: path.resolve(__dirname, '../../..'),
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 0));
  });
  const port = await new Promise<number>((resolve) => {
    child.stdout.on('data', (part: Buffer) => {
      output += part.toString();
      const found = /PORT (\d+)/.exec(output)?.[1];
      if (found) resolve(Number(found));
    });
  });
  return { child, port, exited, output: () => output };
};
const get = (port: number, where: string) =>
  rawHttp(port, `GET ${where} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, { answers: Infinity, seconds: 30 });

jest.setTimeout(60_000);
describe('runMain', () => {
  it('an uncaught exception is logged and counted; running requests end, then the process ends with 1', async () => {
    const { port, exited, output } = await run({ NEFOS_START_RESTARTS: '3' });
    const slow = get(port, '/slow?until=nefos_uncaught_exceptions_total');
    while ((await get(port, '/counts')).answers[0]?.body !== '{"slow":1}') await sleep(20);
    await get(port, '/throws');
    const { answers } = await slow;
    expect(answers[0]?.body).toMatch(/nefos_uncaught_exceptions_total{.*} 1/);
    expect(answers[0]?.body).toMatch(/nefos_restarts_total{.*} 3/);
    expect(await exited).toBe(1);
    expect(output().match(/nobody catches me/g)?.length).toBeGreaterThanOrEqual(1);
    expect(output().match(/"msg":"uncaught exception/g)).toHaveLength(1);
    expect(output()).toContain('STOPPED');
  });
  it('a rejection that nobody awaits is logged and counted, and the service goes on; SIGTERM ends it with 0', async () => {
    const { child, port, exited, output } = await run();
    expect((await get(port, '/rejects')).answers[0]?.body).toBe('fine');
    expect((await get(port, '/slow?until=nefos_unhandled_rejections_total')).answers[0]?.body).toMatch(
      /nefos_unhandled_rejections_total{.*} 1/,
    );
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(output()).toContain('"msg":"unhandled rejection"');
  });
});
