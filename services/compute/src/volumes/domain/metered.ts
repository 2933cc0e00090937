import type { Tx } from '@nefos/service-kit';
import type { Volume } from '../store/volumes.js';

// Where the size of a volume begins, changes and ends, each once, in the transaction that makes it true: for facts that
// metering hears. Nothing is told yet.

type Sized = Pick<Volume, 'id' | 'clientId' | 'regionId' | 'sizeGb' | 'typeId' | 'status'>;
/** The volume is there, with its size. */
export const volumeBegins = (_tx: Tx, _volume: Sized): Promise<void> => Promise.resolve();
/** @param volume as it was @param sizeGb from now on */
export const volumeChanges = (_tx: Tx, _volume: Sized, _sizeGb: number): Promise<void> => Promise.resolve();
/** The volume is gone; it may never have begun, when its making has failed. */
export const volumeEnds = (_tx: Tx, _volume: Sized): Promise<void> => Promise.resolve();
