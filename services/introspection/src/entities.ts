import { outboxEvents } from '@nefos/service-kit';
import { inspectionSchedules, runAttributes, runData, runHistory, runs } from './runs/store/tables.js';

/** Every table of this service, area by area. */
export const entities = [runs, runAttributes, runData, runHistory, inspectionSchedules, outboxEvents];
