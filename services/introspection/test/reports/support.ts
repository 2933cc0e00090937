import { randomUUID } from 'node:crypto';
import { aloneAnyway, run, sql } from '@nefos/service-kit';
import { Logger, runOnce } from 'graphile-worker';
import pino from 'pino';
import type { Response } from 'supertest';
import { insertNode } from '../../src/nodes/domain/register.js';
import { insertRun, addAttributes } from '../../src/runs/domain/records.js';
import { tasks } from '../../src/jobs.js';
import type { JsonObject } from '../../src/values.js';
import type { Service } from '../support.js';

const quiet = new Logger(() => () => undefined);
const log = pino({ level: 'silent' });
/** Runs jobs until none is due. */
export const drain = async ({ ctx, db }: Service): Promise<void> => {
  const context = { signal: new AbortController().signal, attempt: 1, maxAttempts: 25, log, alone: aloneAnyway };
  const taskList = Object.fromEntries(
    Object.entries(tasks(ctx)).map(([name, handler]) => [
      name,
      (payload: unknown) => handler(payload as Record<string, string>, context),
    ]),
  );
  await runOnce({ pgPool: db.pool, taskList, logger: quiet, noHandleSignals: true });
};
let serial = 0;
const hex = (n: number): string => (n % 256).toString(16).padStart(2, '0');
export const newMac = (): string => {
  serial += 1;
  return `52:54:00:01:${hex(serial >> 8)}:${hex(serial)}`;
};
export const newBmc = (): string => {
  serial += 1;
  return `198.18.${(serial >> 8) % 256}.${serial % 256}`;
};
export interface Waiting {
  uuid: string;
  run: string;
  bmc: string;
  mac: string;
  mac2: string;
}
/** A node whose machine is waited for, by the address of its BMC. */
export const waitingNode = async (service: Service, fields: JsonObject = {}): Promise<Waiting> => {
  const machine = { uuid: randomUUID(), run: randomUUID(), bmc: newBmc(), mac: newMac(), mac2: newMac() };
  await service.db.transaction(async (tx) => {
    await insertNode(service.ctx, tx, {
      uuid: machine.uuid,
      driver: 'fake-hardware',
      driver_info: { ipmi_address: machine.bmc },
      ...fields,
    });
    await insertRun(tx, {
      nodeUuid: machine.uuid,
      id: machine.run,
      cause: 'request',
      state: 'waiting',
      manageBoot: false,
    });
    await addAttributes(tx, machine.uuid, [{ kind: 'bmc_address', value: machine.bmc }]);
  });
  return machine;
};
const GIB = 1024 ** 3;
interface More {
  inventory?: JsonObject;
  top?: JsonObject;
}
/** The body of contract introspection §5.1, of this machine. */
export const report = ({ bmc, mac, mac2 }: Pick<Waiting, 'bmc' | 'mac' | 'mac2'>, more: More = {}): JsonObject => ({
  inventory: {
    bmc_address: bmc,
    cpu: { count: 4, architecture: 'x86_64' },
    memory: { physical_mb: 12288 },
    disks: [{ name: '/dev/sda', size: 1000 * GIB }],
    interfaces: [
      { name: 'eth1', mac_address: mac, ipv4_address: '1.2.1.2' },
      { name: 'eth2', mac_address: mac2 },
    ],
    ...more.inventory,
  },
  root_disk: { name: '/dev/sda', size: 1000 * GIB },
  boot_interface: `01-${mac.replaceAll(':', '-')}`,
  ...more.top,
});
export const send = (service: Service, body: JsonObject | string | Buffer, query = ''): Promise<Response> =>
  service
    .call('post', `/v1/continue${query}`, '')
    .set('Content-Type', 'application/json')
    .send(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body))
    .then((res) => res);
export const messageOf = (res: Response): string => (res.body as { error: { message: string } }).error.message;
export interface RunRow {
  state: string;
  error: string | null;
  finished: boolean;
  warnings: string[];
  phases: { phase: string }[];
}
export const runOf = async ({ db }: Service, uuid: string): Promise<RunRow> => {
  const [row] = await sql<RunRow>(
    db,
    'select state, error, finished_at is not null finished, warnings, phases from run where node_uuid = $1',
    [uuid],
  );
  if (!row) throw new Error('no run');
  return row;
};
export const nodeOf = async ({ db }: Service, uuid: string) => {
  const [row] = await sql<{ properties: JsonObject; extra: JsonObject; traits: string[]; updatedAt: string | null }>(
    db,
    'select properties, extra, traits, updated_at "updatedAt" from node where uuid = $1',
    [uuid],
  );
  if (!row) throw new Error('no node');
  return row;
};
export const portsOf = ({ db }: Service, uuid: string) =>
  sql<{ address: string; pxe: boolean; extra: JsonObject }>(
    db,
    'select address, pxe_enabled pxe, extra from port where node_uuid = $1 order by id',
    [uuid],
  );
export const setState = ({ db }: Service, uuid: string, state: string) =>
  run(db, 'update run set state = $2, state_at = now() where node_uuid = $1', [uuid, state]);
