import { outboxEvents } from '@nefos/service-kit';
import { auditRecords } from './access/store/audit.js';
import { idempotencyKeys } from './access/store/idempotency-keys.js';
import { loadedFixtures } from './access/store/loaded-fixtures.js';
import { powerOrders } from './bmc/store/power-orders.js';
import { simulatedMachines } from './bmc/store/simulated-machines.js';
import { bmcTurns, rebootTurn } from './bmc/store/turns.js';
import { nodes, ports } from './nodes/store/nodes.js';
import { rules } from './rules/store/rules.js';
import { inspectionSchedules, runAttributes, runData, runHistory, runs } from './runs/store/tables.js';

/** Every table of this service, area by area. */
export const entities = [
  ...[auditRecords, idempotencyKeys, loadedFixtures],
  ...[nodes, ports],
  ...[powerOrders, bmcTurns, rebootTurn, simulatedMachines],
  ...[rules],
  ...[runs, runAttributes, runData, runHistory, inspectionSchedules, outboxEvents],
];
