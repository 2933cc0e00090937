import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { boundLog, lastLines } from './qemu-console.js';
import { writeSeeds } from './qemu-create.js';
import { createOnce, discard, writeWhole } from './qemu-files.js';
import { createLocks } from './qemu-lock.js';
import { checkedId, isWithin, regionDirectory } from './qemu-paths.js';
import { findProcess, processOf, startError } from './qemu-process.js';
import { hostnameOf, seedFiles, writeSeed } from './qemu-seed.js';
import { qemuKind } from './qemu-kind.js';
import { parseVm } from './qemu-state.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-qemu-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('files of machines', () => {
  it('are written whole, for their own user only', async () => {
    const file = path.join(dir, 'vm.json');
    await Promise.all(['one', 'two', 'three'].map((text) => writeWhole(file, text)));
    expect(['one', 'two', 'three']).toContain(readFileSync(file, 'utf8'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['vm.json']);
    expect([await createOnce(file, 'x'), await createOnce(`${file}.2`, 'x')]).toEqual([false, true]);
  });
  it('a directory that is discarded is gone at once; one that is not there is, too', async () => {
    await writeSeed(path.join(dir, 'seed'), { a: Buffer.from('a') });
    expect(statSync(path.join(dir, 'seed')).mode & 0o777).toBe(0o700);
    for (const _time of [1, 2]) await discard(path.join(dir, 'seed'), path.join(dir, 'trash'));
    expect(readdirSync(dir)).toEqual(['trash']);
    expect(readdirSync(path.join(dir, 'trash'))).toEqual([]);
  });
  it('only ids become paths; a region stays in its directory', () => {
    expect(() => checkedId('../../etc')).toThrow('no id');
    for (const region of ['..', '.', 'a/../../b', 'Région 1', 'x'.repeat(300)]) {
      const found = regionDirectory('/all', region);
      expect([path.dirname(found), path.basename(found).length <= 120]).toEqual(['/all', true]);
    }
    expect([
      isWithin('/a/b', ['/a']),
      isWithin('/a', ['/a']),
      isWithin('/ab', ['/a']),
      isWithin('/a/../b', ['/a']),
    ]).toEqual([true, true, false, false]);
  });
  it('a directory must be one that the operator allows', () => {
    const settings = qemuKind.settings.parse({ directory: '/srv/machines' });
    const operator = (roots: string[]) => ({ NEFOS_COMPUTE_QEMU_DIR: dir, NEFOS_COMPUTE_QEMU_ROOTS: roots });
    expect(qemuKind.together(settings, {}, operator([]))).toMatchObject([{ path: ['settings', 'directory'] }]);
    expect(qemuKind.together(settings, {}, operator(['/srv']))).toEqual([]);
    expect(qemuKind.settings.safeParse({ directory: 'relative' }).success).toBe(false);
  });
  it('a record that is cut off is said to be unreadable', () => {
    expect(() => parseVm('{"version":1,')).toThrow('can not be read');
    expect(() => parseVm('{"version":2}')).toThrow('can not be read');
  });
});
describe('the serial log', () => {
  it('is bounded, and keeps its end', async () => {
    const line = (n: number): string => `line ${String(n).padStart(6, '0')}\r\n`;
    writeFileSync(path.join(dir, 'console.log'), Array.from({ length: 150_000 }, (_, n) => line(n)).join(''));
    await boundLog(dir);
    expect(statSync(path.join(dir, 'console.log')).size).toBe(0);
    expect(statSync(path.join(dir, 'console.log.1')).size).toBe(512 * 1024);
    writeFileSync(path.join(dir, 'console.log'), 'after\r\n');
    expect(await lastLines(dir, 2)).toBe('line 149999\nafter\n');
  });
});
describe('the seed', () => {
  it('names are those of hosts; what a user wrote stays a value', () => {
    expect(['Web, one', '---', 'ÄÖ', 'a'.repeat(80)].map(hostnameOf)).toEqual([
      'web-one',
      'instance',
      'instance',
      'a'.repeat(63),
    ]);
    const own = {
      mac: '52:54:00:00:00:01',
      bridge: null,
      address: '10.0.0.5',
      cidr: '10.0.0.0/24',
      gatewayIp: '10.0.0.1',
    };
    const bridged = { ...own, mac: '52:54:00:00:00:02', bridge: 'br0' };
    const files = seedFiles({ instanceId: 'i', name: 'x\n- y: "z', nics: [own, bridged] }, {});
    expect(JSON.parse(String(files['meta-data']))).toEqual({ 'instance-id': 'i', 'local-hostname': 'x---y-z' });
    expect(JSON.parse(String(files['network-config']))).toMatchObject({
      ethernets: {
        nic0: { match: { macaddress: own.mac }, dhcp4: true },
        nic1: { match: { macaddress: bridged.mac }, addresses: ['10.0.0.5/24'], gateway4: '10.0.0.1' },
      },
    });
    expect(String(files['user-data'])).toBe('#cloud-config\n{}\n');
  });
});
describe('the seed without the password', () => {
  it.each([
    ['keys', Buffer.from('#!/bin/sh\n'), ['ssh-ed25519 A'], '\n'],
    ['user data only', Buffer.from('#!/bin/sh\n'), [], '\n'],
    ['user data that is compressed', gzipSync('#!/bin/sh\n'), [], '\0'],
    ['nothing', undefined, [], '\n'],
  ])('is as long as the one with it, with %s', async (_what, userData, sshKeys, filler) => {
    const guest = { rootPassword: 'a very long secret of the guest', sshKeys, ...(userData && { userData }) };
    await writeSeeds(dir, '', { instanceId: 'i', name: 'x', nics: [] }, guest);
    const [first, later] = ['seed', 'seed-later'].map((name) => readFileSync(path.join(dir, name, 'user-data')));
    expect(later?.length).toBe(first?.length);
    expect(later?.at(-1)).toBe(filler.charCodeAt(0));
    expect([String(later).includes('secret'), String(later).includes('chpasswd')]).toEqual([false, false]);
    if (filler === '\0' && later) expect(gunzipSync(later).toString()).toBe('#!/bin/sh\n');
  });
});
describe('the lock of a machine', () => {
  it('lets one in at a time, and the next one after a failure', async () => {
    const locks = createLocks(dir);
    const seen: string[] = [];
    const work = (name: string) =>
      locks.hold('m', async () => {
        seen.push(`${name} in`);
        await new Promise((r) => {
          setTimeout(r, 10);
        });
        seen.push(`${name} out`);
        if (name === 'a') throw new Error('failed');
      });
    const all = [work('a'), work('b'), work('c')];
    expect(await locks.tryHold('m', () => Promise.resolve('in'))).toBeUndefined();
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    expect(await locks.tryHold('m', () => Promise.resolve('in'))).toBe('in');
    expect(readdirSync(dir)).toEqual([]);
  });
  it('of another process: waited for, and free at once when that one is killed', async () => {
    const hold =
      "const name = process.argv[1]; require('node:net').createServer().listen('\\0' + name, () => console.log('held'))";
    const { createHash } = await import('node:crypto');
    const name = `nefos-qemu-${createHash('sha256').update(`${dir}\nm`).digest('hex').slice(0, 40)}`;
    const child = spawn(process.execPath, ['-e', hold, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const locks = createLocks(dir);
    expect(await locks.tryHold('m', () => Promise.resolve('in'))).toBeUndefined();
    const waiting = locks.hold('m', () => Promise.resolve('in'));
    child.kill('SIGKILL');
    expect(await waiting).toBe('in');
  });
});
describe("a machine's process", () => {
  it('is none whose arguments or directory are others', async () => {
    expect(await processOf(dir, 'x')).toBeNull();
    writeFileSync(path.join(dir, 'pid'), `${process.pid}\n`);
    expect(await processOf(dir, '6f0d9c1e-0000-4000-8000-00000000000a')).toBeNull();
    const id = '6f0d9c1e-0000-4000-8000-00000000000b';
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)', id], { cwd: dir, stdio: 'ignore' });
    writeFileSync(path.join(dir, 'pid'), `${child.pid}\n`);
    try {
      expect(await processOf(dir, id)).toBe(child.pid);
      expect(await processOf(os.tmpdir(), id)).toBeNull();
      // One that has written no pid file yet is found all the same.
      rmSync(path.join(dir, 'pid'));
      expect([await processOf(dir, id), await findProcess(dir, id)]).toEqual([null, child.pid]);
    } finally {
      child.kill('SIGKILL');
    }
  });
  it.each([
    ["Could not set up host forwarding rule 'tcp:127.0.0.1:1-:22'", 'CONFLICT'],
    ['Failed to get "write" lock\nIs another process using the image?', 'CONFLICT'],
    ['cannot set up guest memory: Cannot allocate memory', 'NO_CAPACITY'],
    ['something else', 'INTERNAL'],
  ])('that ends with %s: %s', (said, code) => {
    expect(startError(said)).toMatchObject({ code });
    expect(startError(said).message).not.toContain('127.0.0.1');
  });
});
