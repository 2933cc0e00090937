import { Fault, type Tx } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import type { Node } from '../../nodes/domain/nodes.js';
import type { Run } from '../store/runs.js';
import type { Task } from './tasks.js';

/** @throws Fault invalid node.power: why the machine can not be switched */
export const demandPower = (_ctx: IntrospectionCtx, node: Pick<Node, 'uuid'>): void => {
  throw new Fault('invalid', 'node.power', { message: `Node ${node.uuid} can not be switched yet.` });
};
export interface RunOrder {
  target: 'rebooting' | 'power off';
  /** The job that goes on with the run when the order has ended; absent: none. */
  then?: Task;
}
/**
 * Orders that the machine of a run is switched.
 * @returns `busy`: somebody else switches it at this moment
 */
export const orderPower = (_ctx: IntrospectionCtx, _tx: Tx, _run: Run, _order: RunOrder): Promise<'ordered' | 'busy'> =>
  Promise.resolve('busy');
/** Whether an order is still being carried out. */
export const isOrdered = (_tx: Tx, _orderId: string): Promise<boolean> => Promise.resolve(false);
