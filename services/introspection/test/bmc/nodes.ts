import { randomUUID } from 'node:crypto';
import { run, sql } from '@nefos/service-kit';
import { sealDriverInfo } from '../../src/nodes/domain/driver-secrets.js';
import type { JsonObject } from '../../src/values.js';
import type { Service } from '../support.js';

/** A node of a driver, with a machine of its own where it is `fake-hardware`. @returns its uuid */
export const addNode = async (
  { db, ctx }: Pick<Service, 'db' | 'ctx'>,
  driver: string,
  info: JsonObject = {},
  machine: { power?: string } = {},
): Promise<string> => {
  const uuid = randomUUID();
  const { driverInfo, sealedDriverInfo } = sealDriverInfo(ctx, uuid, info);
  await run(db, 'insert into node (uuid, driver, driver_info, sealed_driver_info) values ($1, $2, $3, $4)', [
    ...[uuid, driver, JSON.stringify(driverInfo), sealedDriverInfo],
  ]);
  if (driver === 'fake-hardware')
    await run(db, 'insert into simulated_machine (node_uuid, power_state) values ($1, $2)', [
      ...[uuid, machine.power ?? 'power off'],
    ]);
  return uuid;
};
export interface MachineRow {
  power_state: string;
  boot_device: string;
  persistent: boolean;
  powered_on: number;
}
export const machineOf = async ({ db }: Pick<Service, 'db'>, uuid: string): Promise<MachineRow | undefined> =>
  (
    await sql<MachineRow & Record<string, unknown>>(db, 'select * from simulated_machine where node_uuid = $1', [uuid])
  )[0];
export interface NodeRow {
  power_state: string | null;
  target_power_state: string | null;
  last_error: string | null;
}
export const nodeRow = async ({ db }: Pick<Service, 'db'>, uuid: string): Promise<NodeRow | undefined> =>
  (await sql<NodeRow & Record<string, unknown>>(db, 'select * from node where uuid = $1', [uuid]))[0];
export const auditOf = ({ db }: Pick<Service, 'db'>, uuid: string) =>
  sql<{ actor: string; operation: string; result: string; details: JsonObject }>(
    db,
    'select actor, operation, result, details from audit where node_uuid = $1 order by id',
    [uuid],
  );
