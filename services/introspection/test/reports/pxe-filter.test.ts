import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readIntrospectionConfig } from '../../src/config.js';
import { syncPxeFilter } from '../../src/reports/domain/pxe.js';
import { addAttributes } from '../../src/runs/domain/records.js';
import { useService } from '../support.js';
import { drain, newMac, report, send, waitingNode } from './support.js';

const directory = mkdtempSync(path.join(os.tmpdir(), 'nefos-pxe-'));
afterAll(() => rmSync(directory, { recursive: true }));
const service = useService({
  NEFOS_INTROSPECTION_PXE_FILTER: 'dnsmasq',
  NEFOS_INTROSPECTION_PXE_FILTER_DIR: directory,
});
const read = (name: string) => readFileSync(path.join(directory, name), 'utf8');
const UNKNOWN = 'unknown_hosts_filter';

it('a machine may boot the ramdisk while its run is open; unknown ones while any is', async () => {
  writeFileSync(path.join(directory, 'of-somebody-else'), 'stays');
  await syncPxeFilter(service.ctx);
  expect(read(UNKNOWN)).toBe('*:*:*:*:*:*,ignore\n');
  const m = await waitingNode(service);
  const known = newMac();
  await service.db.transaction((tx) => addAttributes(tx, m.uuid, [{ kind: 'mac', value: known }]));
  expect(await syncPxeFilter(service.ctx)).toBe(2);
  expect([read(UNKNOWN), read(known)]).toEqual(['*:*:*:*:*:*\n', `${known}\n`]);
  expect((await send(service, report(m))).status).toBe(200);
  await drain(service);
  await syncPxeFilter(service.ctx);
  expect([read(UNKNOWN), read(m.mac)]).toEqual(['*:*:*:*:*:*,ignore\n', `${m.mac},ignore\n`]);
  // Of no node any more: nothing is left of it.
  expect(readdirSync(directory).sort()).toEqual([m.mac, 'of-somebody-else', UNKNOWN].sort());
});
it('nothing changed: nothing is done, and no part of a file is left', async () => {
  await syncPxeFilter(service.ctx);
  expect(await syncPxeFilter(service.ctx)).toBe(0);
  expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
});
it('a directory that is not there is an error of the sweep, and right when it is there', async () => {
  rmSync(directory, { recursive: true });
  const m = await waitingNode(service);
  await service.db.transaction((tx) => addAttributes(tx, m.uuid, [{ kind: 'mac', value: m.mac }]));
  await expect(syncPxeFilter(service.ctx)).rejects.toThrow('ENOENT');
  mkdirSync(directory);
  await syncPxeFilter(service.ctx);
  expect(read(m.mac)).toBe(`${m.mac}\n`);
});
it.each([
  [{ NEFOS_INTROSPECTION_PXE_FILTER: 'dnsmasq' }, /PXE_FILTER_DIR: is missing/],
  [{ NEFOS_INTROSPECTION_DENY_UNKNOWN_MACS: 'yes', NEFOS_INTROSPECTION_NODE_NOT_FOUND: 'enroll' }, /DENY_UNKNOWN_MACS/],
  [{ NEFOS_INTROSPECTION_CALLBACK_NETWORKS: '10.0.0.0/8,nowhere' }, /CALLBACK_NETWORKS/],
  [{ NEFOS_INTROSPECTION_ENROLL_FIELDS: '[]' }, /ENROLL_FIELDS/],
])('the service does not start with %j', (env, text) => {
  const base = {
    NEFOS_INTROSPECTION_DATABASE_URL: 'postgres://localhost/x',
    NEFOS_INTROSPECTION_TOKEN: 'component-token-of-introspection',
    NEFOS_SECRET_KEYS: Buffer.alloc(32, 7).toString('base64'),
  };
  expect(() => readIntrospectionConfig({ ...base, ...env })).toThrow(text);
});
