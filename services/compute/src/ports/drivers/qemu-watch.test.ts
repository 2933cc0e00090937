import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { hostUnder } from '../../../test/ports/qemu-host.js';
import type { QemuHost } from './qemu-host.js';
import { watchMachines } from './qemu-watch.js';

let root: string;
let host: QemuHost;
let dir: string;
const id = randomUUID();
let end: (() => void) | undefined;
let agent: Server | undefined;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'nefos-qemu-'));
  host = hostUnder(root);
  dir = host.places.machine(id);
  mkdirSync(dir, { recursive: true });
});
afterEach(() => {
  end?.();
  agent?.close();
  rmSync(root, { recursive: true, force: true });
});
const until = async (done: () => boolean, ms = 5000): Promise<boolean> => {
  for (const last = Date.now() + ms; Date.now() < last;) {
    if (done()) return true;
    await new Promise((r) => {
      setTimeout(r, 10);
    });
  }
  return false;
};
const log = (): string => path.join(dir, 'console.log');
const write = (): void => writeFileSync(log(), 'x'.repeat(3 * 1024 * 1024), { flag: 'a' });
const seeds = (): void => {
  for (const [name, text] of [
    ['seed', 'with a password'],
    ['seed-later', 'without'],
  ] as const) {
    mkdirSync(path.join(dir, name));
    writeFileSync(path.join(dir, name, 'user-data'), text);
  }
};
const record = (more: object = {}): void =>
  writeFileSync(
    path.join(dir, 'vm.json'),
    JSON.stringify({ version: 1, portalId: id, rebuilt: null, rescue: null, task: null, ...more }),
  );
/** Answers as an agent does. */
const listen = (): Promise<void> =>
  new Promise((resolve) => {
    agent = createServer((socket) =>
      socket.on('data', (data) => {
        for (const line of String(data).split('\n').filter(Boolean)) {
          const asked = JSON.parse(line) as { execute: string; arguments?: { id: number } };
          socket.write(`${JSON.stringify({ return: asked.execute === 'guest-sync' ? asked.arguments?.id : {} })}\n`);
        }
      }),
    ).listen(path.join(dir, 'qga.sock'), resolve);
  });
const seed = (): string => readFileSync(path.join(dir, 'seed', 'user-data'), 'utf8');

describe('machines are looked after', () => {
  it('a serial log is bounded again and again, until the driver is closed', async () => {
    end = watchMachines(host, { logsMs: 20 });
    for (const _time of [1, 2]) {
      write();
      expect(await until(() => statSync(log()).size === 0)).toBe(true);
    }
    expect(statSync(`${log()}.1`).size).toBe(512 * 1024);
    end();
    write();
    expect(await until(() => statSync(log()).size === 0, 200)).toBe(false);
  });
  it('the password goes from the seed when the agent has answered twice', async () => {
    seeds();
    record();
    await listen();
    end = watchMachines(host, { agentsMs: 20 });
    expect(await until(() => !existsSync(path.join(dir, 'seed-later')))).toBe(true);
    expect(seed()).toBe('without');
  });
  it.each([
    ['no agent answers', {}, false],
    ['the agent is of a rescue system', { rescue: { iso: false } }, true],
    ['the machine changes', { task: { kind: 'rebuild' } }, true],
  ])('it stays while %s', async (_title, more, answers) => {
    seeds();
    record(more);
    if (answers) await listen();
    end = watchMachines(host, { agentsMs: 20 });
    expect(await until(() => !existsSync(path.join(dir, 'seed-later')), 300)).toBe(false);
    expect(seed()).toBe('with a password');
  });
});
