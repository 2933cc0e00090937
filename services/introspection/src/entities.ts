import { outboxEvents } from '@nefos/service-kit';
import { nodes, ports } from './nodes/store/nodes.js';

/** Every table of this service, area by area. */
export const entities = [nodes, ports, outboxEvents];
