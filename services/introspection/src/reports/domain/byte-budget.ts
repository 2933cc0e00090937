import { unavailable } from '@nefos/service-kit';

/** Of a budget, what one sender may have: a stranger who fills it leaves the rest to all others. */
const SHARE = 1 / 4;
/** Bytes that all bodies of one kind may take in memory together while they are read and processed. */
export class ByteBudget {
  #left: number;
  readonly #share: number;
  readonly #taken = new Map<string, number>();
  constructor(size: number) {
    this.#left = size;
    this.#share = size * SHARE;
  }
  /** @throws Fault unavailable report.busy */
  take(sender: string, bytes: number): void {
    const taken = (this.#taken.get(sender) ?? 0) + bytes;
    if (bytes > this.#left || taken > this.#share) throw unavailable('report.busy', { retryAfter: 5 });
    this.#left -= bytes;
    this.#taken.set(sender, taken);
  }
  /** Gives back what was taken. */
  give(sender: string, bytes: number): void {
    const taken = (this.#taken.get(sender) ?? 0) - bytes;
    this.#left += bytes;
    if (taken > 0) this.#taken.set(sender, taken);
    else this.#taken.delete(sender);
  }
}
