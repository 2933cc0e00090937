import { enqueue, type Tx } from '@nefos/service-kit';

/** What is to go when nothing needs it any more can go, perhaps. */
export const SWEEP_DOOMED = 'volume.doomed';
export const followDoomed = (tx: Tx, one: { doomed: boolean } | undefined): Promise<void> =>
  one?.doomed ? enqueue(tx, SWEEP_DOOMED, {}, { key: SWEEP_DOOMED }) : Promise.resolve();
