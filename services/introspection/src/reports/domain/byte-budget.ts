import { unavailable } from '@nefos/service-kit';

/** Bytes that all bodies of one kind may take in memory together while they are read and processed. */
export class ByteBudget {
  #left: number;
  constructor(size: number) {
    this.#left = size;
  }
  /** @throws Fault unavailable report.busy */
  take(bytes: number): void {
    if (bytes > this.#left) throw unavailable('report.busy', { retryAfter: 5 });
    this.#left -= bytes;
  }
  give(bytes: number): void {
    this.#left += bytes;
  }
}
