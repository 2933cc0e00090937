import type { Tx } from '@nefos/service-kit';
import { removeAllOf } from '../store/of-client.js';
import { removeAtDriver } from './touch.js';

/** What a client has of the network goes with the client; its instances are gone before. */
export const deleteNetworkOfClient = async (tx: Tx, clientId: number): Promise<void> => {
  for (const { kind, id, backendId } of await removeAllOf(tx, clientId))
    await removeAtDriver(tx, kind, { id, backendId });
};
