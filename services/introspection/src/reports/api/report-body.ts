import { bodyParts, Fault, tooLarge } from '@nefos/service-kit';
import type { Request } from 'express';
import { ByteBudget } from '../domain/byte-budget.js';
import { LARGE } from '../domain/report-workers.js';

/** Bytes that a report may have: logs are in it (contract introspection §1.2). */
const REPORT_BYTES = 32 * 1024 * 1024;
/**
 * Memory for bodies. Large ones have a budget of their own, so that whoever sends some of them slowly takes nothing
 * from the others; what has arrived counts, not what is announced.
 */
const small = new ByteBudget(64 * 1024 * 1024);
const large = new ByteBudget(192 * 1024 * 1024);
/** A large body comes at least this fast, after a while; a small one is whole by then. */
const BYTES_PER_SECOND = 64 * 1024;
const GRACE_MS = 10_000;
const SMALL_MS = 20_000;
const tooSlow = (): Fault => new Fault('invalid', 'body.slow', { reason: 'it comes too slowly' });

/** What a thread will read is shared with it, and never copied. */
const roomFor = (bytes: number): Buffer =>
  bytes > LARGE ? Buffer.from(new SharedArrayBuffer(bytes)) : Buffer.allocUnsafe(bytes);
/** What has come of a body. It grows in one piece: a buffer for each of a million small parts would fill the memory. */
class Arrived {
  #budget = small;
  #bytes = 0;
  #whole: Buffer = Buffer.alloc(0);
  readonly #sender: string;
  constructor(sender: string) {
    this.#sender = sender;
  }
  /** @throws Fault too_large; unavailable report.busy */
  add(part: Buffer): void {
    const size = this.#bytes + part.length;
    if (size > REPORT_BYTES) throw tooLarge(REPORT_BYTES);
    if (this.#budget === small && size > LARGE) {
      large.take(this.#sender, this.#bytes);
      small.give(this.#sender, this.#bytes);
      this.#budget = large;
    }
    this.#budget.take(this.#sender, part.length);
    if (this.#bytes === 0) this.#whole = part;
    else {
      if (size > this.#whole.length) {
        const grown = roomFor(Math.min(REPORT_BYTES, Math.max(2 * this.#whole.length, size)));
        this.#whole.copy(grown, 0, 0, this.#bytes);
        this.#whole = grown;
      }
      part.copy(this.#whole, this.#bytes);
    }
    this.#bytes = size;
  }
  /** Whether less has come than should have. @param ms since it began */
  isLate(ms: number): boolean {
    return this.#budget === small ? ms > SMALL_MS : this.#bytes < ((ms - GRACE_MS) / 1000) * BYTES_PER_SECOND;
  }
  get body(): Buffer {
    return this.#whole.subarray(0, this.#bytes);
  }
  release(): void {
    this.#budget.give(this.#sender, this.#bytes);
  }
}
/**
 * The body of a report, whatever its type, and the work with it; meanwhile its bytes count.
 * @param sender whose share of the memory it takes
 * @throws Fault too_large; invalid body.aborted, body.slow; unavailable report.busy
 */
export const withReportBody = async <T>(
  req: Request,
  sender: string,
  work: (raw: Buffer) => Promise<T>,
): Promise<T> => {
  if (Number(req.headers['content-length'] ?? 0) > REPORT_BYTES) throw tooLarge(REPORT_BYTES);
  const arrived = new Arrived(sender);
  const began = Date.now();
  const stop = new AbortController();
  const pace = setInterval(() => arrived.isLate(Date.now() - began) && stop.abort(tooSlow()), 1000).unref();
  try {
    for await (const part of bodyParts(req, stop.signal)) arrived.add(part);
    clearInterval(pace);
    return await work(arrived.body);
  } finally {
    clearInterval(pace);
    arrived.release();
  }
};
