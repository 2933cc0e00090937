import { outboxEvents } from '@nefos/service-kit';
import { auditRecords } from './access/store/audit.js';
import { idempotencyKeys } from './access/store/idempotency-keys.js';
import { inspectionSchedules, runAttributes, runData, runHistory, runs } from './runs/store/tables.js';

/** Every table of this service, area by area. */
export const entities = [
  auditRecords,
  idempotencyKeys,
  runs,
  runAttributes,
  runData,
  runHistory,
  inspectionSchedules,
  outboxEvents,
];
