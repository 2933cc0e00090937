import { createHash } from 'node:crypto';
import { Fault, type Tx } from '@nefos/service-kit';
import { insertKey } from '../store/idempotency-keys.js';

const KEY = /^[\x21-\x7e]{1,255}$/;
/**
 * Takes an `Idempotency-Key` for a node: the first request with it takes effect, others have had theirs (contract
 * introspection §9). Only a hash is kept.
 * @returns whether it is the first
 * @throws Fault invalid idempotency.key
 */
export const takeKey = async (tx: Tx, key: string, nodeUuid: string): Promise<boolean> =>
  insertKey(
    tx,
    createHash('sha256')
      .update(`${nodeUuid} ${demandKey(key)}`)
      .digest(),
    nodeUuid,
  );
/** @throws Fault invalid idempotency.key */
export const demandKey = (key: string): string => {
  if (!KEY.test(key)) throw new Fault('invalid', 'idempotency.key');
  return key;
};
