import { em, type Queryable, type Tx } from '@nefos/service-kit';
import { operationSecrets } from '../tables.js';

/** The row goes with the end of its operation (`endOperation`, `cancelOperations`). */
export const insertSecret = async (tx: Tx, operationId: string, sealed: string): Promise<void> => {
  await em(tx).insert(operationSecrets, { operationId, sealed });
};
export const findSecret = async (q: Queryable, operationId: string): Promise<string | undefined> =>
  (await em(q).findOneBy(operationSecrets, { operationId }))?.sealed;
