import { outboxEvents } from '@nefos/service-kit';

/** Every table of this service, area by area. */
export const entities = [outboxEvents];
