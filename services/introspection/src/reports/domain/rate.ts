/** Addresses that are remembered at most; the one unseen for longest goes first. */
const ADDRESSES = 10_000;

/** How often each address may send: a bucket of `burst`, into which `perSecond` flow. */
export class Rate {
  readonly #buckets = new Map<string, { left: number; at: number }>();
  readonly #perSecond: number;
  readonly #burst: number;
  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }
  /** @param now milliseconds @returns whether it may; it counts then */
  allows(address: string, now: number): boolean {
    const before = this.#buckets.get(address);
    const flowed = before ? before.left + (Math.max(0, now - before.at) / 1000) * this.#perSecond : this.#burst;
    const left = Math.min(this.#burst, flowed);
    this.#buckets.delete(address);
    this.#buckets.set(address, { left: left < 1 ? left : left - 1, at: now });
    if (this.#buckets.size > ADDRESSES) this.#buckets.delete(this.#buckets.keys().next().value as string);
    return left >= 1;
  }
}
